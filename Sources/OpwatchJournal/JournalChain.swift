internal import Glibc
internal import OpwatchCore
internal import WireFormat

/// The files of a directory in the order in which they go on from one another.
struct JournalChain {
    /// One file and what the later ones say of it.
    struct Link {
        let part: Part
        /// How much of it counts; nil for the newest, and where the next one does not tell.
        let limit: Limit?
        /// A later file goes on from an earlier one, or is what this one was made into.
        let isSuperseded: Bool
        /// A server time that the file is not younger than; nil where no later file tells one.
        let endedBy: Timestamp?
        /// The first line of a history file.
        let history: HistoryHeader?
    }

    /// A file in one of its two forms.
    enum Part: Sendable, Equatable {
        case journal(JournalFile)
        case history(HistoryFile)

        var first: Int64 {
            switch self {
            case .journal(let file): file.first
            case .history(let file): file.first
            }
        }

        /// Whether a start could begin with it.
        var hasCheckpoint: Bool {
            if case .journal = self { true } else { false }
        }

        var name: String {
            switch self {
            case .journal(let file): file.name
            case .history(let file): file.name
            }
        }
    }

    /// How much of a file counts, by the first line of the one behind it.
    struct Limit: Equatable {
        let afterSeq: Int64
        let afterBytes: Int64
    }

    /// Oldest first, when the chain is whole.
    private(set) var links: [Link] = []
    /// Names in the directory that are none of the journal's.
    let ignored: JournalDirectory.Ignored
    /// Those that are not looked at yet, oldest first: each needs what the later ones say.
    private var rest: [Part]
    /// Of the journal files.
    private let made: Set<Int64>
    private var limit: Limit?
    private var endedBy: Timestamp?

    /// Whether every file was looked at.
    var isWhole: Bool { rest.isEmpty }

    /// Goes through the files, oldest first, beside a daemon too that thins and removes some of
    /// them meanwhile: what is gone when its turn comes is looked up again.
    /// - Throws: `io`, for what concerns more than one file, and what `visit` throws.
    /// - Returns: the chain as it was last.
    static func walk(
        _ directory: borrowing JournalDirectory,
        _ visit: (Link) throws(JournalError) -> Void
    ) throws(JournalError) -> JournalChain {
        var reached: Int64 = 0
        for _ in 0..<attemptsMax {
            do throws(JournalError) {
                let chain = try JournalChain(directory)
                for link in chain.links where link.part.first >= reached {
                    reached = link.part.first
                    try visit(link)
                }
                return chain
            } catch {
                guard error.isGone else { throw error }
            }
        }
        throw .io(call: "open", path: directory.path, errno: EBUSY)
    }

    /// A daemon thins a file a second, and a large file takes longer to print.
    private static let attemptsMax = 10_000

    /// Reads the first line of each file.
    /// - Throws: `io`, for what concerns more than one file.
    init(_ directory: borrowing JournalDirectory) throws(JournalError) {
        self.init(try directory.list())
        while !isWhole {
            var slice = Slice()
            try readOn(&slice, in: directory)
        }
    }

    /// A chain of these files, whose first lines are still to be read.
    init(_ listing: JournalDirectory.Listing) {
        ignored = listing.ignored
        made = Set(listing.files.map(\.first))
        rest = (listing.history.map(Part.history) + listing.files.map(Part.journal))
            .sorted { $0.first < $1.first }
    }

    /// Reads on, from the newest file to the oldest.
    /// - Throws: `io`, for what concerns more than one file.
    mutating func readOn(
        _ slice: inout Slice, in directory: borrowing JournalDirectory
    ) throws(JournalError) {
        while !slice.isSpent, let part = rest.last {
            slice.spend(Int64(LineFrame.bytesMax))
            try add(part, in: directory)
            rest.removeLast()
            if isWhole { links.reverse() }
        }
    }

    private mutating func add(
        _ part: Part, in directory: borrowing JournalDirectory
    ) throws(JournalError) {
        // Between the rename of its history and its own end a journal file is there twice.
        let isTwice =
            if case .history(let file) = part { made.contains(file.first) } else { false }
        let isSuperseded = isTwice || limit.map { part.first > $0.afterSeq } ?? false
        let first = isSuperseded ? nil : try Self.firstLine(of: part, in: directory)
        let history: HistoryHeader? =
            if case .history(let header)? = first { header } else { nil }
        links.append(
            Link(
                part: part, limit: limit, isSuperseded: isSuperseded, endedBy: endedBy,
                history: history))
        if isSuperseded { return }
        switch first {
        case .header(let header)?:
            limit = Limit(afterSeq: header.afterSeq, afterBytes: header.afterBytes)
            endedBy = header.serverTime ?? endedBy
        case .history(let header)?:
            limit = Limit(afterSeq: header.afterSeq, afterBytes: header.afterBytes)
        case .ready?, .record?, .restated?, .preserved?, nil: limit = nil
        }
    }

    /// Nil where the file does not begin with a line that can be used.
    private static func firstLine(
        of part: Part, in directory: borrowing JournalDirectory
    ) throws(JournalError) -> LineContent? {
        guard case .file(let descriptor) = try directory.open(part.name) else { return nil }
        var lines = LineReader(
            descriptor, of: directory.disk, name: part.name, limit: Int64(LineFrame.bytesMax))
        guard let line = try lines.next(), line.isTerminated else { return nil }
        var decoder = LineDecoder()
        switch decoder.decode(lines.bytes, in: line.range) {
        // A copy of another file says nothing of those before this one.
        case .good(let good): return good.seq == part.first ? good.content : nil
        case .tooNew, .broken, .unusable: return nil
        }
    }
}
