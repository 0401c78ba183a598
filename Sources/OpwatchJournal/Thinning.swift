internal import OpwatchCore
internal import WireFormat

/// Makes a history file of a journal file: its audit lines, as they are.
struct Thinning {
    let file: JournalFile
    /// How much of it counts.
    let limit: JournalChain.Limit
    /// Nothing stands before it, so that what its checkpoint tells stands nowhere else.
    let isOldest: Bool
    /// A time of the services that the file is not younger than.
    let endedBy: Timestamp
    /// The wall clock.
    let at: Timestamp

    /// Writes the history file, then removes the journal file; a crash in between leaves both,
    /// and the next call does it again.
    /// - Returns: nil for a file that is not whole as far as it counts.
    func perform(
        in directory: borrowing JournalDirectory
    ) throws(JournalError) -> RetentionStep? {
        guard case .file(let descriptor) = try directory.open(file.name) else { return nil }
        var kept: [UInt8] = []
        var count = 0
        let reader = FileReader(
            file, descriptor, of: directory.disk, limit: limit.afterBytes)
        let reading = try reader.read { read in
            guard read.line.content.isAudit, isOldest || !read.isCheckpoint else { return }
            kept += read.bytes
            kept.append(UInt8(ascii: "\n"))
            count += 1
        }
        guard let header = reading.header, reading.firstBad == nil,
            reading.lastSeq == limit.afterSeq, reading.goodBytes == limit.afterBytes
        else { return nil }
        try write(kept, count: count, following: header, to: directory)
        try directory.remove(file.name)
        return .thinned(file: file.name, kept: count, of: reading.goodLines)
    }

    private func write(
        _ lines: [UInt8], count: Int, following header: JournalHeader,
        to directory: borrowing JournalDirectory
    ) throws(JournalError) {
        let first = HistoryHeader(
            afterSeq: header.afterSeq, afterBytes: header.afterBytes, lines: Int64(count),
            serverTime: endedBy)
        var encoder = LineEncoder()
        try encoder.append(.history(first), seq: file.first, synced: header.afterSeq, at: at)
        let name = HistoryFile(first: file.first, last: limit.afterSeq).name
        let disk = directory.disk
        let bytes = encoder.bytes + lines
        _ = try directory.create(name) { descriptor throws(JournalError) in
            try disk.writeAll(bytes, to: descriptor, name: name)
        }
    }
}

extension LineContent {
    /// Whether an auditor may ask for it long after; kinds of a later version may be such.
    fileprivate var isAudit: Bool {
        switch self {
        case .preserved: true
        case .header, .history, .ready: false
        case .record(let record), .restated(let record): record.isAudit
        }
    }
}
