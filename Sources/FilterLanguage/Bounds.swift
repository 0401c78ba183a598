/// What remains of an ordered kind of values once some comparisons have to hold.
struct Bounds<Value: Comparable> {
    private var lower: (value: Value, isIncluded: Bool)?
    private var upper: (value: Value, isIncluded: Bool)?
    private var excluded: [Value] = []

    /// Takes away what does not compare so; `:` means equality here.
    mutating func require(_ comparator: Comparator, _ value: Value) {
        switch comparator {
        case .less: lowerUpper(to: value, isIncluded: false)
        case .lessOrEqual: lowerUpper(to: value, isIncluded: true)
        case .greater: raiseLower(to: value, isIncluded: false)
        case .greaterOrEqual: raiseLower(to: value, isIncluded: true)
        case .notEqual: excluded.append(value)
        case .equal, .has:
            raiseLower(to: value, isIncluded: true)
            lowerUpper(to: value, isIncluded: true)
        }
    }

    /// Nothing remains. Between two values there is taken to be another one, which can only miss
    /// a proof.
    var isEmpty: Bool {
        guard let lower, let upper else { return false }
        if lower.value > upper.value { return true }
        guard lower.value == upper.value else { return false }
        return !lower.isIncluded || !upper.isIncluded || excluded.contains(lower.value)
    }

    /// The one value that may remain; nil while there may be several.
    var single: Value? {
        guard let lower, let upper, lower.value == upper.value else { return nil }
        return lower.value
    }

    private mutating func raiseLower(to value: Value, isIncluded: Bool) {
        guard let lower, value <= lower.value else { return self.lower = (value, isIncluded) }
        if value == lower.value { self.lower = (value, isIncluded && lower.isIncluded) }
    }

    private mutating func lowerUpper(to value: Value, isIncluded: Bool) {
        guard let upper, value >= upper.value else { return self.upper = (value, isIncluded) }
        if value == upper.value { self.upper = (value, isIncluded && upper.isIncluded) }
    }
}

/// A text in the order of its bytes.
struct OrderedText: Comparable {
    let bytes: [UInt8]

    static func < (left: OrderedText, right: OrderedText) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// A number that has its digits with it.
struct OrderedNumber: Comparable {
    private let text: [UInt8]
    private let number: Number

    /// - Parameter text: what the number was read from.
    init(_ number: Number, _ text: [UInt8]) {
        self.number = number
        self.text = text
    }

    static func == (left: OrderedNumber, right: OrderedNumber) -> Bool {
        left.relation(to: right) == .equal
    }

    static func < (left: OrderedNumber, right: OrderedNumber) -> Bool {
        left.relation(to: right) == .less
    }

    private func relation(to other: OrderedNumber) -> Relation {
        text.withUnsafeBufferPointer { text in
            other.text.withUnsafeBufferPointer { others in
                Number.relation(number, in: text, to: other.number, in: others)
            }
        }
    }
}
