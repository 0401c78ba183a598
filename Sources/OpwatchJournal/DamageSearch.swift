internal import OpwatchCore

/// Looks, in slices, whether a start found damage in the file before this one, or in others between
/// them: then this file, which it began, says so.
struct DamageSearch: ~Copyable {
    private let limit: JournalChain.Limit?
    private var journal: FileReader?
    private var history: HistoryReader?
    /// A file that cannot be read to its end is taken to say so.
    private var isFound = false

    /// - Throws: `io`, for what concerns more than the file.
    init(in link: JournalChain.Link, of directory: borrowing JournalDirectory)
        throws(JournalError)
    {
        limit = link.limit
        switch try directory.open(link.part.name) {
        case .notAFile: isFound = true
        case .refused: isFound = true
        case .file(let descriptor):
            switch link.part {
            case .journal(let file):
                journal = FileReader(
                    file, descriptor, of: directory.disk, limit: limit?.afterBytes ?? .max)
            case .history(let file):
                history = HistoryReader(file, descriptor, of: directory.disk)
            }
        }
    }

    /// - Returns: whether it says so; nil where the slice did not reach to the end.
    /// - Throws: `io`, for what concerns more than the file.
    mutating func goOn(_ slice: inout Slice) throws(JournalError) -> Bool? {
        var isTold = isFound
        func note(_ read: ReadLine) {
            if case .record(.damage) = read.line.content, !read.isCheckpoint { isTold = true }
        }
        do throws(JournalError) {
            let ofJournal = try journal?.readOn(&slice, note)
            let ofHistory = try history?.readOn(&slice, note)
            if ofJournal ?? ofHistory ?? false {
                isFound = isTold
                return nil
            }
        } catch {
            guard error.concernsOneFile else { throw error }
            return true
        }
        return isTold || !isReadable()
    }

    /// Whether the file was good to its end.
    private mutating func isReadable() -> Bool {
        if let reading = journal.take()?.end() {
            return JournalReport.File(reading, limit).state.isReadable
        }
        guard let file = history?.file, let reading = history.take()?.end() else { return false }
        return JournalReport.File(file, reading, limit).state.isReadable
    }
}

extension JournalReport.State {
    fileprivate var isReadable: Bool {
        switch self {
        case .damaged, .unread: false
        case .whole, .thinned, .torn, .superseded: true
        }
    }
}
