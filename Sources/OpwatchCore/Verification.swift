package import WireFormat

/// Proves what became of one cancel by fetching its operation again and again.
///
/// Volatile: after a restart it begins anew, which can only delay a verdict. Time counts only
/// between answered fetches.
package struct Verification: Sendable {
    private var settings: VerifySettings
    /// Counted of the present window so far.
    private var waited = Duration.zero
    /// The last fetch that found it running, if no fetch since then stayed without an answer.
    private var lastRunning: Timestamp?
    private var missingSince: Timestamp?
    /// It was found running without the cancel flag since the answer.
    private var wentOn = false
    private var pause = Verification.firstPause
    /// Windows that ended with the cancel flag in sight.
    private var flaggedWindows = 0
    /// Whether the window ended and no flag is in sight: the operation may be cancelled by a new
    /// intent.
    package private(set) var mayRetry = false
    /// Whether a window has ended, so that nobody else has to wait for this operation's end.
    package private(set) var isWindowOver = false
    /// Whether no other attempt has followed for a whole window since one became possible.
    package private(set) var isIdle = false
    /// The first fetch that was not answered since the last answer.
    package private(set) var unprovenSince: Timestamp?

    /// Before the first fetch after an accepted cancel, and the first between two.
    package static let firstPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(60)
    /// The longest wait before a request that was not answered is repeated, unless `within` is
    /// longer.
    static let longestWindow = Duration.seconds(3_600)
    /// So many requests without an answer that counts, and no more.
    package static let unansweredMax = 10

    /// A proof that begins now.
    package init(_ settings: VerifySettings) {
        self.settings = settings
    }

    /// Goes on under other settings; whether another attempt may follow the next fetch says.
    package mutating func adopt(_ settings: VerifySettings) {
        self.settings = settings
        mayRetry = false
    }

    /// What one fetch leads to.
    package enum Step: Sendable, Equatable {
        /// Fetch again after this long.
        case fetch(after: Duration)
        case verdict(Verdict)
    }

    /// A fetch that found the operation.
    package mutating func found(
        _ snapshot: OperationSnapshot, _ history: CancelHistory, at now: Timestamp
    ) -> Step {
        unprovenSince = nil
        missingSince = nil
        if snapshot.isDone {
            return .verdict(
                history.verdict(code: snapshot.outcomeCode, refusalStands: wentOn))
        }
        if let lastRunning { waited += max(.zero, now.duration(since: lastRunning)) }
        lastRunning = now
        mayRetry = false
        if snapshot.isCancelRequested { return flagged(history) }
        wentOn = true
        switch history.state {
        case .answered(.refused(.lasting)), .answered(.refused(.unimplemented)):
            return .verdict(.refused)
        case .answered(.refused(.passing)):
            let count = history.earlier.refusals
            if count >= settings.attempts { return .verdict(.refused) }
            return waiting(for: settings.within * max(1, count))
        case .answered(.missing):
            // Found by GET and not by cancel: nothing here cancels it, and asking again would
            // only use the budget up.
            return .verdict(.refused)
        case .answered(.accepted):
            return waiting(
                for: settings.within, then: history.accepted >= settings.attempts ? .defied : nil)
        case .recorded, .answered(.unanswered):
            return waiting(
                for: window(history.told.unanswered),
                then: history.told.unanswered >= Self.unansweredMax ? .defied : nil)
        // Its window was over before the request that was denied or did not leave.
        case .answered(.denied), .withdrawn: return waiting(for: .zero)
        case .ended: return next()
        }
    }

    /// The service works on it: a window counts as an attempt, without another request.
    private mutating func flagged(_ history: CancelHistory) -> Step {
        guard waited >= settings.within else { return next() }
        waited = .zero
        flaggedWindows += 1
        isWindowOver = true
        let attempts = max(1, history.accepted) - 1 + flaggedWindows
        return attempts >= settings.attempts ? .verdict(.defied) : next()
    }

    private mutating func waiting(for window: Duration, then verdict: Verdict? = nil) -> Step {
        guard waited >= window else { return next() }
        if let verdict { return .verdict(verdict) }
        isWindowOver = true
        mayRetry = true
        if waited >= window + settings.within { isIdle = true }
        return next()
    }

    /// `within`, doubled with each request that was not answered.
    private func window(_ unanswered: Int) -> Duration {
        let doublings = min(max(0, unanswered - 1), Self.unansweredMax)
        return min(settings.within * (1 << doublings), max(settings.within, Self.longestWindow))
    }

    /// A fetch that was answered with 404.
    package mutating func missing(at now: Timestamp) -> Step {
        lastRunning = nil
        unprovenSince = nil
        let apart = min(.seconds(60), settings.within / 2)
        // A clock that went back since then must not hold the verdict up.
        guard let since = missingSince, since <= now else {
            missingSince = now
            return .fetch(after: apart)
        }
        return now.duration(since: since) >= apart ? .verdict(.vanished) : next()
    }

    /// A fetch without an answer proves nothing and stops the clock.
    package mutating func unanswered(at now: Timestamp) -> Step {
        lastRunning = nil
        if unprovenSince == nil { unprovenSince = now }
        return next()
    }

    private mutating func next() -> Step {
        let wait = pause
        pause = min(pause * 2, Self.longestPause)
        return .fetch(after: wait)
    }
}
