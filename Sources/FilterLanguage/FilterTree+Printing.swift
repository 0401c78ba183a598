internal import WireFormat

/// Writing a tree as an expression that reads back as the same tree.
extension FilterTree {
    /// The canonical text: AND spelled out, parentheses around every group.
    var text: String {
        switch self {
        case .everything: ""
        case .all(let members): members.map(\.memberText).joined(separator: " AND ")
        case .any(let members): members.map(\.memberText).joined(separator: " OR ")
        case .not(let inner): "NOT " + (inner.isNegation ? "(\(inner.text))" : inner.memberText)
        case .comparison(let comparison): comparison.text
        case .word(let literal): literal.printed
        }
    }

    /// The text inside an AND, OR or NOT.
    private var memberText: String {
        switch self {
        case .all, .any: "(" + text + ")"
        case .everything, .not, .comparison, .word: text
        }
    }

    /// A second negation of a term needs parentheses.
    private var isNegation: Bool {
        if case .not = self { true } else { false }
    }

    /// How many groups the canonical text has inside one another.
    var nesting: Int {
        switch self {
        case .all(let members), .any(let members): members.map(\.memberNesting).max() ?? 0
        case .not(let inner): inner.memberNesting + (inner.isNegation ? 1 : 0)
        case .everything, .comparison, .word: 0
        }
    }

    private var memberNesting: Int {
        switch self {
        case .all, .any: nesting + 1
        case .not, .everything, .comparison, .word: nesting
        }
    }
}

extension Comparison {
    /// `FIELD = VALUE`, without spaces around `:`.
    var text: String {
        let left = path.segments.map(Self.text(of:)).joined(separator: ".")
        guard comparator != .has else { return "\(left):\(literal.printed)" }
        return "\(left) \(comparator.rawValue) \(literal.printed)"
    }

    private static func text(of segment: FieldSegment) -> String {
        segment.isQuoted ? Literal(text: segment.text, isQuoted: true).printed : segment.text
    }
}

extension Literal {
    /// The literal as it is written, in double quotes if it was in any.
    var printed: String {
        guard !isStar else { return isQuoted ? "\"*\"" : "*" }
        let quote = isQuoted ? "\"" : ""
        let start = quote + (isOpenAtStart ? "*" : "")
        let end = (isOpenAtEnd ? "*" : "") + quote
        return start + (isQuoted ? escaped : text) + end
    }

    private var escaped: String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\", "*":
                result.append("\\")
                result.append(scalar)
            case "\n": result += "\\n".unicodeScalars
            case "\r": result += "\\r".unicodeScalars
            case "\t": result += "\\t".unicodeScalars
            case _ where scalar.properties.generalCategory == .control:
                let digits = String(scalar.value, radix: 16)
                let padding = String(repeating: "0", count: 4 - digits.count)
                result += "\\u\(padding)\(digits)".unicodeScalars
            default:
                result.append(scalar)
            }
        }
        return String(result)
    }
}
