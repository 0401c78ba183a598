package import OpwatchCore
package import WireFormat

/// What `retain` did, for the log.
package enum RetentionStep: Sendable, Equatable, CustomStringConvertible {
    /// Of a journal file, past its time or the first to go for size, only the audit lines are kept.
    case thinned(file: String, kept: Int, of: Int)
    /// Audit lines past their time are gone.
    case removed(file: String)
    /// More than the policy allows, and nothing that may go.
    case tooLarge(bytes: Int64, allowed: Int64)

    /// One line for the log.
    package var description: String {
        switch self {
        case .thinned(let file, let kept, let count):
            "the journal keeps of \(file) its \(kept) audit lines of \(count)"
        case .removed(let file): "the journal lets \(file) go, past its time"
        case .tooLarge(let bytes, let allowed):
            "the journal has \(bytes) bytes, the policy allows \(allowed); what is left are the "
                + "files in use, audit lines before their time, and damaged files"
        }
    }
}

extension Journal {
    /// Does the next thing that the policy asks of files that no start needs: one file a call.
    ///
    /// Only while healthy, and only by the time of a service that agrees with ours; without one
    /// nothing is past its time. The newest two files, and whatever does not verify, stay.
    /// - Returns: what was done; nil when there is nothing to do.
    /// - Throws: `io`, `shortWrite`; the journal's health is not concerned, and the files are as
    ///   they were.
    package func retain(
        _ retention: Retention, at now: Timestamp
    ) throws(JournalError) -> RetentionStep? {
        guard health == .healthy, let serverTime = serverTime?.told else { return nil }
        let chain = try JournalChain(directory)
        let old = chain.links.filter { link in
            guard !link.isSuperseded, link.limit != nil, let endedBy = link.endedBy else {
                return false
            }
            return serverTime.duration(since: endedBy) > retention.keep
        }
        if let step = try thinFirst(of: old, in: chain, serverTime, at: now) { return step }
        if let step = try removeHistory(chain, retention.keepAudit, serverTime) { return step }
        let bytes = try sizeOf(chain)
        guard bytes > retention.bytesMax else { return nil }
        let rest = chain.links.filter { !$0.isSuperseded && $0.limit != nil }
        return try thinFirst(of: rest, in: chain, serverTime, at: now)
            ?? .tooLarge(bytes: bytes, allowed: retention.bytesMax)
    }

    /// Thins the first journal file of the links that is whole and no evidence.
    private func thinFirst(
        of links: [JournalChain.Link], in chain: JournalChain, _ serverTime: Timestamp,
        at now: Timestamp
    ) throws(JournalError) -> RetentionStep? {
        let counting = chain.links.filter { !$0.isSuperseded }
        let newest = counting.map(\.part).filter(\.hasCheckpoint).suffix(2)
        for link in links {
            guard case .journal(let file) = link.part, !newest.contains(link.part),
                let limit = link.limit
            else { continue }
            let behind = counting.first { $0.part.first > file.first }
            if let behind, try tellsOfDamage(behind) { continue }
            let isOldest = counting.first?.part == link.part
            let thinning = Thinning(
                file: file, limit: limit, isOldest: isOldest,
                endedBy: link.endedBy ?? serverTime, at: now)
            do throws(JournalError) {
                if let step = try thinning.perform(in: directory) { return step }
            } catch {
                guard error.concernsOneFile else { throw error }
            }
        }
        return nil
    }

    /// Whether a start found damage in the file before, or in others between them: then the file
    /// that it began says so. One that cannot be read to its end is taken to say so.
    private func tellsOfDamage(_ link: JournalChain.Link) throws(JournalError) -> Bool {
        var tells = false
        let file = try JournalReport.File(link, in: directory) { read in
            if case .record(.damage) = read.line.content, !read.isCheckpoint { tells = true }
        }
        return switch file.state {
        case .damaged, .unread: true
        case .whole, .thinned, .torn, .superseded: tells
        }
    }

    private func removeHistory(
        _ chain: JournalChain, _ keepAudit: Duration, _ serverTime: Timestamp
    ) throws(JournalError) -> RetentionStep? {
        for link in chain.links where !link.isSuperseded {
            guard case .history = link.part, let header = link.history,
                serverTime.duration(since: header.serverTime) > keepAudit
            else { continue }
            try directory.remove(link.part.name)
            return .removed(file: link.part.name)
        }
        return nil
    }

    private func sizeOf(_ chain: JournalChain) throws(JournalError) -> Int64 {
        var bytes: Int64 = 0
        for link in chain.links { bytes += try directory.size(link.part.name) }
        return bytes
    }
}
