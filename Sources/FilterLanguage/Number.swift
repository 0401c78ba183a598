/// A number as JSON writes it: `30`, `-2.5`, `2.997e9`; compared exactly, however long it is.
///
/// Holds places, no digits: those stay in the text that it was found in.
struct Number: Sendable {
    private let isNegative: Bool
    /// The power of ten of the first digit that is not zero; 0 for zero itself.
    private let scale: Int
    /// Where the digits stand in the text, from the first that is not zero on, a point perhaps
    /// among them; empty for zero.
    private let digits: Range<Int>

    /// Nil when the text is not a number. What begins with a needless zero is none.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        var scanner = NumberScanner(text: text)
        isNegative = scanner.take(UInt8(ascii: "-"))
        let start = scanner.index
        guard let whole = scanner.digits(), whole == 1 || text[start] != UInt8(ascii: "0") else {
            return nil
        }
        if scanner.take(UInt8(ascii: ".")), scanner.digits() == nil { return nil }
        let end = scanner.index
        guard let exponent = scanner.exponent(), scanner.isAtEnd else { return nil }

        let first = text[start..<end].firstIndex { (0x31...0x39).contains($0) } ?? end
        digits = first..<end
        let point = start + whole
        // Counted from the point: the digit right in front of it has the power 0.
        let power = first < point ? point - first - 1 : point - first
        scale = first == end ? 0 : exponent + power
    }

    /// Whether the text is a whole number in plain digits, as proto3 JSON writes 64-bit integers.
    static func isWhole(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = text.first == UInt8(ascii: "-") ? 1 : 0
        let digits = text[start...]
        guard let first = digits.first, digits.allSatisfy(\.isDigit) else { return false }
        return first != UInt8(ascii: "0") || digits.count == 1
    }

    /// How one number stands to another.
    static func relation(
        _ left: Number, in leftText: UnsafeBufferPointer<UInt8>,
        to right: Number, in rightText: UnsafeBufferPointer<UInt8>
    ) -> Relation {
        let signs = (left.sign, right.sign)
        guard signs.0 == signs.1 else { return signs.0 < signs.1 ? .less : .greater }
        let sizes = left.relationOfSize(in: leftText, to: right, in: rightText)
        return left.isNegative ? sizes.reversed : sizes
    }

    /// -1, 0 or 1.
    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    /// Without regard to the signs, which are equal.
    private func relationOfSize(
        in text: UnsafeBufferPointer<UInt8>,
        to other: Number, in otherText: UnsafeBufferPointer<UInt8>
    ) -> Relation {
        guard scale == other.scale else { return scale < other.scale ? .less : .greater }
        var places = (digits.lowerBound, other.digits.lowerBound)
        while places.0 < digits.upperBound || places.1 < other.digits.upperBound {
            let own = Self.digit(at: &places.0, end: digits.upperBound, in: text)
            let others = Self.digit(at: &places.1, end: other.digits.upperBound, in: otherText)
            guard own == others else { return own < others ? .less : .greater }
        }
        return .equal
    }

    /// Takes the next digit and steps over the point; behind the end there are zeros.
    private static func digit(
        at place: inout Int, end: Int, in text: UnsafeBufferPointer<UInt8>
    ) -> UInt8 {
        if place < end, text[place] == UInt8(ascii: ".") { place += 1 }
        guard place < end else { return UInt8(ascii: "0") }
        defer { place += 1 }
        return text[place]
    }
}

/// Steps through a number.
private struct NumberScanner {
    let text: UnsafeBufferPointer<UInt8>
    var index = 0

    var isAtEnd: Bool { index == text.count }

    mutating func take(_ byte: UInt8) -> Bool {
        guard index < text.count, text[index] == byte else { return false }
        index += 1
        return true
    }

    /// How many digits stand here; nil when there are none.
    mutating func digits() -> Int? {
        let start = index
        while index < text.count, text[index].isDigit { index += 1 }
        return index > start ? index - start : nil
    }

    /// The power of ten behind an `e`, 0 without one; nil when digits are missing.
    ///
    /// Beyond a million million, which no text of a page can make up for, all are the same.
    mutating func exponent() -> Int? {
        guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return 0 }
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        let start = index
        guard digits() != nil else { return nil }
        var value = 0
        for byte in text[start..<index] {
            value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000_000_000)
        }
        return isNegative ? -value : value
    }
}
