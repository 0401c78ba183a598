internal import WireFormat

/// A literal with everything that it may mean, worked out once.
struct BoundLiteral: Sendable {
    let text: String
    let bytes: [UInt8]
    let isStar: Bool
    let isOpenAtStart: Bool
    let isOpenAtEnd: Bool
    let boolean: Bool?
    let number: Number?
    let timestamp: Timestamp?
    let duration: Duration?

    init(_ literal: Literal) {
        text = literal.text
        bytes = Array(literal.text.utf8)
        isStar = literal.isStar
        isOpenAtStart = literal.isOpenAtStart
        isOpenAtEnd = literal.isOpenAtEnd
        let isPattern = isOpenAtStart || isOpenAtEnd
        boolean = isPattern ? nil : ["true": true, "false": false][literal.text]
        number = isPattern ? nil : Number(literal.text)
        timestamp = isPattern ? nil : Timestamp(rfc3339: literal.text)
        duration = isPattern ? nil : DurationText.parseProto(literal.text)
    }

    /// The literal has wildcards.
    var isPattern: Bool { isOpenAtStart || isOpenAtEnd }

    // MARK: Texts

    /// Whether the text fits the wildcards.
    func fits(_ text: ArraySlice<UInt8>) -> Bool {
        switch (isOpenAtStart, isOpenAtEnd) {
        case (true, true): isInside(text)
        case (true, false): text.suffix(bytes.count).elementsEqual(bytes)
        case (false, true): text.starts(with: bytes)
        case (false, false): text.elementsEqual(bytes)
        }
    }

    /// Whether the literal stands somewhere in the text.
    func isInside(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        var rest = text
        while rest.count >= bytes.count {
            guard let start = rest.firstIndex(of: first) else { return false }
            rest = rest[start...]
            if rest.starts(with: bytes) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    // MARK: Order

    /// How a field's text stands to the literal, where the literal is no pattern.
    ///
    /// A literal that is an instant, a duration or a number only compares with a text that is
    /// one too, and by value; any other literal compares byte by byte.
    func relation(ofText text: String) -> Relation {
        if text.utf8.elementsEqual(bytes) { return .equal }
        if let timestamp {
            return Timestamp(rfc3339: text).map { Relation($0, timestamp) } ?? .unequal
        }
        if let duration {
            return DurationText.parseProto(text).map { Relation($0, duration) } ?? .unequal
        }
        if number != nil {
            return Self.isDecimalInteger(text)
                ? relation(ofInteger: Int64(text), number: Double(text)) : .unequal
        }
        return text.utf8.lexicographicallyPrecedes(bytes) ? .less : .greater
    }

    /// How a number stands to the literal; by its whole value where both have one.
    func relation(ofInteger integer: Int64?, number other: Double?) -> Relation {
        guard let number else { return .unequal }
        if let integer, let own = number.integer { return Relation(integer, own) }
        return other.map { Relation($0, number.double) } ?? .unequal
    }

    /// The way proto3 JSON writes 64-bit integers.
    static func isDecimalInteger(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        return !digits.isEmpty && digits.allSatisfy(Number.isDigit)
    }
}

/// How the field stands to the literal.
enum Relation: Sendable {
    case less, equal, greater
    /// Neither equal nor in any order: the types differ.
    case unequal

    init<Value: Comparable>(_ field: Value, _ literal: Value) {
        self = field == literal ? .equal : field < literal ? .less : .greater
    }

    /// Whether the comparator holds.
    func satisfies(_ comparator: Comparator) -> Bool {
        switch comparator {
        case .equal, .has: self == .equal
        case .notEqual: self != .equal
        case .less: self == .less
        case .lessOrEqual: self == .less || self == .equal
        case .greater: self == .greater
        case .greaterOrEqual: self == .greater || self == .equal
        }
    }
}
