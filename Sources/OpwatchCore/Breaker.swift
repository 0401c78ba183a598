/// Stops a service's cancels when too many of its operations are overdue, or too many fail.
///
/// Pure; whether it is open and how many cancels failed in a row is durable in `WatchState`, what
/// closes it again is not: a restart begins the waiting anew.
package struct Breaker: Sendable {
    private var calmRounds = 0
    /// From when on the hour after failed cancels counts.
    private var restsSince: ContinuousClock.Instant

    /// Nothing counted yet.
    package init(at now: ContinuousClock.Instant) {
        restsSince = now
    }

    /// Rounds below the share that close it.
    private static let calmRoundsNeeded = 3
    /// Time after which it closes again that failed cancels opened.
    private static let failedCancelsRest = Duration.seconds(3_600)

    /// What the service's breaker becomes.
    package enum Change: Sendable, Equatable {
        case open(BreakerCause)
        case close
    }

    /// What a breaker is judged by.
    package struct Picture: Sendable {
        /// What the gate would let go but for confirmations, canary, budget and whatever shuts
        /// the whole service.
        package var cancellable: Int
        /// Operations that still run in the last complete polls of the parents.
        package var live: Int
        /// Whether with this poll every parent was polled completely, clocks agreeing, since the
        /// last time that this was so.
        package var endsRound: Bool
        /// Cancels refused or defied in a row.
        package var failedCancels: Int

        package init(cancellable: Int, live: Int, endsRound: Bool, failedCancels: Int) {
            self.cancellable = cancellable
            self.live = live
            self.endsRound = endsRound
            self.failedCancels = failedCancels
        }

        /// Whether so much of what runs would be cancelled that the policy may be wrong.
        package func isOver(_ safety: Safety) -> Bool {
            cancellable > safety.cancelsPerPoll
                && cancellable * 100 > live * safety.maxOverdueSharePercent
        }
    }

    /// One complete poll.
    package mutating func poll(
        _ picture: Picture, under safety: Safety, open: WatchState.OpenBreaker?,
        at now: ContinuousClock.Instant
    ) -> Change? {
        guard let open else {
            calmRounds = 0
            // Verdicts may have come while it was open for another cause.
            if let change = failed(picture.failedCancels, under: safety, at: now) { return change }
            guard picture.isOver(safety) else { return nil }
            return .open(
                .share(
                    cancellable: picture.cancellable, live: picture.live,
                    limitPercent: safety.maxOverdueSharePercent))
        }
        switch open.cause.kind {
        case .failedCancels, nil:
            // Closed over too large a share it would open again only with the next poll.
            let isRested = restsSince.duration(to: now) >= Self.failedCancelsRest
            return isRested && !picture.isOver(safety) ? .close : nil
        case .share:
            if picture.isOver(safety) {
                calmRounds = 0
            } else if picture.endsRound {
                calmRounds += 1
            }
            return calmRounds >= Self.calmRoundsNeeded ? .close : nil
        }
    }

    /// Another part of the service found it failing: its hour counts from now on.
    package mutating func rest(at now: ContinuousClock.Instant) {
        restsSince = now
    }

    /// A verdict was found.
    /// - Parameter count: cancels refused or defied in a row, this one included.
    package mutating func failed(
        _ count: Int, under safety: Safety, at now: ContinuousClock.Instant
    ) -> Change? {
        guard safety.maxFailedCancels > 0, count >= safety.maxFailedCancels else { return nil }
        restsSince = now
        return .open(.failedCancels(inARow: count, limit: safety.maxFailedCancels))
    }
}
