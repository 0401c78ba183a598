/// The fixed front of every line, `{"crc":"8hex","seq":N,"synced":N,"at":`, and its checksum.
struct LineFrame: Equatable {
    /// Dense inside a file.
    let seq: Int64
    /// The highest seq that was known durable when the line was written.
    let synced: Int64
    /// Where `"at"` begins.
    let restStart: Int

    /// The checksum covers the bytes from here up to, not including, the LF.
    static let checkedFrom = 16
    static let bytesMax = 64 << 10

    /// Takes the front of one line apart, LF not included; nil unless every byte of it is right.
    init?(_ line: ArraySlice<UInt8>) {
        guard line.count > Self.checkedFrom, line.starts(with: Self.opening) else { return nil }
        let checked = line.dropFirst(Self.checkedFrom)
        let digits = line.dropFirst(Self.opening.count).prefix(8)
        guard digits.elementsEqual(Self.hex(CRC32C.checksum(checked))) else { return nil }
        var scanner = FrameScanner(rest: checked)
        guard scanner.take("\",\"seq\":"), let seq = scanner.number(),
            scanner.take(",\"synced\":"), let synced = scanner.number(), synced < seq,
            scanner.take(",")
        else { return nil }
        self.seq = seq
        self.synced = synced
        restStart = scanner.rest.startIndex
    }

    /// The front of a line whose checksum is still to be filled in.
    static func opening(seq: Int64, synced: Int64) -> String {
        "{\"crc\":\"00000000\",\"seq\":\(seq),\"synced\":\(synced),"
    }

    /// Fills the checksum in; the line reaches to the end of `bytes`, without its LF.
    static func seal(_ bytes: inout [UInt8], from start: Int) {
        let crc = CRC32C.checksum(bytes[(start + checkedFrom)...])
        bytes.replaceSubrange((start + opening.count)..<(start + checkedFrom), with: hex(crc))
    }

    private static let opening = Array("{\"crc\":\"".utf8)

    /// Eight lower-case digits.
    private static func hex(_ value: UInt32) -> [UInt8] {
        (0..<8).map { place in
            let digit = UInt8(truncatingIfNeeded: value >> (28 - 4 * UInt32(place)) & 0xF)
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
        }
    }
}

/// Walks over the front of a line.
private struct FrameScanner {
    var rest: ArraySlice<UInt8>

    mutating func take(_ text: StaticString) -> Bool {
        let matches = text.withUTF8Buffer { rest.starts(with: $0) }
        if matches { rest = rest.dropFirst(text.utf8CodeUnitCount) }
        return matches
    }

    /// A whole number without leading zeros, at most `JournalFile.seqMax`.
    mutating func number() -> Int64? {
        let digits = rest.prefix(20).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1,
            digits.count <= 19
        else { return nil }
        var value: UInt64 = 0
        for digit in digits { value = value * 10 + UInt64(digit - UInt8(ascii: "0")) }
        guard value <= UInt64(JournalFile.seqMax) else { return nil }
        rest = rest.dropFirst(digits.count)
        return Int64(value)
    }
}
