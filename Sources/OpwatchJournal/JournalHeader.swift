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

/// What a line says; each content in a box, since lines are handed on more often than looked into.
enum LineContent: Sendable, Equatable {
    indirect case header(JournalHeader)
    indirect case history(HistoryHeader)
    /// Ends the checkpoint; `lines` stand between it and the header.
    case ready(lines: Int64)
    indirect case record(JournalRecord)
    /// A record that the checkpoint of the file has already: for the audit trail only, because its
    /// own line could not be written in its time.
    indirect case restated(JournalRecord)
    /// A kind of a later version, with the bytes of the line from `"at"` on.
    case preserved(kind: String, rest: [UInt8])

    /// What an auditor reads, whether or not it is folded.
    var told: JournalRecord? {
        switch self {
        case .record(let record), .restated(let record): record
        case .header, .history, .ready, .preserved: nil
        }
    }
}
