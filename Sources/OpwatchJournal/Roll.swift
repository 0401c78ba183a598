internal import OpwatchCore
internal import WireFormat

/// Writes a new file from what is known: the one repair, and the way to begin.
struct Roll {
    /// The new file begins with this seq; no line and no name ever claimed it durably.
    var first: Int64
    var header: JournalHeader
    /// Lines of later versions, carried over as they are but for seq, synced and checksum.
    var preserved: [LineContent]
    var at: Timestamp

    /// Writes header, checkpoint and `ready` as a file of its own; then the file is the journal.
    /// - Throws: where any step failed; the files that were there are untouched.
    func perform(
        _ checkpoint: some Sequence<JournalRecord>, in directory: borrowing JournalDirectory
    ) throws(JournalError) -> JournalWriter {
        guard first < JournalFile.seqMax else { throw outOfRange }
        let file = JournalFile(first: first)
        let disk = directory.disk
        var end: (seq: Int64, bytes: Int64) = (first, 0)
        let descriptor = try directory.create(file.name) { descriptor throws(JournalError) in
            end = try write(checkpoint, to: descriptor, name: file.name, disk: disk)
        }
        return JournalWriter(
            file: file, startedAt: at, checkpointBytes: end.bytes, goodBytes: end.bytes,
            lastSeq: end.seq, syncedSeq: end.seq, descriptor: descriptor)
    }

    /// The last seq and the size.
    private func write(
        _ checkpoint: some Sequence<JournalRecord>, to descriptor: Int32, name: String, disk: Disk
    ) throws(JournalError) -> (seq: Int64, bytes: Int64) {
        var encoder = LineEncoder()
        var seq = first
        var bytes: Int64 = 0
        func append(_ content: LineContent) throws(JournalError) {
            seq += 1
            guard seq < JournalFile.seqMax else { throw outOfRange }
            try encoder.append(content, seq: seq, synced: header.afterSeq, at: at)
            guard encoder.bytes.count > Self.chunkBytes else { return }
            try disk.writeAll(encoder.bytes, to: descriptor, name: name)
            bytes += Int64(encoder.bytes.count)
            encoder.removeAll()
        }
        try encoder.append(.header(header), seq: seq, synced: header.afterSeq, at: at)
        for record in checkpoint {
            // Stands for a line that is among the preserved ones.
            if case .unknown = record { continue }
            try append(.record(record))
        }
        for content in preserved { try append(content) }
        let lines = seq - first
        seq += 1
        try encoder.append(.ready(lines: lines), seq: seq, synced: header.afterSeq, at: at)
        try disk.writeAll(encoder.bytes, to: descriptor, name: name)
        return (seq, bytes + Int64(encoder.bytes.count))
    }

    private var outOfRange: JournalError {
        .unwritable(field: "seq", problem: "is out of range, a file claims \(first - 1)")
    }

    private static let chunkBytes = 1 << 20
}
