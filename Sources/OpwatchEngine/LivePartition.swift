import OpwatchCore
import WireFormat

/// What runs for one parent of a service: the walk under way and what complete polls told.
struct LivePartition {
    let id: PartitionID
    let partition: Partition
    var nextPollAt: ContinuousClock.Instant
    /// The last walk that was complete; 0 for none.
    private(set) var completeWalk: UInt32 = 0
    /// Counts complete polls; skips one after a gap.
    private(set) var completeNumber: UInt32 = 0
    var walk: Walk?
    private(set) var lastComplete: ContinuousClock.Instant?
    private(set) var lastCompleteTime: Timestamp?
    /// How long the last complete walk took, its waiting in the lane included.
    private(set) var lastWalkTime = Duration.zero
    /// Requests of the last complete walk, repeated ones included; 0 before the first.
    private(set) var lastRequests = 0
    /// From when three intervals without a complete poll are counted.
    private let watchedSince: ContinuousClock.Instant
    /// No complete poll for three intervals, which is told once; what was counted by then says
    /// nothing of how things are.
    private(set) var isStale = false
    /// The last of the breaker's rounds in which it was polled completely, clocks agreeing.
    var round: UInt32 = 0
    /// Left alone until then, because the service asked for it.
    private(set) var pausedUntil: ContinuousClock.Instant?
    /// Whether the last answer asked for more than is granted at once.
    private var hasAskedForMore = false
    /// Walks in a row that ended because the service throttled without saying for how long.
    private var throttles = 0
    /// Why the last request of a walk failed, whether it was tried again or not.
    private(set) var lastFailure: String?
    /// What was told of the present row of failures; nil while there is none.
    private var toldKind: PollTrouble.Kind?
    var isFilterDropReported = false
    /// `ignore` rules that were found to match nothing here, each told once a policy.
    var reportedIdleRules: Set<String> = []
    /// Why the last walk was not complete; nil after a complete one.
    private(set) var trouble: PollTrouble?
    /// When the present row of failed walks began; local time.
    private(set) var troubleSince: Timestamp?
    /// The next complete poll only warns: the first after a start, a gap or a clock jump.
    var isWarnOnly = true
    /// Whether queued candidates come from a warn-only poll.
    private var wasWarnOnly = true
    var startedInPoll = 0
    private(set) var liveCount = 0
    private(set) var cancellableCount = 0
    /// Duplicate listings that were reported.
    var reportedDuplicates: Set<String> = []
    var reportedUntrackable: Set<String> = []

    /// One walk over all pages.
    final class Walk {
        var poll: Poll
        /// When its first request was put into the lane, or the lane opens for it.
        var startedAt: ContinuousClock.Instant
        var pages: ListWalk
        /// Rules that have something to read in what was listed so far.
        var readableRules: Set<Int> = []
        /// Requests that failed and were tried again.
        var retries = 0

        init(poll: Poll, startedAt: ContinuousClock.Instant, pages: ListWalk) {
            self.poll = poll
            self.startedAt = startedAt
            self.pages = pages
        }
    }

    init(_ id: PartitionID, _ partition: Partition, nextPollAt: ContinuousClock.Instant) {
        self.id = id
        self.partition = partition
        self.nextPollAt = nextPollAt
        watchedSince = nextPollAt
    }

    /// Time without a complete poll.
    func unseen(at now: ContinuousClock.Instant) -> Duration {
        (lastComplete ?? watchedSince).duration(to: now)
    }

    /// Whether nothing that was overdue in the last complete poll may be cancelled for it.
    /// - Parameter gap: three intervals; a walk that takes longer than that is none.
    func onlyWarns(at now: ContinuousClock.Instant, gap: Duration) -> Bool {
        isWarnOnly || wasWarnOnly || unseen(at: now) > gap + lastWalkTime
    }

    /// Whether the walk began too long after the last complete one had ended.
    func isWalkAfterGap(_ gap: Duration) -> Bool {
        guard let walk, let lastComplete else { return false }
        return lastComplete.duration(to: walk.startedAt) > gap
    }

