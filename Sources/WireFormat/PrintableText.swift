/// Looks at ASCII text eight bytes a step.
package enum PrintableText {
    /// Whether every byte is one of `" "..."~"`.
    package static func isWhole(_ bytes: UnsafeRawBufferPointer) -> Bool {
        hasOnly(bytes) { word in others(word) }
    }

    /// Whether every byte is one of `" "..."~"` and stands for itself in a JSON string.
    static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        hasOnly(bytes) { word in
            others(word) | zeros(word ^ ones &* UInt64(UInt8(ascii: "\"")))
                | zeros(word ^ ones &* UInt64(UInt8(ascii: "\\")))
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    private static func hasOnly(
        _ bytes: UnsafeRawBufferPointer, _ hits: (UInt64) -> UInt64
    ) -> Bool {
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if hits(word) != 0 { return false }
            index += 8
        }
        var rest = ones &* UInt64(UInt8(ascii: " "))
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        return hits(rest) == 0
    }

    /// Not 0 where a byte is a control character, `DEL` or beyond ASCII.
    private static func others(_ word: UInt64) -> UInt64 {
        let controls = (word &- ones &* 0x20) & ~word & highs
        return controls | zeros(word ^ ones &* 0x7F) | word & highs
    }

    /// Not 0 where a byte is 0; which one, a borrow may hide.
    private static func zeros(_ word: UInt64) -> UInt64 {
        (word &- ones) & ~word & highs
    }
}
