/// A text in quotes, its escapes resolved.
struct QuotedText {
    private(set) var text: [UInt8] = []
    /// The `*` in it that were not escaped.
    private(set) var stars: [Token.Star] = []
    /// Where the reading stands: in the end right behind the closing quote.
    private(set) var index: Int
    private let bytes: [UInt8]

    /// Reads a text from its opening quote on.
    /// - Parameter bytes: the whole expression.
    init(in bytes: [UInt8], from start: Int) throws(FilterError) {
        self.bytes = bytes
        index = start + 1
        let quote = bytes[start]
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case quote:
                index += 1
                return
            case UInt8(ascii: "\\"):
                text += Array(String(try escape()).utf8)
                continue
            case UInt8(ascii: "*"):
                stars.append(Token.Star(position: text.count, offset: index))
            default:
                break
            }
            text.append(byte)
            index += 1
        }
        throw FilterError(
            offset: start, message: "the quote is never closed",
            suggestion: "close it with \(Unicode.Scalar(quote))")
    }

    /// Reads one escape, from its backslash on.
    private mutating func escape() throws(FilterError) -> Unicode.Scalar {
        let start = index
        let byte = index + 1 < bytes.count ? bytes[index + 1] : 0
        index += 2
        switch byte {
        case UInt8(ascii: "a"): return "\u{07}"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "v"): return "\u{0B}"
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"),
            UInt8(ascii: "*"):
            return Unicode.Scalar(byte)
        case UInt8(ascii: "u"):
            if let scalar = unicode() { return scalar }
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            index -= 1
            if let code = digits(3, radix: 8), let scalar = Unicode.Scalar(code) { return scalar }
        default:
            break
        }
        throw FilterError(
            offset: start, message: "the backslash starts no known escape",
            expected: #"\a \b \f \n \r \t \v \' \" \\ \? \* \OOO or \uXXXX"#,
            suggestion: #"write \\ for a backslash"#)
    }

    /// The character of a `\u`, which takes a second one where it is half of a surrogate pair.
    private mutating func unicode() -> Unicode.Scalar? {
        guard let unit = digits(4, radix: 16) else { return nil }
        guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
        guard bytes[index...].starts(with: "\\u".utf8) else { return nil }
        index += 2
        guard let low = digits(4, radix: 16), (0xDC00..<0xE000).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    }

    /// Exactly `count` digits; the value fits, as there are four at most.
    private mutating func digits(_ count: Int, radix: Int) -> UInt32? {
        guard index + count <= bytes.count else { return nil }
        var value: UInt32 = 0
        for byte in bytes[index..<index + count] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else {
                return nil
            }
            value = value * UInt32(radix) + UInt32(digit)
        }
        index += count
        return value
    }
}
