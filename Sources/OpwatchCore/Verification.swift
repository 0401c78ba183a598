package import WireFormat

/// Proves what became of one cancel by looking at its operation again and again.
///
/// Volatile: after a restart it begins anew, which can only delay a verdict. Time counts only
/// between answered looks.
package struct Verification: Sendable {
    private let settings: VerifySettings
    /// Counted of `within` so far.
    private var waited = Duration.zero
    /// The last look that found it running, if no look since then stayed without an answer.
    private var lastRunning: Timestamp?
    private var missingSince: Timestamp?
    private var pause = Verification.firstPause
    /// Whether the attempt's window ended, or the request was looked up without effect: the
    /// operation may be cancelled by a new intent.
    package private(set) var mayRetry = false
    /// The first look that was not answered since the last answer.
    package private(set) var unprovenSince: Timestamp?

    /// Before the first look after an accepted cancel, and the first between two.
    package static let firstPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(60)

    /// A proof that begins now.
    package init(_ settings: VerifySettings) {
        self.settings = settings
    }

    /// What one look leads to.
    package enum Step: Sendable, Equatable {
        /// Look again after this long.
        case look(after: Duration)
        case verdict(Verdict)
    }

    /// A look that found the operation.
    package mutating func found(
        _ snapshot: OperationSnapshot, _ history: CancelHistory, at now: Timestamp
    ) -> Step {
        unprovenSince = nil
        missingSince = nil
        if snapshot.isDone { return .verdict(history.verdict(code: snapshot.outcomeCode)) }
        switch history.state {
        case .answered(.refused): return .verdict(.refused)
        case .answered(.missing) where history.accepted == 0 && !snapshot.isCancelRequested:
            // Found by GET and not by cancel: nothing here cancels it, and asking again would
            // only use the budget up.
            return .verdict(.refused)
        case .answered(.accepted): return accepted(snapshot, history, at: now)
        case .recorded, .answered(.unanswered), .answered(.missing), .answered(.denied),
            .withdrawn:
            // The flag says that the request arrived after all, so only waiting is left.
            mayRetry = !snapshot.isCancelRequested
            return next()
        case .ended: return next()
        }
    }

    /// Still running after a cancel that was accepted.
    private mutating func accepted(
        _ snapshot: OperationSnapshot, _ history: CancelHistory, at now: Timestamp
    ) -> Step {
        if let lastRunning { waited += max(.zero, now.duration(since: lastRunning)) }
        lastRunning = now
        mayRetry = false
        guard waited >= settings.within else { return next() }
        // The service works on it: the wait begins anew, and no attempt is used up.
        if snapshot.isCancelRequested {
            waited = .zero
            return next()
        }
        if history.accepted >= settings.attempts { return .verdict(.defied) }
        mayRetry = true
        return next()
    }

    /// A look that was answered with 404.
    package mutating func missing(at now: Timestamp) -> Step {
        lastRunning = nil
        unprovenSince = nil
        let apart = min(.seconds(60), settings.within / 2)
        guard let since = missingSince else {
            missingSince = now
            return .look(after: apart)
        }
        return now.duration(since: since) >= apart ? .verdict(.vanished) : next()
    }

    /// A look without an answer proves nothing and stops the clock.
    package mutating func unanswered(at now: Timestamp) -> Step {
        lastRunning = nil
        if unprovenSince == nil { unprovenSince = now }
        return next()
    }

    private mutating func next() -> Step {
        let wait = pause
        pause = min(pause * 2, Self.longestPause)
        return .look(after: wait)
    }
}
