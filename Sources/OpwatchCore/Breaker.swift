package import WireFormat

/// Stops a service's cancels when too many of its operations are overdue, or too many fail.
///
/// Pure; whether it is open is durable in `WatchState`, what it counts is not.
package struct Breaker: Sendable {
    private var calmPolls = 0
    private var failedInARow = 0

    /// Nothing counted yet.
    package init() {}

    /// Complete polls below the share that close it.
    package static let calmPollsNeeded = 3
    /// Server time after which it closes again that failed cancels opened.
    package static let failedCancelsRest = Duration.seconds(3_600)

    /// What the service's breaker becomes; the reason is the text of a `BreakerCause`.
    package enum Change: Sendable, Equatable {
        case open(reason: String)
        case close
    }

    /// One complete poll's share.
    /// - Parameters:
    ///   - cancellable: what the gate would let go but for confirmations, canary and budget.
    ///   - live: operations that still run in the service's last complete polls.
    package mutating func poll(
        cancellable: Int, live: Int, under safety: Safety, open: WatchState.OpenBreaker?,
        at now: Timestamp
    ) -> Change? {
        let limit = safety.maxOverdueSharePercent
        let isOver = cancellable > safety.cancelsPerPoll && cancellable * 100 > live * limit
        switch open?.kind {
        case nil:
            calmPolls = 0
            // Verdicts may have come while it was open for another cause.
            if let change = failedTooOften(under: safety) { return change }
            guard isOver else { return nil }
            return .open(
                BreakerCause.share(cancellable: cancellable, live: live, limitPercent: limit))
        case .failedCancels?:
            let since = open?.since ?? now
            guard now.duration(since: since) >= Self.failedCancelsRest else { return nil }
            failedInARow = 0
            return .close
        case .share?:
            calmPolls = isOver ? 0 : calmPolls + 1
            return calmPolls >= Self.calmPollsNeeded ? .close : nil
        }
    }

    /// A verdict; UNIMPLEMENTED says nothing about the next operation's cancel and is not counted.
    package mutating func verdict(
        _ verdict: Verdict, isUnimplemented: Bool, under safety: Safety
    ) -> Change? {
        switch verdict {
        case .refused, .defied:
            if isUnimplemented { return nil }
            failedInARow += 1
        case .cancelled, .finishedAnyway, .failedOtherwise, .vanished:
            failedInARow = 0
        case .cancelledByOther: return nil
        }
        return failedTooOften(under: safety)
    }

    private func failedTooOften(under safety: Safety) -> Change? {
        guard safety.maxFailedCancels > 0, failedInARow >= safety.maxFailedCancels else {
            return nil
        }
        return .open(
            BreakerCause.failedCancels(inARow: failedInARow, limit: safety.maxFailedCancels))
    }
}

extension Breaker.Change {
    fileprivate static func open(_ cause: BreakerCause) -> Self {
        .open(reason: cause.description)
    }
}

/// Why a breaker opens.
///
/// The journal keeps its text; how it closes is read back from the first words of that, so these
/// must not change.
enum BreakerCause: Sendable, Equatable, CustomStringConvertible {
    case share(cancellable: Int, live: Int, limitPercent: Int)
    case failedCancels(inARow: Int, limit: Int)

    /// The cause without its figures.
    enum Kind: Sendable, Equatable {
        case share
        case failedCancels

        init(reason: String) {
            self = reason.hasPrefix(BreakerCause.failedWords) ? .failedCancels : .share
        }
    }

    private static let failedWords = "refused or defied"

    /// For the journal and for people.
    var description: String {
        switch self {
        case .share(let cancellable, let live, let limitPercent):
            "\(cancellable) of \(live) live operations would be cancelled, limit \(limitPercent)%"
        case .failedCancels(let count, let limit):
            "\(Self.failedWords) \(count) in a row, limit \(limit)"
        }
    }
}
