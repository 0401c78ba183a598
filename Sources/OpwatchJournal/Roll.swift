internal import OpwatchCore
internal import WireFormat

/// Writes a new file from what is known: the one repair, and the way to begin.
struct Roll {
    /// The new file begins with this seq; no line and no name ever claimed it durably.
    var first: Int64
    var header: JournalHeader
    var checkpoint: [JournalRecord]
    /// Lines of later versions, carried over as they are but for seq, synced and checksum.
    var preserved: [LineContent]
    var at: Timestamp

    /// Writes aside, syncs, renames, syncs the directory; then the file is the journal.
    /// - Throws: where any step failed; the files that were there are untouched.
    func perform(
        in directory: borrowing JournalDirectory
    ) throws(JournalError) -> JournalWriter {
        let disk = directory.disk
        guard first <= JournalFile.seqMax - Int64(checkpoint.count + preserved.count) - 2 else {
            throw .unwritable(field: "seq", problem: "is out of range, a file claims \(first - 1)")
        }
        let file = JournalFile(first: first)
        // An earlier attempt may have left it; if not, the next line says what is wrong.
        _ = disk.remove(directory.descriptor.number, file.temporaryName)
        let descriptor = try directory.create(file.temporaryName)
        do {
            let end = try write(to: descriptor.number, name: file.name, disk: disk)
            _ = try disk.check(disk.syncFile(descriptor.number), "fdatasync", file.name)
            try directory.rename(file.temporaryName, to: file.name)
            try directory.sync()
            return JournalWriter(
                file: file, startedAt: at, checkpointBytes: end.bytes, goodBytes: end.bytes,
                lastSeq: end.seq, syncedSeq: end.seq, descriptor: descriptor)
        } catch {
            _ = disk.remove(directory.descriptor.number, file.temporaryName)
            throw error
        }
    }

    /// Header, checkpoint and `ready`; the last seq and the size.
    private func write(
        to descriptor: Int32, name: String, disk: Disk
    ) throws(JournalError) -> (seq: Int64, bytes: Int64) {
        var encoder = LineEncoder()
        var seq = first
        var bytes: Int64 = 0
        try encoder.append(.header(header), seq: seq, synced: header.afterSeq, at: at)
        for content in checkpoint.lazy.map(LineContent.record) + preserved {
            seq += 1
            try encoder.append(content, seq: seq, synced: header.afterSeq, at: at)
            guard encoder.bytes.count > Self.chunkBytes else { continue }
            try disk.writeAll(encoder.bytes, to: descriptor, name: name)
            bytes += Int64(encoder.bytes.count)
            encoder.removeAll()
        }
        let lines = seq - first
        seq += 1
        try encoder.append(.ready(lines: lines), seq: seq, synced: header.afterSeq, at: at)
        try disk.writeAll(encoder.bytes, to: descriptor, name: name)
        return (seq, bytes + Int64(encoder.bytes.count))
    }

    private static let chunkBytes = 1 << 20
}
