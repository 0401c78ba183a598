import OpwatchCore
import WireFormat

/// A token at hand.
struct Kept: Sendable {
    let grant: TokenGrant
    /// A service did not take it: a fresh one is asked for at once, and once.
    var isRefused = false
    /// A while before its end, as a request takes its time; nil where only its file tells.
    let goodUntil: ContinuousClock.Instant?
    /// From when on a fresh one is asked for.
    private let dueAt: ContinuousClock.Instant?
    private let file: CredentialFile?
    private let fingerprint: FileFingerprint?

    /// A fresh one is asked for when a quarter of the life is left, but not before.
    private static let aheadMax = Duration.seconds(300)
    private static let margin = Duration.seconds(10)

    /// - Parameter since: when it was asked for.
    init(
        grant: TokenGrant, life: Duration?, since: ContinuousClock.Instant,
        file: CredentialFile?, fingerprint: FileFingerprint?
    ) {
        self.grant = grant
        goodUntil = life.map { since.advanced(by: $0 - min(Self.margin, $0 / 10)) }
        dueAt = life.map { since.advanced(by: $0 - min(Self.aheadMax, $0 / 4)) }
        self.file = file
        self.fingerprint = fingerprint
    }

    func isGood(at now: ContinuousClock.Instant) -> Bool {
        goodUntil.map { now < $0 } ?? true
    }

    func goodFor(at now: ContinuousClock.Instant) -> Duration? {
        guard let goodUntil, now < goodUntil else { return nil }
        return now.duration(to: goodUntil)
    }

    func isDue(at now: ContinuousClock.Instant) -> Bool {
        dueAt.map { now >= $0 } ?? false
    }

    /// A token file says by itself that its token is over: it has another.
    var isReplaced: Bool { goodUntil == nil && isFileChanged }

    /// A key that was written again may be another account's.
    var isFileChanged: Bool {
        file.map { $0.fingerprint != fingerprint } ?? false
    }
}

/// Why no token comes, and until when nobody is asked again.
struct Trouble: Sendable {
    let failure: AuthFailure
    var isTold: Bool
    private let count: Int
    private var restUntil: ContinuousClock.Instant?
    private let file: CredentialFile?
    private let fingerprint: FileFingerprint?

    private static let pauseMin = Duration.seconds(1)
    private static let pauseMax = Duration.seconds(60)
    /// Of what only somebody else can mend.
    private static let lastingPause = Duration.seconds(300)

    init(
        _ failure: AuthFailure, after earlier: Trouble?, file: CredentialFile?,
        fingerprint: FileFingerprint?, at now: ContinuousClock.Instant,
        jitter: (Duration) -> Duration
    ) {
        self.failure = failure
        isTold = earlier?.isTold ?? false
        count = (earlier?.count ?? 0) + 1
        self.file = file
        self.fingerprint = fingerprint
        let pause: Duration
        switch failure {
        // Until its file changes, where it has one.
        case .setup: pause = Self.pauseMax
        case .refused: pause = Self.lastingPause
        case .unavailable, .stopped:
            pause = min(Self.pauseMin * (1 << min(count - 1, 10)), Self.pauseMax)
        }
        // Half of it by chance: machines of a fleet do not knock at once.
        restUntil = now.advanced(by: pause / 2 + jitter(pause / 2))
    }

    /// Asks again at once.
    mutating func endRest() {
        restUntil = nil
    }

    func isResting(at now: ContinuousClock.Instant) -> Bool {
        guard let restUntil else { return false }
        return now < restUntil && (file.map { $0.fingerprint == fingerprint } ?? true)
    }
}
