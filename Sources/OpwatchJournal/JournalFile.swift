/// The name of a journal file: `journal-<20-digit first seq>.jsonl`.
package struct JournalFile: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The seq of the file's header line, 1 or more.
    package let first: Int64

    /// Above this no seq is believed, so that counting on from one never overflows.
    static let seqMax: Int64 = 1_000_000_000_000_000_000

    init(first: Int64) {
        self.first = first
    }

    /// Nil for every name that this program would not have given.
    init?(name: String) {
        let digits = name.utf8.dropFirst(Self.prefix.utf8.count).dropLast(Self.suffix.utf8.count)
        guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix),
            name.utf8.count == Self.prefix.utf8.count + 20 + Self.suffix.utf8.count,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let text = String(digits), let first = Int64(text), (1...Self.seqMax).contains(first)
        else { return nil }
        self.first = first
    }

    /// As it stands in the directory.
    package var name: String {
        let digits = String(first)
        return Self.prefix + String(repeating: "0", count: 20 - digits.utf8.count) + digits
            + Self.suffix
    }

    /// What the file is called until it is whole and durable.
    var temporaryName: String { name + Self.temporarySuffix }

    /// The name.
    package var description: String { name }

    /// By first seq, so that the newest file is the last.
    package static func < (left: Self, right: Self) -> Bool { left.first < right.first }

    /// Whether the name is that of a file that was not finished.
    static func isTemporary(_ name: String) -> Bool {
        name.hasSuffix(temporarySuffix)
            && JournalFile(name: String(name.dropLast(temporarySuffix.count))) != nil
    }

    private static let prefix = "journal-"
    private static let suffix = ".jsonl"
    private static let temporarySuffix = ".tmp"
}
