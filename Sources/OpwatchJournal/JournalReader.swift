internal import OpwatchCore
internal import WireFormat

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
    private let unreadable: Unreadable
    /// The first thing that was wrong with a checkpoint.
    private var badCheckpoint: BadLine?
    /// What counts of the files before the one that was just looked at.
    private var limit: JournalChain.Limit?

    /// Reads the directory; needs no lock, and without it the tail may be a line in the making.
    /// - Parameter pulse: asked now and then whether to go on.
    /// - Throws: `tooNew`, `io`, `stopped`.
    static func read(
        _ directory: borrowing JournalDirectory, _ unreadable: Unreadable,
        pulse: () -> Bool = { true }, _ replay: (ReplayStep) -> Void
    ) throws(JournalError) -> Contents {
        let listing = try directory.list()
        var reader = JournalReader(unreadable: unreadable)
        reader.contents.recovered.ignored = listing.ignored.names
        reader.contents.recovered.ignoredCount = listing.ignored.count
        reader.contents.highestSeq = listing.history.map(\.last).max() ?? 0
        for file in listing.files.reversed() {
            reader.contents.highestSeq = max(reader.contents.highestSeq, file.first)
            if let limit = reader.limit, file.first > limit.afterSeq { continue }
            if try reader.use(file, in: directory, pulse, replay) { break }
        }
        if reader.contents.base == nil {
            // Of files that cannot be used nothing counts, but history does.
            replay(.begin(file: directory.path))
            reader.contents.recovered.lastSeq = listing.history.map(\.last).max() ?? 0
        }
        reader.conclude(listing)
        if case .damaged(let bad) = reader.contents.recovered.tail { replay(.damaged(bad)) }
        return reader.contents
    }

    /// Whether the file's checkpoint verified, so that no older file is needed.
    private mutating func use(
        _ file: JournalFile, in directory: borrowing JournalDirectory, _ pulse: () -> Bool,
        _ replay: (ReplayStep) -> Void
    ) throws(JournalError) -> Bool {
        replay(.begin(file: file.name))
        switch try directory.open(file.name) {
        case .notAFile: note(.notAFile(file.name))
        case .refused(let error):
            guard unreadable == .isDamage, let what = error.unreadable else { throw error }
            note(BadLine(file: file.name, line: 1, offset: 0, what: what))
        case .file(let descriptor):
            let reader = FileReader(
                file, descriptor, of: directory.disk, limit: limit?.afterBytes ?? .max)
            return try use(reader, pulse, replay)
        }
        limit = nil
        return false
    }

    private mutating func use(
        _ reader: consuming FileReader, _ pulse: () -> Bool, _ replay: (ReplayStep) -> Void
    ) throws(JournalError) -> Bool {
        var found = Contents()
        let reading = try reader.read(pulse: pulse) { read in
            if let record = found.take(read.line) { replay(.record(record, read.place)) }
        }
        if let failure = reading.failure, unreadable == .isFailure { throw failure }
        contents.highestSeq = max(contents.highestSeq, reading.highestSeq)
        guard reading.isCheckpointGood else {
            if let bad = reading.firstBad { note(bad) }
            limit = reading.header.map {
                JournalChain.Limit(afterSeq: $0.afterSeq, afterBytes: $0.afterBytes)
            }
            return false
        }
        contents.base = reading
        contents.preserved = found.preserved
        contents.recovered.holder = found.recovered.holder ?? reading.header?.writer
        contents.recovered.isClosed = found.recovered.isClosed
        contents.recovered.lastSeq = reading.lastSeq
        contents.recovered.lastAt = reading.lastAt
        return true
    }

    private mutating func note(_ bad: BadLine) {
        if badCheckpoint == nil { badCheckpoint = bad }
    }

    private mutating func conclude(_ listing: JournalDirectory.Listing) {
        contents.recovered.tail =
            if let badCheckpoint {
                .damaged(badCheckpoint)
            } else if let base = contents.base {
                if let bad = base.firstBad {
                    base.isDamaged ? .damaged(bad) : .torn(bad)
                } else {
                    .clean
                }
            } else if let last = listing.history.last {
                .damaged(
                    BadLine(
                        file: last.name, line: 1, offset: 0, what: "no journal file goes on from it"
                    ))
            } else {
                .absent
            }
    }
}

extension JournalReader.Contents {
    /// The record of the line, if it is one.
    fileprivate mutating func take(_ line: JournalLine) -> JournalRecord? {
        let taken: JournalRecord
        switch line.content {
        case .header, .history, .ready, .restated: return nil
        case .preserved(let kind, _):
            preserved.append(line.content)
            taken = .unknown(kind: kind)
        case .record(let record):
            taken = record
            if case .open(let pid, let host, _, _, _) = record {
                recovered.holder = JournalError.Holder(pid: pid, host: host)
            }
        }
        recovered.isClosed = if case .close = taken { true } else { false }
        return taken
    }
}
