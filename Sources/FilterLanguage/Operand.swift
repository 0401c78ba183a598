internal import WireFormat

/// A test with the text of its literal at hand; lives only while that is lent.
struct Operand {
    let test: BoundTest
    let text: UnsafeBufferPointer<UInt8>
    let borders: UnsafeBufferPointer<UInt16>

    // MARK: Texts

    /// How a text stands to the literal.
    ///
    /// A literal that is an instant, a duration or a number compares by value with a text that is
    /// one too, and with no other; any other literal compares byte by byte.
    func relation(ofText field: UnsafeBufferPointer<UInt8>) -> Relation {
        if test.isPattern { return fits(field) ? .equal : .unequal }
        if case .number = test.type, Number.isWhole(field) { return relation(ofNumber: field) }
        if Self.isEqual(field, text) {
            // A number that is no integer is a text here, and not in order with a number.
            if case .number = test.type, test.comparator.isOrdering { return .unequal }
            return .equal
        }
        switch test.type {
        case .text:
            guard test.comparator.isOrdering else { return .unequal }
            return field.lexicographicallyPrecedes(text) ? .less : .greater
        case .timestamp(let timestamp):
            return Timestamp(rfc3339: field).map { Relation($0, timestamp) } ?? .unequal
        case .duration(let duration):
            return DurationText.parseProto(field).map { Relation($0, duration) } ?? .unequal
        case .number:
            return .unequal
        }
    }

    /// Whether a text fits the wildcards.
    private func fits(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
        guard field.count >= text.count else { return false }
        let atEnd = field.count - text.count
        switch (test.isOpenAtStart, test.isOpenAtEnd) {
        case (true, true):
            return isInside(field)
        case (true, false):
            return Self.isEqual(.init(rebasing: field[atEnd...]), text)
        case (false, true):
            return Self.isEqual(.init(rebasing: field[..<text.count]), text)
        case (false, false):
            return Self.isEqual(field, text)
        }
    }

    /// Whether the literal stands somewhere in a text, in one pass over it.
    ///
    /// The method of Knuth, Morris and Pratt, because neither of the two is ours: a naive search
    /// could be made to take the product of their lengths.
    func isInside(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
        if text.isEmpty { return true }
        var matched = 0
        for byte in field {
            while matched > 0, text[matched] != byte { matched = Int(borders[matched - 1]) }
            if text[matched] == byte { matched += 1 }
            if matched == text.count { return true }
        }
        return false
    }

    /// For each prefix of a text how long its longest proper prefix is that is also its end.
    static func borders(of text: [UInt8]) -> [UInt16] {
        var borders = [UInt16](repeating: 0, count: text.count)
        var matched = 0
        for index in text.indices.dropFirst() {
            while matched > 0, text[matched] != text[index] { matched = Int(borders[matched - 1]) }
            if text[matched] == text[index] { matched += 1 }
            borders[index] = UInt16(matched)
        }
        return borders
    }

    private static func isEqual(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        left.count == right.count && left.elementsEqual(right)
    }

    // MARK: Other values

    /// How a number, in the notation of JSON, stands to the literal.
    func relation(ofNumber field: UnsafeBufferPointer<UInt8>) -> Relation {
        guard case .number(let literal) = test.type, let number = Number(field) else {
            return .unequal
        }
        return Number.relation(number, in: field, to: literal, in: text)
    }

    /// How a boolean stands to the literal.
    func relation(of boolean: Bool) -> Relation {
        test.boolean == boolean ? .equal : .unequal
    }
}
