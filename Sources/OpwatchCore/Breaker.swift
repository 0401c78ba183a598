package import WireFormat

/// Stops a service's cancels when too many of its operations are overdue, or too many fail.
///
/// Pure; whether it is open is durable in `WatchState`, what it counts is not.
package struct Breaker: Sendable {
    private var calmPolls = 0
    private var failedInARow = 0

    package init() {}

    package static let calmPollsNeeded = 3
    package static let failedCancelsRest = Duration.seconds(3_600)
    static let failedPrefix = "refused or defied"

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
        let isOver =
            cancellable > safety.cancelsPerPoll
            && cancellable * 100 > live * safety.maxOverdueSharePercent
        guard let open else {
            calmPolls = 0
            guard isOver else { return nil }
            return .open(
                reason: "\(cancellable) of \(live) live operations would be cancelled, "
                    + "limit \(safety.maxOverdueSharePercent)%")
        }
        if open.reason.hasPrefix(Self.failedPrefix) {
            let rested = now.duration(since: open.since) >= Self.failedCancelsRest
            if rested { failedInARow = 0 }
            return rested ? .close : nil
        }
        calmPolls = isOver ? 0 : calmPolls + 1
        return calmPolls >= Self.calmPollsNeeded ? .close : nil
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
        guard safety.maxFailedCancels > 0, failedInARow >= safety.maxFailedCancels else {
            return nil
        }
        return .open(
            reason: "\(Self.failedPrefix) \(failedInARow) in a row, limit \(safety.maxFailedCancels)")
    }
}
