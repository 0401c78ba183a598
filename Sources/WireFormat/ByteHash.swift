/// A hash of bytes: equal on every machine and in every run, and not meant against forgers.
enum ByteHash {
    /// The hash of so many bytes from the pointer on.
    static func hash(_ bytes: UnsafeRawPointer, count: Int) -> UInt64 {
        var state = UInt64(truncatingIfNeeded: count) &+ 0x9E37_79B9_7F4A_7C15
        guard count >= 8 else { return mix(state ^ shortWord(bytes, count: count)) }
        var offset = 0
        while offset <= count &- 8 {
            state = mix(state ^ word(bytes, at: offset))
            offset &+= 8
        }
        // The last word overlaps the one before it, so that no load passes the end.
        if offset < count { state = mix(state ^ word(bytes, at: count &- 8)) }
        return state
    }

    /// Spreads every bit over the whole word.
    static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return (product.high ^ product.low) &+ 0xA076_1D64_78BD_642F
    }

    /// Eight bytes, the first one lowest.
    static func word(_ bytes: UnsafeRawPointer, at offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Zero to seven bytes in one word; two halves that may overlap instead of a loop.
    private static func shortWord(_ bytes: UnsafeRawPointer, count: Int) -> UInt64 {
        if count >= 4 {
            let first = bytes.loadUnaligned(as: UInt32.self)
            let last = bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            return UInt64(UInt32(littleEndian: first)) | UInt64(UInt32(littleEndian: last)) << 32
        }
        guard count > 0 else { return 0 }
        let first = UInt64(bytes.load(as: UInt8.self))
        let middle = UInt64(bytes.load(fromByteOffset: count / 2, as: UInt8.self))
        let last = UInt64(bytes.load(fromByteOffset: count &- 1, as: UInt8.self))
        return first | middle << 8 | last << 16
    }

    /// Whether two runs of bytes are the same.
    static func isEqual(
        _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int
    ) -> Bool {
        var offset = 0
        while offset <= count &- 8 {
            if word(left, at: offset) != word(right, at: offset) { return false }
            offset &+= 8
        }
        while offset < count {
            if left.load(fromByteOffset: offset, as: UInt8.self)
                != right.load(fromByteOffset: offset, as: UInt8.self)
            {
                return false
            }
            offset &+= 1
        }
        return true
    }
}
