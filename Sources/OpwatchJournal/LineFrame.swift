internal import Glibc
internal import WireFormat

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
        guard line.count > Self.checkedFrom else { return nil }
        let found = line.withUnsafeBytes { bytes -> (seq: Int64, synced: Int64, end: Int)? in
            var scanner = FrameScanner(bytes: bytes)
            guard scanner.take("{\"crc\":\""), let checksum = scanner.checksum(),
                checksum == CRC32C.checksum(line.dropFirst(Self.checkedFrom)),
                scanner.take("\",\"seq\":"), let seq = scanner.number(),
                scanner.take(",\"synced\":"), let synced = scanner.number(), synced < seq,
                scanner.take(",")
            else { return nil }
            return (seq, synced, scanner.index)
        }
        guard let found else { return nil }
        seq = found.seq
        synced = found.synced
        restStart = line.startIndex + found.end
    }

    /// Appends the front of a line whose checksum is still to be filled in.
    static func begin(_ bytes: inout [UInt8], seq: Int64, synced: Int64) {
        bytes += "{\"crc\":\"00000000\",\"seq\":".utf8
        DecimalText.append(UInt64(clamping: seq), to: &bytes)
        bytes += ",\"synced\":".utf8
        DecimalText.append(UInt64(clamping: synced), to: &bytes)
        bytes.append(UInt8(ascii: ","))
    }

    /// Fills the checksum in; the line reaches to the end of `bytes`, without its LF.
    static func seal(_ bytes: inout [UInt8], from start: Int) {
        let crc = CRC32C.checksum(bytes[(start + checkedFrom)...])
        for place in 0..<checksumDigits {
            let digit = UInt8(truncatingIfNeeded: crc >> (28 - 4 * UInt32(place)) & 0xF)
            bytes[start + checksumFrom + place] =
                digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
        }
    }

    private static let checksumFrom = 8
    /// Of the lower case.
    fileprivate static let checksumDigits = 8
}

/// Walks over the front of a line.
private struct FrameScanner {
    let bytes: UnsafeRawBufferPointer
    private(set) var index = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard count <= bytes.count - index, let base = bytes.baseAddress,
            memcmp(base + index, text.utf8Start, count) == 0
        else { return false }
        index += count
        return true
    }

    /// Eight lower-case digits.
    mutating func checksum() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<LineFrame.checksumDigits {
            guard let digit = next else { return nil }
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = value << 4 | UInt32(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt32(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
            index += 1
        }
        return value
    }

    /// A whole number without leading zeros, at most `JournalFile.seqMax`.
    mutating func number() -> Int64? {
        let start = index
        var value: UInt64 = 0
        while let digit = next, digit &- UInt8(ascii: "0") <= 9 {
            // Nineteen digits fit.
            guard index - start < 19 else { return nil }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
            index += 1
        }
        guard index > start, index == start + 1 || bytes[start] != UInt8(ascii: "0"),
            value <= UInt64(JournalFile.seqMax)
        else { return nil }
        return Int64(value)
    }
}
