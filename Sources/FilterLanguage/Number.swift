/// A number as the language writes it: `30`, `-2.5`, `2.997e9`.
struct Number: Equatable, Sendable {
    /// The value when it is whole and fits.
    let integer: Int64?
    /// The value, rounded.
    let double: Double

    /// Nil when the text is not a number, or not a finite one.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        guard Self.passDigits(&rest) else { return nil }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard Self.passDigits(&rest) else { return nil }
        }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            if let sign = rest.first, "+-".utf8.contains(sign) { rest.removeFirst() }
            guard Self.passDigits(&rest) else { return nil }
        }
        guard rest.isEmpty, let double = Double(text), double.isFinite else { return nil }
        self.double = double
        integer = Int64(text)
    }

    /// Steps over the digits in front; false when there are none.
    private static func passDigits(_ rest: inout ArraySlice<UInt8>) -> Bool {
        let digits = rest.prefix(while: isDigit)
        rest = rest.dropFirst(digits.count)
        return !digits.isEmpty
    }

    /// An ASCII digit.
    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
