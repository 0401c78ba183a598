internal import OpwatchCore
internal import WireFormat

/// What `retain` has in hand from one call to the next, until there is nothing left to do.
struct RetentionRound: ~Copyable {
    let retention: Retention
    /// The files as they were before the last one was changed; nil until they are looked at.
    private var chain: JournalChain?
    /// Journal files that are evidence, or not whole: once a round is enough to read them.
    private var passedOver: Set<JournalFile> = []
    private var thinning: Thinning?

    init(_ retention: Retention) {
        self.retention = retention
    }

    /// Does the next thing, as much of it as the slice allows.
    /// - Parameters:
    ///   - serverTime: what is past its time by this may go.
    ///   - now: the wall clock.
    mutating func goOn(
        in directory: borrowing JournalDirectory, serverTime: Timestamp, at now: Timestamp,
        _ slice: inout Slice
    ) throws(JournalError) -> RetentionStep? {
        while !slice.isSpent {
            if let step = try thinOn(in: directory, &slice) { return step }
            // It needs the next slice, or another file takes its place.
            if thinning != nil { continue }
            guard let chain = try readOn(in: directory, &slice) else { break }
            if let next = candidate(in: chain, serverTime, mayBeYoung: false, at: now) {
                thinning = try Thinning(next, in: directory)
                continue
            }
            if let step = try removeHistory(chain, serverTime, in: directory) { return step }
            let bytes = try sizeOf(chain, in: directory)
            guard bytes > retention.bytesMax else { return nil }
            guard let next = candidate(in: chain, serverTime, mayBeYoung: true, at: now) else {
                return .tooLarge(bytes: bytes, allowed: retention.bytesMax)
            }
            thinning = try Thinning(next, in: directory)
        }
        return .underway
    }

    /// Lets a history file go that was begun.
    consuming func abandon(in directory: borrowing JournalDirectory) {
        thinning?.abandon(in: directory)
    }

    /// The files; nil where the slice did not reach to the last.
    private mutating func readOn(
        in directory: borrowing JournalDirectory, _ slice: inout Slice
    ) throws(JournalError) -> JournalChain? {
        // Taken out, so that what grows is not copied.
        var chain =
            if let known = self.chain.take() { known } else {
                JournalChain(try directory.list())
            }
        try chain.readOn(&slice, in: directory)
        self.chain = chain
        return chain.isWhole ? chain : nil
    }

    private mutating func thinOn(
        in directory: borrowing JournalDirectory, _ slice: inout Slice
    ) throws(JournalError) -> RetentionStep? {
        guard let file = thinning?.file else { return nil }
        do throws(JournalError) {
            switch try thinning?.goOn(in: directory, &slice) {
            case .underway?, nil: return nil
            case .unfit?: break
            case .done(let step)?:
                thinning = nil
                chain = nil
                return step
            }
        } catch {
            guard error.concernsOneFile else { throw error }
        }
        thinning?.abandon(in: directory)
        thinning = nil
        passedOver.insert(file)
        return nil
    }

    /// The first journal file that may be thinned; one before its time only if it may be young.
    private func candidate(
        in chain: JournalChain, _ serverTime: Timestamp, mayBeYoung: Bool, at now: Timestamp
    ) -> Thinning.Candidate? {
        let counting = chain.links.filter { !$0.isSuperseded }
        let newest = counting.map(\.part).filter(\.hasCheckpoint).suffix(2)
        for (index, link) in counting.enumerated() {
            guard case .journal(let file) = link.part, let limit = link.limit,
                !newest.contains(link.part), !passedOver.contains(file)
            else { continue }
            let age = link.endedBy.map { serverTime.duration(since: $0) }
            guard mayBeYoung || age.map({ $0 > retention.keep }) ?? false else { continue }
            return Thinning.Candidate(
                file: file, limit: limit, behind: counting.dropFirst(index + 1).first,
                isOldest: index == 0, endedBy: link.endedBy ?? serverTime, at: now)
        }
        return nil
    }

    private mutating func removeHistory(
        _ chain: JournalChain, _ serverTime: Timestamp, in directory: borrowing JournalDirectory
    ) throws(JournalError) -> RetentionStep? {
        for link in chain.links where !link.isSuperseded {
            guard case .history = link.part, let header = link.history,
                serverTime.duration(since: header.serverTime) > retention.keepAudit
            else { continue }
            try directory.remove(link.part.name)
            self.chain = nil
            return .removed(file: link.part.name)
        }
        return nil
    }

    private func sizeOf(
        _ chain: JournalChain, in directory: borrowing JournalDirectory
    ) throws(JournalError) -> Int64 {
        var bytes: Int64 = 0
        for link in chain.links { bytes += try directory.size(link.part.name) }
        return bytes
    }
}
