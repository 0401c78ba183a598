internal import OpwatchCore
internal import WireFormat

/// What a history file holds, as far as it is good.
struct HistoryReading {
    /// Nil when the first line is not good.
    var header: HistoryHeader?
    /// The first line included.
    var goodLines = 0
    var bytes: Int64 = 0
    var firstBad: BadLine?
}

/// Reads one history file to its end.
///
/// Its lines are those of the journal file, with gaps in their seq; since it is renamed when it is
/// durable as a whole, whatever is wrong with it is damage.
struct HistoryReader: ~Copyable {
    let file: HistoryFile
    private var lines: LineReader
    private var decoder = LineDecoder()
    private var reading = HistoryReading()
    private var lastSeq: Int64

    init(_ file: HistoryFile, _ descriptor: consuming OwnedDescriptor, of disk: Disk) {
        self.file = file
        lines = LineReader(descriptor, of: disk, name: file.name)
        lastSeq = file.first - 1
    }

    /// Gives each good line before the first bad one to `visit`, the file's own first line too.
    /// - Throws: `io`; EIO is a bad line.
    consuming func read(_ visit: (ReadLine) -> Void) throws(JournalError) -> HistoryReading {
        var slice = Slice()
        while try readOn(&slice, visit) { slice = Slice() }
        return end()
    }

    /// Reads on for a slice; everything behind it is as in `read`.
    /// - Returns: whether there may be more.
    mutating func readOn(
        _ slice: inout Slice, _ visit: (ReadLine) -> Void
    ) throws(JournalError) -> Bool {
        while !slice.isSpent {
            let begin = lines.offset
            guard reading.firstBad == nil, let line = try lines.next() else { return false }
            slice.spend(lines.offset - begin)
            guard let good = accept(decoder.decode(lines.bytes, in: line.range), line) else {
                return false
            }
            visit(
                ReadLine(
                    line: good, place: LinePlace(line: reading.goodLines, offset: line.offset),
                    isCheckpoint: reading.goodLines == 1, bytes: lines.bytes[line.range]))
            reading.bytes = lines.offset
        }
        return true
    }

    /// What the file holds, when all of it was read.
    consuming func end() -> HistoryReading {
        if reading.firstBad == nil, let what = lines.failure?.unreadable {
            reading.firstBad = bad(at: lines.offset, what)
        }
        let kept = Int64(reading.goodLines - 1)
        if reading.firstBad == nil, reading.header?.lines != kept {
            let due = reading.header.map { ", \($0.lines) are due" } ?? ""
            reading.firstBad = bad(at: reading.bytes, "ends behind \(max(kept, 0)) lines\(due)")
        }
        return reading
    }

    private mutating func accept(
        _ outcome: LineDecoder.Outcome, _ line: LineReader.Line
    ) -> JournalLine? {
        let problem: String
        switch outcome {
        case .broken: problem = "the line is broken or its checksum does not match"
        case .tooNew: problem = "a header is out of its place"
        case .unusable(_, let what): problem = what
        case .good where !line.isTerminated: problem = "the line has no end"
        case .good(let good):
            guard let what = place(good) else {
                reading.goodLines += 1
                lastSeq = good.seq
                return good
            }
            problem = what
        }
        reading.firstBad = bad(at: line.offset, problem)
        return nil
    }

    /// The problem with a line at this place, if there is one.
    private mutating func place(_ line: JournalLine) -> String? {
        guard line.seq > lastSeq, line.seq <= file.last else {
            return "seq \(line.seq) stands behind \(lastSeq), the last is \(file.last)"
        }
        switch line.content {
        case .history(let header):
            guard reading.goodLines == 0 else { return "a first line is out of its place" }
            reading.header = header
        case .header, .ready: return "a line of a journal file is out of its place"
        case .record, .restated, .preserved:
            guard reading.goodLines > 0 else { return "the file has no first line" }
        }
        return nil
    }

    private func bad(at offset: Int64, _ what: String) -> BadLine {
        BadLine(file: file.name, line: reading.goodLines + 1, offset: offset, what: what)
    }
}
