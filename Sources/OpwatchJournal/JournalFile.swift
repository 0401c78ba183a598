/// The name of a journal file: `journal-<20-digit first seq>.jsonl`.
struct JournalFile: Sendable, Hashable, Comparable {
    /// The seq of the file's header line, 1 or more.
    let first: Int64

    /// Above this no seq is believed, so that counting on from one never overflows.
    static let seqMax: Int64 = 1_000_000_000_000_000_000
    /// No file begins above this, so that no life of a daemon comes to `seqMax`.
    static let firstMax: Int64 = seqMax / 10 * 9

    init(first: Int64) {
        self.first = first
    }

    /// Nil for every name that this program would not have given.
    init?(name: String) {
        guard name.hasPrefix(Self.prefix), name.hasSuffix(FileSuffix.lines),
            let first = SeqText.read(
                name.utf8.dropFirst(Self.prefix.utf8.count).dropLast(FileSuffix.lines.utf8.count))
        else { return nil }
        self.first = first
    }

    /// As it stands in the directory.
    var name: String { Self.prefix + SeqText.write(first) + FileSuffix.lines }

    /// By first seq, so that the newest file is the last.
    static func < (left: Self, right: Self) -> Bool { left.first < right.first }

    private static let prefix = "journal-"
}

/// The name of what is kept of a journal file: `history-<20-digit first>-<20-digit last>.jsonl`.
struct HistoryFile: Sendable, Hashable, Comparable {
    /// The seq of the journal file's header line.
    let first: Int64
    /// The last seq that counted in the journal file.
    let last: Int64

    init(first: Int64, last: Int64) {
        self.first = first
        self.last = last
    }

    /// Nil for every name that this program would not have given.
    init?(name: String) {
        guard name.hasPrefix(Self.prefix), name.hasSuffix(FileSuffix.lines) else { return nil }
        let digits = name.utf8.dropFirst(Self.prefix.utf8.count)
            .dropLast(FileSuffix.lines.utf8.count)
        guard digits.count == 2 * SeqText.count + 1,
            digits.dropFirst(SeqText.count).first == UInt8(ascii: "-"),
            let first = SeqText.read(digits.prefix(SeqText.count)),
            let last = SeqText.read(digits.suffix(SeqText.count)), first <= last
        else { return nil }
        self.init(first: first, last: last)
    }

    /// As it stands in the directory.
    var name: String {
        "\(Self.prefix)\(SeqText.write(first))-\(SeqText.write(last))\(FileSuffix.lines)"
    }

    /// By first seq.
    static func < (left: Self, right: Self) -> Bool {
        (left.first, left.last) < (right.first, right.last)
    }

    private static let prefix = "history-"
}

/// How names of files end.
enum FileSuffix {
    static let lines = ".jsonl"
    /// Until the file is whole and durable.
    static let temporary = ".tmp"

    /// Whether the name is that of a file that was not finished.
    static func isTemporary(_ name: String) -> Bool {
        guard name.hasSuffix(temporary) else { return false }
        let name = String(name.dropLast(temporary.count))
        return JournalFile(name: name) != nil || HistoryFile(name: name) != nil
    }
}
