internal import OpwatchCore
internal import WireFormat

/// Makes a history file of a journal file, its audit lines as they are, in slices: looks whether
/// the file is evidence, reads it to its end, and then, line by line, copies what is kept.
///
/// Nobody writes to the file any more, so that it may be read twice.
struct Thinning: ~Copyable {
    private let candidate: Candidate
    private var search: DamageSearch?
    private var reader: FileReader?
    /// The numbers of the lines that are kept.
    private var kept: [Int] = []
    private var lineCount = 0
    private var copy: LineCopy?

    /// A file that may be thinned, if it is whole and no evidence.
    struct Candidate {
        let file: JournalFile
        /// How much of it counts.
        let limit: JournalChain.Limit
        /// The file that goes on from it.
        let behind: JournalChain.Link?
        /// Nothing stands before it, so that what its checkpoint tells stands nowhere else.
        let isOldest: Bool
        /// A time of the services that the file is not younger than.
        let endedBy: Timestamp
        /// The wall clock.
        let at: Timestamp
    }

    /// How far it came.
    enum Progress {
        case underway
        /// The file stays as it is.
        case unfit
        case done(RetentionStep)
    }

    /// - Throws: `io`, for what concerns more than one file.
    init(
        _ candidate: Candidate, in directory: borrowing JournalDirectory
    ) throws(JournalError) {
        self.candidate = candidate
        if let behind = candidate.behind { search = try DamageSearch(in: behind, of: directory) }
    }

    var file: JournalFile { candidate.file }

    /// Goes on for a slice. At last it removes the journal file, when the history file has its name
    /// and is durable; a crash in between leaves both, and the next call does it again.
    mutating func goOn(
        in directory: borrowing JournalDirectory, _ slice: inout Slice
    ) throws(JournalError) -> Progress {
        if search != nil {
            guard let isEvidence = try search?.goOn(&slice) else { return .underway }
            search = nil
            if isEvidence { return .unfit }
        }
        if copy == nil {
            guard let header = try siftOn(in: directory, &slice) else {
                return reader == nil ? .unfit : .underway
            }
            try beginCopy(following: header, in: directory)
        }
        if try copy?.goOn(&slice, on: directory.disk) ?? false { return .underway }
        return try finish(in: directory)
    }

    /// Lets the history file go that was begun.
    func abandon(in directory: borrowing JournalDirectory) {
        if copy != nil { directory.abandon(history.name) }
    }

    private var history: HistoryFile {
        HistoryFile(first: file.first, last: candidate.limit.afterSeq)
    }

    /// Finds the lines that are kept.
    /// - Returns: the header, when the file is read to its end and whole as far as it counts. Nil
    ///   without a reader: the file does not verify.
    private mutating func siftOn(
        in directory: borrowing JournalDirectory, _ slice: inout Slice
    ) throws(JournalError) -> JournalHeader? {
        let limit = candidate.limit
        if reader == nil {
            guard case .file(let descriptor) = try directory.open(file.name) else { return nil }
            reader = FileReader(file, descriptor, of: directory.disk, limit: limit.afterBytes)
        }
        var kept = self.kept
        self.kept = []
        let isOldest = candidate.isOldest
        let hasMore = try reader?.readOn(&slice) { read in
            guard read.line.content.isAudit, isOldest || !read.isCheckpoint else { return }
            kept.append(read.place.line)
        }
        self.kept = kept
        if hasMore ?? false { return nil }
        guard let reading = reader.take()?.end(), let header = reading.header,
            reading.firstBad == nil, reading.lastSeq == limit.afterSeq,
            reading.goodBytes == limit.afterBytes
        else { return nil }
        lineCount = reading.goodLines
        return header
    }

    private mutating func beginCopy(
        following header: JournalHeader, in directory: borrowing JournalDirectory
    ) throws(JournalError) {
        guard case .file(let descriptor) = try directory.open(file.name) else {
            throw .lost(file: file.name, offset: 0)
        }
        let first = HistoryHeader(
            afterSeq: header.afterSeq, afterBytes: header.afterBytes, lines: Int64(kept.count),
            serverTime: candidate.endedBy)
        var encoder = LineEncoder()
        try encoder.append(
            .history(first), seq: file.first, synced: header.afterSeq, at: candidate.at)
        let lines = LineReader(
            descriptor, of: directory.disk, name: file.name, limit: candidate.limit.afterBytes)
        copy = LineCopy(
            of: lines, kept: kept, behind: encoder.bytes,
            to: try directory.begin(history.name), name: history.name)
    }

    private mutating func finish(
        in directory: borrowing JournalDirectory
    ) throws(JournalError) -> Progress {
        guard let copy = copy.take() else { return .unfit }
        if copy.isSpoilt {
            directory.abandon(history.name)
            return .unfit
        }
        do throws(JournalError) {
            try directory.finish(copy.name, copy.target)
        } catch {
            directory.abandon(history.name)
            throw error
        }
        try directory.remove(file.name)
        return .done(.thinned(file: file.name, kept: kept.count, of: lineCount))
    }
}

extension LineContent {
    /// Whether an auditor may ask for it long after; kinds of a later version may be such.
    fileprivate var isAudit: Bool {
        switch self {
        case .preserved: true
        case .header, .history, .ready: false
        case .record(let record), .restated(let record): record.isAudit
        }
    }
}
