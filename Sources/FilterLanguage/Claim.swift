internal import WireFormat

/// A term of an expression, or its opposite, as something that has to hold of one field.
struct Claim: Sendable {
    let path: FieldPath
    let isNegated: Bool
    let question: Question

    enum Question: Equatable, Sendable {
        case comparison(Comparator, Literal)
        case call(FunctionCall)
    }

    /// What the literal of a comparison is beside a text.
    let type: LiteralType
    let literal: [UInt8]

    init(_ comparison: Comparison, isNegated: Bool) {
        let literal = comparison.literal
        path = comparison.path
        self.isNegated = isNegated
        question = .comparison(comparison.comparator, literal)
        self.literal = Array(literal.text.utf8)
        type = literal.isPattern ? .text : LiteralType(self.literal)
    }

    init(_ call: FunctionCall, isNegated: Bool) {
        path = call.path
        self.isNegated = isNegated
        question = .call(call)
        literal = []
        type = .text
    }

    /// In canonical form, with its NOT.
    var text: String {
        let term =
            switch question {
            case .comparison(let comparator, let literal):
                Comparison(path: path, comparator: comparator, literal: literal).text
            case .call(let call): call.text
            }
        return (isNegated ? "NOT " : "") + term
    }

    /// The same term with the other sign.
    func isOpposite(of other: Claim) -> Bool {
        isNegated != other.isNegated && path == other.path && question == other.question
    }

    /// The comparator that holds among ordered values exactly when the claim does.
    var comparator: Comparator? {
        guard case .comparison(let comparator, _) = question else { return nil }
        guard isNegated else { return comparator }
        switch comparator {
        case .less: return .greaterOrEqual
        case .lessOrEqual: return .greater
        case .greater: return .lessOrEqual
        case .greaterOrEqual: return .less
        case .notEqual: return .equal
        case .equal, .has: return .notEqual
        }
    }

    /// Whether the claim is true of a field that is one of these; nil where that depends on more.
    func truth(for kind: SimpleKind) -> Bool? {
        let truth: Bool?
        switch (question, kind) {
        case (.call, _), (.comparison, .orphan): truth = false
        case (.comparison(let comparator, let literal), .boolean(let boolean)):
            truth = Self.truth(comparator, literal, for: boolean)
        case (.comparison(let comparator, let literal), .absent(let boolean)):
            let isFalse = boolean != nil && ["true", "false"].contains(literal.text)
            truth =
                isFalse && !literal.isStar
                ? Self.truth(comparator, literal, for: false) : comparator == .notEqual
        case (.comparison(.has, let literal), .object):
            truth = literal.isStar ? true : nil
        case (.comparison(.has, _), .list):
            truth = nil
        case (.comparison, .object), (.comparison, .list):
            truth = false
        }
        return truth.map { $0 != isNegated }
    }

    private static func truth(
        _ comparator: Comparator, _ literal: Literal, for boolean: Bool
    ) -> Bool {
        if comparator.isOrdering { return false }
        if comparator == .has, literal.isStar { return true }
        let isEqual = !literal.isPattern && literal.text == (boolean ? "true" : "false")
        return comparator == .notEqual ? !isEqual : isEqual
    }

    // MARK: Values in order

    /// The literal as a number, nil if it is none; so with the other two.
    var number: OrderedNumber? {
        if case .number(let number) = type { OrderedNumber(number, literal) } else { nil }
    }

    var timestamp: Timestamp? {
        if case .timestamp(let timestamp) = type { timestamp } else { nil }
    }

    var duration: Duration? {
        if case .duration(let duration) = type { duration } else { nil }
    }
}