    /// Whether it became stale just now.
    mutating func noticeStale(at now: ContinuousClock.Instant, gap: Duration) -> Bool {
        guard !isStale, unseen(at: now) > gap + lastWalkTime * 2 else { return false }
        isStale = true
        return true
    }

    /// Counts what the gate would let go of the last complete poll's operations.
    mutating func count(cancellable: Int) {
        cancellableCount = cancellable
    }

    /// Ends the walk as complete; gives the number of this complete poll.
    /// - Parameter isAfterGap: nothing that was counted in a row counts any more.
    mutating func complete(
        isAfterGap: Bool, at instant: ContinuousClock.Instant, _ now: Timestamp
    ) -> UInt32 {
        completeNumber &+= isAfterGap ? 2 : 1
        if let walk {
            completeWalk = walk.poll.walk
            lastRequests = walk.pages.pages + walk.retries
            liveCount = walk.poll.liveCount
            lastWalkTime = walk.startedAt.duration(to: instant)
        }
        walk = nil
        wasWarnOnly = isWarnOnly || isAfterGap
        isWarnOnly = false
        trouble = nil
        troubleSince = nil
        toldKind = nil
        lastFailure = nil
        isStale = false
        hasAskedForMore = false
        throttles = 0
        lastComplete = instant
        lastCompleteTime = now
        startedInPoll = 0
        return completeNumber
    }

    /// Ends the walk as failed or partial.
    /// - Returns: whether this is another trouble than the one before.
    mutating func fail(_ next: PollTrouble, at now: Timestamp) -> Bool {
        walk = nil
        trouble = next
        troubleSince = troubleSince ?? now
        lastFailure = next.reason
        defer { toldKind = next.kind }
        return toldKind != next.kind
    }

    /// Why there is no complete poll, as far as anybody knows by now.
    var cause: String? {
        if let lastFailure { return lastFailure }
        guard let walk else { return nil }
        return walk.pages.pages == 0
            ? "no answer yet" : "the poll under way has read \(walk.pages.pages) pages"
    }

    /// Whether it has failed, or is late, and people were told.
    var isInTrouble: Bool { toldKind != nil || isStale }

    /// A request of the walk failed and is tried again.
    /// - Returns: whether that is worth telling: it has to wait, or it is not the first time.
    mutating func note(_ failure: CallFailure) -> Bool {
        lastFailure = failure.description
        walk?.retries += 1
        guard toldKind == nil, failure.retryAfter != nil || (walk?.retries ?? 0) > 1 else {
            return false
        }
        toldKind = PollTrouble(failure).kind
        return true
    }

    /// Leaves it alone for as long as the service asks, up to a limit; for longer only when it is
    /// asked a second time.
    mutating func pause(
        for asked: Duration, limit: Duration, at now: ContinuousClock.Instant
    ) {
        let granted = hasAskedForMore ? asked : min(asked, limit)
        hasAskedForMore = asked > limit
        pausedUntil = now.advanced(by: granted)
    }

    /// Whether it is to be left alone.
    func isPaused(at now: ContinuousClock.Instant) -> Bool {
        pausedUntil.map { now < $0 } ?? false
    }

    /// How long it is to be left alone after a failed walk; nil where nothing asks for that.
    ///
    /// A service that throttles and does not say for how long is asked half as often each time.
    mutating func wait(
        after failure: CallFailure, interval: Duration, limit: Duration
    ) -> Duration? {
        if let asked = failure.retryAfter { return asked }
        hasAskedForMore = false
        guard case .throttled = failure else {
            throttles = 0
            return nil
        }
        defer { throttles = min(throttles + 1, 16) }
        return min(interval * (1 << throttles), limit)
    }

    /// An operator may know better: what waited is tried at once.
    mutating func endPause(at now: ContinuousClock.Instant) {
        if isPaused(at: now) { nextPollAt = now }
        pausedUntil = nil
        hasAskedForMore = false
        throttles = 0
    }

    /// Goes on under another policy.
    mutating func goOn(under interval: Duration, at now: ContinuousClock.Instant) {
        walk = nil
        // The rules of this name may match other things now.
        reportedIdleRules = []
        cancellableCount = 0
        nextPollAt = min(nextPollAt, now.advanced(by: interval))
    }
}
