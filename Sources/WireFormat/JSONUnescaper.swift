/// Resolves the escapes of a string that was read without error.
enum JSONUnescaper {
    /// Appends the text in UTF-8.
    static func append(
        _ content: UnsafeRawBufferPointer, to decoded: inout [UInt8]
    ) {
        var index = 0
        while index < content.count {
            let byte = content[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < content.count else {
                decoded.append(byte)
                continue
            }
            let letter = content[index]
            index += 1
            switch letter {
            case UInt8(ascii: "b"): decoded.append(0x08)
            case UInt8(ascii: "f"): decoded.append(0x0C)
            case UInt8(ascii: "n"): decoded.append(0x0A)
            case UInt8(ascii: "r"): decoded.append(0x0D)
            case UInt8(ascii: "t"): decoded.append(0x09)
            case UInt8(ascii: "u"):
                let value = scalar(content, at: &index)
                decoded += Unicode.Scalar(value).map { Array(String($0).utf8) } ?? []
            default: decoded.append(letter)
            }
        }
    }

    /// The character whose digits begin here; a pair of surrogates makes one.
    private static func scalar(_ content: UnsafeRawBufferPointer, at index: inout Int) -> UInt32 {
        let unit = digits(content, at: &index)
        guard (0xD800...0xDBFF).contains(unit) else { return unit }
        index += 2
        let low = digits(content, at: &index)
        return 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF))
    }

    private static func digits(_ content: UnsafeRawBufferPointer, at index: inout Int) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard index < content.count, let digit = HexDigit.value(content[index]) else { break }
            unit = unit << 4 | digit
            index += 1
        }
        return unit
    }
}
