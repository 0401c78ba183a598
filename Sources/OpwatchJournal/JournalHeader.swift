internal import OpwatchCore
internal import WireFormat

/// The first line of a file: what it is and what it follows.
struct JournalHeader: Sendable, Equatable {
    /// The format in which the file was written.
    var format: Int64 = JournalFormat.current
    /// The oldest reader that may follow it.
    var min: Int64 = JournalFormat.current
    /// The last seq that counts in the file before; 0 where there is none.
    var afterSeq: Int64
    /// The bytes that count in the file before; what lies behind them is void.
    var afterBytes: Int64
    /// The machine's boot id.
    var boot: String
    /// The version of the program.
    var build: String
    /// The process that made the file; nil in files of older versions.
    var writer: JournalError.Holder?
    /// The server time when the file began: no file before it is younger. Nil where no service had
    /// told it to this process yet.
    var serverTime: Timestamp?
}

/// The first line of a history file: what became of a journal file after its time.
struct HistoryHeader: Sendable, Equatable {
    /// Of the journal file's own header.
    var afterSeq: Int64
    /// Of the journal file's own header.
    var afterBytes: Int64
    /// How many lines were kept; they stand behind this one.
    var lines: Int64
    /// The journal file was not younger than this.
    var serverTime: Timestamp
}

// MARK: Reading and writing

extension JournalHeader {
    init(from line: borrowing FieldReader) throws(FieldReader.BadField) {
        self.init(
            format: try line.number(.format, in: 1...Int64.max),
            min: try Self.min(from: line),
            afterSeq: try line.number(.afterSeq, in: 0...JournalFile.seqMax),
            afterBytes: try line.number(.afterBytes),
            boot: try line.text(.boot),
            build: try line.text(.build),
            writer: line.has(.pid)
                ? JournalError.Holder(pid: try line.pid(), host: try line.text(.host)) : nil,
            serverTime: line.has(.serverTime) ? try line.time(.serverTime) : nil)
    }

    /// The oldest reader that may follow a header, all that is asked of one by a later version.
    static func min(from line: borrowing FieldReader) throws(FieldReader.BadField) -> Int64 {
        try line.number(.min, in: 1...Int64.max)
    }

    func write(to line: inout FieldWriter) {
        line.kind(LineKind.header.rawValue)
        line.number(.format, format)
        line.number(.min, min)
        line.number(.afterSeq, afterSeq)
        line.number(.afterBytes, afterBytes)
        line.prose(.boot, boot)
        line.prose(.build, build)
        if let writer {
            line.number(.pid, Int64(writer.pid))
            line.prose(.host, writer.host)
        }
        if let serverTime { line.time(.serverTime, serverTime) }
    }
}

extension HistoryHeader {
    init(from line: borrowing FieldReader) throws(FieldReader.BadField) {
        self.init(
            afterSeq: try line.number(.afterSeq, in: 0...JournalFile.seqMax),
            afterBytes: try line.number(.afterBytes),
            lines: try line.number(.lines),
            serverTime: try line.time(.serverTime))
    }

    func write(to line: inout FieldWriter) {
        line.kind(LineKind.history.rawValue)
        line.number(.afterSeq, afterSeq)
        line.number(.afterBytes, afterBytes)
        line.number(.lines, lines)
        line.time(.serverTime, serverTime)
    }
}
