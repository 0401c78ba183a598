/// A seq in the name of a file: twenty digits, so that names sort as numbers do.
enum SeqText {
    static let count = 20

    static func write(_ seq: Int64) -> String {
        let digits = String(seq)
        return String(repeating: "0", count: count - digits.utf8.count) + digits
    }

    /// Nil for what `write` would not have given, and for numbers that no seq has.
    static func read(_ digits: Substring.UTF8View) -> Int64? {
        guard digits.count == count,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let text = String(digits), let seq = Int64(text), (1...JournalFile.seqMax).contains(seq)
        else { return nil }
        return seq
    }
}
