internal import Glibc
internal import OpwatchCore
internal import WireFormat

/// The one file that is written; good for appends until the first failure.
struct JournalWriter: ~Copyable, Sendable {
    let file: JournalFile
    /// The wall clock of the header.
    let startedAt: Timestamp
    let checkpointBytes: Int64
    /// What counts, in bytes; all of it durable after the first sync.
    private(set) var goodBytes: Int64
    /// The last seq of the file.
    private(set) var lastSeq: Int64
    /// The last seq that is known durable: in a file that was taken up again, less than the last
    /// until the first sync, since the lines may only be in memory.
    private var syncedSeq: Int64
    private let descriptor: OwnedDescriptor

    /// A file of 8 MiB of records is worth a new one, unless the checkpoint is larger.
    static let recordBytesMax: Int64 = 8 << 20
    static let ageMax = Duration.seconds(24 * 3_600)

    init(
        file: JournalFile, startedAt: Timestamp, checkpointBytes: Int64, goodBytes: Int64,
        lastSeq: Int64, syncedSeq: Int64, descriptor: consuming OwnedDescriptor
    ) {
        self.file = file
        self.startedAt = startedAt
        self.checkpointBytes = checkpointBytes
        self.goodBytes = goodBytes
        self.lastSeq = lastSeq
        self.syncedSeq = syncedSeq
        self.descriptor = descriptor
    }

    /// Whether a new file is due, by size or by age; never for a file without records.
    func needsRoll(at now: Timestamp, countsAge: Bool) -> Bool {
        let recordBytes = goodBytes - checkpointBytes
        guard recordBytes > 0 else { return false }
        if recordBytes > max(Self.recordBytesMax, checkpointBytes) { return true }
        let age = now.duration(since: startedAt)
        // A clock that went back a day makes as good a reason as a day that went by.
        return countsAge && (age >= Self.ageMax || age <= .zero - Self.ageMax)
    }

    /// Makes a batch durable: one write, one `fdatasync`.
    ///
    /// After any error but `unwritable` this file must not be written again: what it holds behind
    /// `goodBytes` is unknown, and a second sync would prove nothing.
    /// - Returns: the last seq, now durable.
    mutating func append(
        _ contents: [LineContent], at now: Timestamp, to directory: borrowing JournalDirectory
    ) throws(JournalError) -> Int64 {
        guard !contents.isEmpty else { return lastSeq }
        let disk = directory.disk
        var encoder = LineEncoder()
        var seq = lastSeq
        for content in contents {
            seq += 1
            try encoder.append(content, seq: seq, synced: syncedSeq, at: now)
        }
        try checkPlace(in: directory)
        try disk.writeAll(encoder.bytes, to: descriptor.number, name: file.name)
        _ = try disk.check(disk.syncFile(descriptor.number), "fdatasync", file.name)
        goodBytes += Int64(encoder.bytes.count)
        lastSeq = seq
        syncedSeq = seq
        return seq
    }

    /// A file that lost its name can still be written, and nobody would ever read it.
    private func checkPlace(in directory: borrowing JournalDirectory) throws(JournalError) {
        try directory.checkPlace()
        if try checkLoss(in: directory) > goodBytes { throw .intruded(file: file.name) }
    }

    /// - Returns: the size of the file in bytes.
    /// - Throws: `lost`, `io`.
    @discardableResult
    func checkLoss(in directory: borrowing JournalDirectory) throws(JournalError) -> Int64 {
        let size = directory.disk.checkFile(
            directory.descriptor.number, file.name, descriptor.number)
        if size == -Int64(ESTALE) { throw .lost(file: file.name, offset: 0) }
        guard size >= 0 else {
            throw .io(call: "fstat", path: file.name, errno: Int32(clamping: -size))
        }
        if size < goodBytes { throw .lost(file: file.name, offset: size) }
        return size
    }
}
