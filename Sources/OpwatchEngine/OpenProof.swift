import OpwatchCore
import WireFormat

/// A cancel that is not proven yet, and when its operation is fetched next.
struct OpenProof {
    var verification: Verification
    /// nil while a fetch is under way.
    private(set) var dueAt: ContinuousClock.Instant?
    /// Fetches sent before this say nothing of the cancel.
    private let since: ContinuousClock.Instant
    /// Found while the journal was down, so nobody was told yet.
    private(set) var heldEnd: ProvenEnd?
    private var isUnprovenReported = false
    private var isLongFlagReported = false
    private var isIdleReported = false
    private var isLateReported = false
    private var didClocksAgree = true

    init(
        _ settings: VerifySettings, since: ContinuousClock.Instant, after pause: Duration = .zero
    ) {
        verification = Verification(settings)
        self.since = since
        dueAt = since.advanced(by: pause)
    }

    mutating func begin() {
        dueAt = nil
    }

    mutating func wait(until instant: ContinuousClock.Instant) {
        dueAt = instant
    }

    /// Keeps a verdict until the journal can take it.
    mutating func hold(_ end: ProvenEnd, until instant: ContinuousClock.Instant) {
        heldEnd = end
        dueAt = instant
    }

    /// Brings the next fetch forward; one that is under way is enough.
    mutating func hurry(_ now: ContinuousClock.Instant) {
        if dueAt != nil { dueAt = now }
    }

    func counts(sentAt: ContinuousClock.Instant) -> Bool {
        sentAt >= since
    }

    /// Time between two fetches counts only where the clocks agreed at both.
    mutating func noteClocks(agree: Bool, at now: Timestamp) {
        if !agree || !didClocksAgree { _ = verification.unanswered(at: now) }
        didClocksAgree = agree
    }

    /// Whether it takes longer than it can where answers count, the first time this is asked then.
    mutating func isLateToReport(at now: ContinuousClock.Instant, limit: Duration) -> Bool {
        let isTold = isLateReported || isIdleReported || isLongFlagReported || isUnprovenReported
        guard !isTold, since.duration(to: now) > limit else { return false }
        isLateReported = true
        return true
    }

    /// Whether another window has passed since a new attempt was possible, the first time this is
    /// asked then.
    mutating func isIdleToReport() -> Bool {
        guard !isIdleReported, verification.isIdle else { return false }
        isIdleReported = true
        return true
    }

    /// Whether a window ended with the cancel flag in sight, the first time this is asked.
    mutating func isLongFlagToReport() -> Bool {
        defer { isLongFlagReported = true }
        return !isLongFlagReported
    }

    /// From when on nothing is known, the first time this is asked.
    mutating func unprovenToReport() -> Timestamp? {
        guard !isUnprovenReported, let since = verification.unprovenSince else { return nil }
        isUnprovenReported = true
        return since
    }
}

/// A verdict and when it was found; server time.
struct ProvenEnd {
    let verdict: Verdict
    let at: Timestamp
    /// Of the operation as it was found, empty where it has none.
    let metadataType: String
}
