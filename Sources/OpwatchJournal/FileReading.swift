internal import OpwatchCore
internal import WireFormat

/// What one file holds, as far as it is good.
struct FileReading {
    let file: JournalFile
    /// Nil when the first line is not a good header.
    var header: JournalHeader?
    var headerAt: Timestamp?
    /// Header, checkpoint and `ready`, in bytes; nil while the checkpoint does not verify.
    var checkpointBytes: Int64?
    /// Good bytes from the start.
    var goodBytes: Int64 = 0
    /// All bytes that were looked at.
    var bytes: Int64 = 0
    var goodLines = 0
    /// The last good seq; one less than the first where no line is good.
    var lastSeq: Int64
    var lastAt: Timestamp?
    /// The highest seq of which the good lines themselves say that it is durable.
    var durableSeq: Int64 = 0
    /// The highest seq of any line whose checksum holds, behind a bad line too.
    var highestSeq: Int64
    var firstBad: BadLine?
    /// Whether something durable stood at or behind the first bad line.
    var isDamaged = false
    /// Set where the disk did not give what stands at the first bad line: it may be there yet.
    var failure: JournalError?

    init(_ file: JournalFile) {
        self.file = file
        lastSeq = file.first - 1
        highestSeq = lastSeq
    }

    var isCheckpointGood: Bool { checkpointBytes != nil }
}

/// A good line of a file and its place.
struct ReadLine {
    let line: JournalLine
    let place: LinePlace
    /// Header, checkpoint or `ready`.
    let isCheckpoint: Bool
    /// The bytes of the line without its LF.
    let bytes: ArraySlice<UInt8>
}

/// Reads one file to its end, line by line.
struct FileReader: ~Copyable {
    private var reading: FileReading
    private var lines: LineReader
    private var decoder = LineDecoder()

    /// - Parameter limit: the bytes that count, by the header of the file behind.
    init(
        _ file: JournalFile, _ descriptor: consuming OwnedDescriptor, of disk: Disk,
        limit: Int64 = .max
    ) {
        reading = FileReading(file)
        lines = LineReader(descriptor, of: disk, name: file.name, limit: limit)
    }

    /// Reads everything and gives each good line before the first bad one to `visit`.
    /// - Parameter pulse: asked now and then whether to go on.
    /// - Throws: `tooNew`, `io`, `stopped`; EIO is a bad line, with `failure` set.
    consuming func read(
        pulse: () -> Bool = { true }, _ visit: (ReadLine) -> Void
    ) throws(JournalError) -> FileReading {
        var slice = Slice()
        while try readOn(&slice, visit) {
            guard pulse() else { throw .stopped }
            slice = Slice()
        }
        return end()
    }

    /// Reads on for a slice; everything behind it is as in `read`.
    /// - Returns: whether there may be more.
    mutating func readOn(
        _ slice: inout Slice, _ visit: (ReadLine) -> Void
    ) throws(JournalError) -> Bool {
        while !slice.isSpent {
            let begin = lines.offset
            guard let line = try lines.next() else { return false }
            slice.spend(lines.offset - begin)
            reading.bytes = lines.offset
            try take(decoder.decode(lines.bytes, in: line.range), line, visit)
        }
        return true
    }

    /// What the file holds, when all of it was read.
    consuming func end() -> FileReading {
        reading.failure = lines.failure
        if let what = reading.failure?.unreadable {
            // Nobody knows whether a later line proved that it was durable.
            reading.isDamaged = true
            reading.firstBad = reading.firstBad ?? bad(at: lines.offset, what)
        }
        if reading.firstBad == nil, !reading.isCheckpointGood {
            let what = reading.goodLines == 0 ? "the file is empty" : "the checkpoint has no end"
            reading.firstBad = bad(at: reading.bytes, what)
        }
        return reading
    }

    private mutating func take(
        _ outcome: LineDecoder.Outcome, _ line: LineReader.Line, _ visit: (ReadLine) -> Void
    ) throws(JournalError) {
        guard reading.firstBad == nil else { return judge(outcome) }
        if case .tooNew(let min) = outcome, reading.goodLines == 0 {
            throw .tooNew(file: reading.file.name, min: min)
        }
        if let what = problem(outcome, line) {
            reading.firstBad = bad(at: line.offset, what)
            return judge(outcome)
        }
        guard case .good(let good) = outcome else { return }
        reading.goodLines += 1
        reading.lastSeq = good.seq
        reading.highestSeq = good.seq
        reading.lastAt = good.at
        reading.durableSeq = max(reading.durableSeq, good.synced)
        visit(
            ReadLine(
                line: good, place: LinePlace(line: reading.goodLines, offset: line.offset),
                isCheckpoint: !reading.isCheckpointGood || isReady(good),
                bytes: lines.bytes[line.range]))
        reading.goodBytes = lines.offset
    }

    private func isReady(_ line: JournalLine) -> Bool {
        if case .ready = line.content { true } else { false }
    }

    /// What is wrong with the next line in order; nil where nothing is.
    private mutating func problem(
        _ outcome: LineDecoder.Outcome, _ line: LineReader.Line
    ) -> String? {
        switch outcome {
        case .broken: "the line is broken or its checksum does not match"
        case .good where !line.isTerminated: "the line has no end"
        case .tooNew: misplaced("a header is out of its place")
        case .unusable(_, let problem): misplaced(problem)
        case .good(let good) where good.seq != reading.lastSeq + 1:
            misplaced("seq \(good.seq) stands where \(reading.lastSeq + 1) is due")
        case .good(let good): place(good).map { misplaced($0) }
        }
    }

    /// No crash leaves a line whose checksum holds where another one is due: that is damage.
    private mutating func misplaced(_ what: String) -> String {
        reading.isDamaged = true
        return what
    }

    /// Keeps header, checkpoint, `ready` and records in their order; the problem, if there is one.
    private mutating func place(_ line: JournalLine) -> String? {
        switch line.content {
        case .header(let header):
            guard reading.goodLines == 0 else { return "a header is out of its place" }
            guard header.afterSeq < line.seq else { return "the header follows itself" }
            reading.header = header
            reading.headerAt = line.at
        case .ready(let count):
            guard reading.goodLines > 0, !reading.isCheckpointGood else {
                return "'ready' is out of its place"
            }
            guard count == reading.goodLines - 1 else {
                return "the checkpoint has \(reading.goodLines - 1) lines, not \(count)"
            }
            reading.checkpointBytes = lines.offset
            // A file gets its name only when everything up to here is durable.
            reading.durableSeq = line.seq
        case .history: return "a line of a history file is out of its place"
        case .record, .restated, .preserved:
            guard reading.goodLines > 0 else { return "the file does not begin with a header" }
        }
        return nil
    }

    /// Learns from a line at or behind the first bad one: was the bad one durable?
    private mutating func judge(_ outcome: LineDecoder.Outcome) {
        let seq: Int64
        let synced: Int64
        switch outcome {
        case .good(let line): (seq, synced) = (line.seq, line.synced)
        case .unusable(let frame, _): (seq, synced) = (frame.seq, frame.synced)
        case .broken, .tooNew: return
        }
        reading.highestSeq = max(reading.highestSeq, seq)
        if synced > reading.lastSeq { reading.isDamaged = true }
    }

    private func bad(at offset: Int64, _ what: String) -> BadLine {
        BadLine(
            file: reading.file.name, line: reading.goodLines + 1, offset: offset, what: what)
    }
}
