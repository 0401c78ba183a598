internal import OpwatchCore

/// The first line of a file: what it is and what it follows.
struct JournalHeader: Sendable, Equatable {
    /// The format in which the file was written.
    var format: Int64 = Self.currentFormat
    /// The oldest reader that may follow it.
    var min: Int64 = Self.currentFormat
    /// The last seq that counts in the file before; 0 where there is none.
    var afterSeq: Int64
    /// The bytes that count in the file before; what lies behind them is void.
    var afterBytes: Int64
    /// The machine's boot id.
    var boot: String
    /// The version of the program.
    var build: String

    /// The only format there is.
    static let currentFormat: Int64 = 1
}

/// What a line says.
enum LineContent: Sendable, Equatable {
    case header(JournalHeader)
    /// Ends the checkpoint; `lines` stand between it and the header.
    case ready(lines: Int64)
    case record(JournalRecord)
    /// A kind of a later version, with the bytes of the line from `"at"` on.
    case preserved(kind: String, rest: [UInt8])
}
