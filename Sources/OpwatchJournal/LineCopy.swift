internal import OpwatchCore
internal import WireFormat

/// Copies some lines of a journal file, byte for byte, to a history file in the making.
struct LineCopy: ~Copyable {
    let name: String
    let target: OwnedDescriptor
    private var lines: LineReader
    /// The numbers of the lines, rising.
    private let kept: [Int]
    private var copiedCount = 0
    private var lineNumber = 0
    /// What is copied and not yet written.
    private var bytes: [UInt8]
    /// A line is not there any more as it was when the file was read to its end.
    private(set) var isSpoilt = false

    private static let chunkBytes = 1 << 20

    /// - Parameter first: the history file's first line.
    init(
        of lines: consuming LineReader, kept: [Int], behind first: [UInt8],
        to target: consuming OwnedDescriptor, name: String
    ) {
        self.name = name
        self.target = target
        self.lines = lines
        self.kept = kept
        bytes = first
    }

    /// - Returns: whether there is more to copy.
    /// - Throws: `io`, `shortWrite`.
    mutating func goOn(_ slice: inout Slice, on disk: Disk) throws(JournalError) -> Bool {
        while copiedCount < kept.count, !slice.isSpent {
            let begin = lines.offset
            guard let line = try lines.next() else {
                isSpoilt = true
                return false
            }
            slice.spend(lines.offset - begin)
            lineNumber += 1
            guard lineNumber == kept[copiedCount] else { continue }
            guard line.isTerminated, LineFrame(lines.bytes[line.range]) != nil else {
                isSpoilt = true
                return false
            }
            bytes += lines.bytes[line.range]
            bytes.append(UInt8(ascii: "\n"))
            copiedCount += 1
            if bytes.count > Self.chunkBytes { try flush(to: disk) }
        }
        try flush(to: disk)
        guard copiedCount < kept.count else { return false }
        // A slice at a time, so that the last sync does not wait for all of it.
        _ = try disk.check(disk.syncFile(target.number), "fdatasync", name)
        return true
    }

    private mutating func flush(to disk: Disk) throws(JournalError) {
        try disk.writeAll(bytes, to: target.number, name: name)
        bytes.removeAll(keepingCapacity: true)
    }
}
