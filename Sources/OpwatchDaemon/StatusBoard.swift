/// What `systemctl status` shows, sent when it changed, at most once a second.
struct StatusBoard {
    private var shown = ""
    private var shownAt: ContinuousClock.Instant?
    /// When something may have changed that is not shown yet.
    private(set) var nextWake: ContinuousClock.Instant?

    /// Whether a text may be sent now; making one for nothing is dear with thousands of parents.
    mutating func mayShow(at now: ContinuousClock.Instant) -> Bool {
        nextWake = nil
        guard let shownAt, shownAt.duration(to: now) < .seconds(1) else { return true }
        nextWake = shownAt.advanced(by: .seconds(1))
        return false
    }

    /// The text, if it is another than the one that is shown.
    mutating func next(_ text: String, at now: ContinuousClock.Instant) -> String? {
        text == shown ? nil : sent(text, at: now)
    }

    /// Notes a text that goes out with another message.
    mutating func sent(_ text: String, at now: ContinuousClock.Instant) -> String {
        shown = text
        shownAt = now
        nextWake = nil
        return text
    }
}
