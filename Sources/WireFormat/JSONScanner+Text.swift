extension JSONScanner {
    /// Takes a string whose opening quote stands here.
    mutating func text() throws(WireError) -> Text {
        try expect(UInt8(ascii: "\""))
        let start = index
        var isEscaped = false
        while true {
            skipPlain()
            guard index < end else { throw .syntax(offset: end) }
            switch base.load(fromByteOffset: index, as: UInt8.self) {
            case UInt8(ascii: "\""):
                index &+= 1
                return Text(start: start, end: index &- 1, isEscaped: isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                try escape()
            case 0x80...:
                repeat { try sequence() } while byte >= 0x80
            default: throw .syntax(offset: index)
            }
        }
    }

    /// Stops at a quote, a backslash, a control character, a byte that is not ASCII, or the end.
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while index <= end &- 8 {
            let word = ByteHash.word(base, at: index)
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            // The high bit of a byte is set where it borrows; only bytes above the first hit can
            // be wrong, and the first hit is all that counts.
            let hits =
                ((quotes &- ones) | (slashes &- ones) | (word &- ones &* 0x20) | word) & highs
            if hits != 0 {
                index &+= hits.trailingZeroBitCount / 8
                return
            }
            index &+= 8
        }
        while index < end {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return }
            index &+= 1
        }
    }

    /// Takes one sequence of two to four bytes (Unicode, table 3-7).
    private mutating func sequence() throws(WireError) {
        let start = index
        let first = byte
        index &+= 1
        let second: ClosedRange<UInt8>
        let more: Int
        switch first {
        case 0xC2...0xDF: (second, more) = (0x80...0xBF, 0)
        case 0xE0: (second, more) = (0xA0...0xBF, 1)
        case 0xED: (second, more) = (0x80...0x9F, 1)
        case 0xE1...0xEF: (second, more) = (0x80...0xBF, 1)
        case 0xF0: (second, more) = (0x90...0xBF, 2)
        case 0xF1...0xF3: (second, more) = (0x80...0xBF, 2)
        case 0xF4: (second, more) = (0x80...0x8F, 2)
        default: throw .notUTF8(offset: start)
        }
        guard second.contains(byte) else { throw .notUTF8(offset: start) }
        index &+= 1
        for _ in 0..<more {
            guard byte & 0xC0 == 0x80 else { throw .notUTF8(offset: start) }
            index &+= 1
        }
    }

    /// Takes one escape, or two that together spell one character.
    private mutating func escape() throws(WireError) {
        let start = index
        index &+= 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index &+= 1
        case UInt8(ascii: "u"):
            let unit = try unit()
            switch unit {
            case 0xD800...0xDBFF:
                guard byte == UInt8(ascii: "\\") else { throw .notUTF8(offset: start) }
                index &+= 1
                guard byte == UInt8(ascii: "u") else { throw .notUTF8(offset: start) }
                guard (0xDC00...0xDFFF).contains(try self.unit()) else {
                    throw .notUTF8(offset: start)
                }
            case 0xDC00...0xDFFF: throw .notUTF8(offset: start)
            default: break
            }
        default: throw .syntax(offset: index)
        }
    }

    /// Takes `u` and four digits.
    private mutating func unit() throws(WireError) -> UInt32 {
        index &+= 1
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = HexDigit.value(byte) else { throw .syntax(offset: index) }
            unit = unit << 4 | digit
            index &+= 1
        }
        return unit
    }
}

/// Hexadecimal digits in either case.
enum HexDigit {
    static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte &- 0x57)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte &- 0x37)
        default: nil
        }
    }
}
