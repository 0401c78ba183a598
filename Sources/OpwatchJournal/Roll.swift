internal import OpwatchCore
internal import WireFormat

/// Writes a new file from what is known: the one repair, and the way to begin.
struct Roll {
    /// The new file begins with this seq; no line and no name ever claimed it durably.
    var first: Int64
    var header: JournalHeader
    /// Lines of later versions, carried over as they are but for seq, synced and checksum.
    var preserved: [LineContent]
    /// What the file tells behind its checkpoint from the beginning.
    var firstLines: [LineContent]
    var at: Timestamp

    /// Where the parts of the file end.
    private struct End {
        var seq: Int64
        var checkpointBytes: Int64 = 0
        var bytes: Int64 = 0
    }

    /// Writes all that as a file of its own; then the file is the journal.
    /// - Parameter pulse: asked now and then whether to go on.
    /// - Throws: `stopped`, and where any step failed; the files that were there are untouched.
    func perform(
        _ checkpoint: some Sequence<JournalRecord>, in directory: borrowing JournalDirectory,
        pulse: () -> Bool
    ) throws(JournalError) -> JournalWriter {
        guard first <= JournalFile.firstMax else {
            throw .unwritable(
                field: "seq",
                problem: "would be \(first), at most \(JournalFile.firstMax) is allowed; a file or "
                    + "a line claims the number before")
        }
        let file = JournalFile(first: first)
        let disk = directory.disk
        var end = End(seq: first)
        let descriptor = try directory.create(file.name) { descriptor throws(JournalError) in
            end = try write(
                checkpoint, to: descriptor, name: file.name, disk: disk, pulse: pulse)
        }
        return JournalWriter(
            file: file, startedAt: at, checkpointBytes: end.checkpointBytes, goodBytes: end.bytes,
            lastSeq: end.seq, syncedSeq: end.seq, descriptor: descriptor)
    }

    private func write(
        _ checkpoint: some Sequence<JournalRecord>, to descriptor: Int32, name: String, disk: Disk,
        pulse: () -> Bool
    ) throws(JournalError) -> End {
        var encoder = LineEncoder()
        var end = End(seq: first)
        var flushed: Int64 = 0
        var synced: Int64 = 0
        func flush() throws(JournalError) {
            try disk.writeAll(encoder.bytes, to: descriptor, name: name)
            flushed += Int64(encoder.bytes.count)
            encoder.removeAll()
        }
        func append(_ content: LineContent) throws(JournalError) {
            end.seq += 1
            try encoder.append(content, seq: end.seq, synced: header.afterSeq, at: at)
            guard encoder.bytes.count > Self.chunkBytes else { return }
            try flush()
            if flushed - synced > Self.unsyncedBytesMax {
                _ = try disk.check(disk.syncFile(descriptor), "fdatasync", name)
                synced = flushed
            }
            guard pulse() else { throw .stopped }
        }
        try encoder.append(.header(header), seq: first, synced: header.afterSeq, at: at)
        for record in checkpoint {
            // Stands for a line that is among the preserved ones.
            if case .unknown = record { continue }
            try append(.record(record))
        }
        for content in preserved { try append(content) }
        try append(.ready(lines: end.seq - first))
        end.checkpointBytes = flushed + Int64(encoder.bytes.count)
        for content in firstLines { try append(content) }
        try flush()
        end.bytes = flushed
        return end
    }

    private static let chunkBytes = 1 << 20
    /// So that no sync, the last one included, takes long on a slow disk.
    private static let unsyncedBytesMax = 32 << 20
}
