internal import OpwatchCore

/// Finds the newest file whose checkpoint verifies and reads it.
struct JournalReader {
    /// Everything that a writer must know to go on.
    struct Contents {
        var recovered = Recovered()
        /// The file that the state came from; nil where no file could be used.
        var base: FileReading?
        /// Lines of kinds that are not known here.
        var preserved: [LineContent] = []
        /// The highest seq that any line or name claims.
        var highestSeq: Int64 = 0
    }

    private var contents = Contents()
    /// The first thing that was wrong with a checkpoint.
    private var badCheckpoint: BadLine?
    /// What counts of the files before the one that was just looked at.
    private var limit: (afterSeq: Int64, afterBytes: Int64)?

    /// Reads the directory; needs no lock, and without it the tail may be a line in the making.
    /// - Throws: `tooNew`, `io`.
    static func read(_ directory: borrowing JournalDirectory) throws(JournalError) -> Contents {
        let listing = try directory.list()
        var reader = JournalReader()
        reader.contents.recovered.ignored = listing.ignored
        for file in listing.files.reversed() {
            reader.contents.highestSeq = max(reader.contents.highestSeq, file.first)
            if let limit = reader.limit, file.first > limit.afterSeq { continue }
            if try reader.use(file, in: directory) { break }
        }
        reader.conclude(hasFiles: !listing.files.isEmpty)
        return reader.contents
    }

    /// Whether the file's checkpoint verified, so that no older file is needed.
    private mutating func use(
        _ file: JournalFile, in directory: borrowing JournalDirectory
    ) throws(JournalError) -> Bool {
        guard let descriptor = try directory.open(file) else {
            note(BadLine(file: file.name, line: 1, offset: 0, what: "not a regular file"))
            limit = nil
            return false
        }
        var found = Contents()
        let reader = FileReader(
            file, descriptor, of: directory.disk, limit: limit?.afterBytes ?? .max)
        let reading = try reader.read { line, _ in found.take(line) }
        contents.highestSeq = max(contents.highestSeq, reading.highestSeq)
        guard reading.isCheckpointGood else {
            if let bad = reading.firstBad { note(bad) }
            limit = reading.header.map { ($0.afterSeq, $0.afterBytes) }
            return false
        }
        contents.base = reading
        contents.preserved = found.preserved
        contents.recovered.records = found.recovered.records
        contents.recovered.holder = found.recovered.holder
        contents.recovered.isClosed = found.recovered.isClosed
        contents.recovered.lastSeq = reading.lastSeq
        contents.recovered.lastAt = reading.lastAt
        return true
    }

    private mutating func note(_ bad: BadLine) {
        if badCheckpoint == nil { badCheckpoint = bad }
    }

    private mutating func conclude(hasFiles: Bool) {
        contents.recovered.tail =
            if !hasFiles {
                .absent
            } else if let badCheckpoint {
                .damaged(badCheckpoint)
            } else if let base = contents.base, let bad = base.firstBad {
                base.isDamaged ? .damaged(bad) : .torn(bad)
            } else {
                .clean
            }
        if case .damaged(let bad) = contents.recovered.tail {
            contents.recovered.records.append(.damage(file: bad.file, offset: bad.offset))
        }
    }
}

extension JournalReader.Contents {
    fileprivate mutating func take(_ line: JournalLine) {
        switch line.content {
        case .header, .ready: return
        case .preserved(let kind, _):
            preserved.append(line.content)
            recovered.records.append(.unknown(kind: kind))
        case .record(let record):
            recovered.records.append(record)
            if case .open(let pid, let host, _, _, _) = record {
                recovered.holder = JournalError.Holder(pid: pid, host: host)
            }
        }
        recovered.isClosed = line.content == .record(.close)
    }
}
