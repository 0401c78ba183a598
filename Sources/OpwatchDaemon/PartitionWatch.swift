import OperationsClient
import OpwatchCore
import WireFormat

/// What runs for one parent of a service: the walk under way and what complete polls told.
struct PartitionWatch {
    let partition: Partition
    var nextPollAt: ContinuousClock.Instant
    /// Counts walks; answers to an earlier one are let go.
    private(set) var walkNumber: UInt32 = 0
    /// The last walk that was complete; 0 for none.
    private(set) var completeWalk: UInt32 = 0
    /// Counts complete polls; skips one after a gap.
    private(set) var completeNumber: UInt32 = 0
    var walk: Walk?
    private(set) var lastComplete: ContinuousClock.Instant?
    private(set) var lastCompleteTime: Timestamp?
    /// From when three intervals without a complete poll are counted.
    private let watchedSince: ContinuousClock.Instant
    var isOverdueReported = false
    var isFilterDropReported = false
    /// `ignore` rules that were found to match nothing here, each told once a policy.
    var reportedIdleRules: Set<String> = []
    /// Why the last walk was not complete; nil after a complete one.
    private(set) var trouble: PollTrouble?
    /// When the present row of failed walks began; local time.
    private(set) var troubleSince: Timestamp?
    /// The next complete poll only warns: the first after a start, a gap or a clock jump.
    var isWarnOnly = true
    /// Whether candidates in line come from a warn-only poll.
    private var wasWarnOnly = true
    var startedInPoll = 0
    private(set) var liveCount = 0
    var cancellableCount = 0
    /// Duplicate listings that were reported.
    var reportedDuplicates: Set<String> = []
    var reportedUntrackable: Set<String> = []

    /// One walk over all pages.
    struct Walk {
        var poll: Poll
        var pages = ListWalk()
        /// Pages are asked for with this filter and size.
        let filter: String?
        let pageSize: Int
        /// Why the walk before failed with a filter; this one shows whether it does without.
        let filterRefusal: String?
        /// A token expired in mid-walk once.
        var isRestarted = false
    }

    init(_ partition: Partition, nextPollAt: ContinuousClock.Instant) {
        self.partition = partition
        self.nextPollAt = nextPollAt
        watchedSince = nextPollAt
    }

    /// Begins a walk and gives its number.
    mutating func begin(
        _ plan: ServicePlan, mode: Mode, filter: String?, pageSize: Int,
        filterRefusal: String? = nil
    ) -> UInt32 {
        walkNumber &+= 1
        walk = Walk(
            poll: Poll(partition: partition, plan: plan, mode: mode, walk: walkNumber),
            filter: filter, pageSize: pageSize, filterRefusal: filterRefusal)
        return walkNumber
    }

    /// Time without a complete poll.
    func unseen(at now: ContinuousClock.Instant) -> Duration {
        (lastComplete ?? watchedSince).duration(to: now)
    }

    /// Whether nothing that was overdue in the last complete poll may be cancelled for it.
    func onlyWarns(at now: ContinuousClock.Instant, gap: Duration) -> Bool {
        isWarnOnly || wasWarnOnly || unseen(at: now) > gap
    }

    /// Ends the walk as complete; gives the number of this complete poll.
    /// - Parameter isAfterGap: nothing that was counted in a row counts any more.
    mutating func complete(
        isAfterGap: Bool, at instant: ContinuousClock.Instant, _ now: Timestamp
    ) -> UInt32 {
        completeNumber &+= isAfterGap ? 2 : 1
        completeWalk = walkNumber
        liveCount = walk?.poll.liveCount ?? 0
        walk = nil
        wasWarnOnly = isWarnOnly || isAfterGap
        isWarnOnly = false
        trouble = nil
        troubleSince = nil
        isOverdueReported = false
        lastComplete = instant
        lastCompleteTime = now
        startedInPoll = 0
        return completeNumber
    }

    /// Ends the walk as failed or partial.
    /// - Returns: whether this is another trouble than the one before.
    mutating func fail(_ next: PollTrouble, at now: Timestamp) -> Bool {
        walk = nil
        defer { trouble = next }
        troubleSince = troubleSince ?? now
        return trouble?.kind != next.kind
    }
}

/// Why a walk was not complete.
struct PollTrouble {
    /// Failures of one kind in a row are told once, whatever else their words say.
    let kind: Kind
    let reason: String

    enum Kind: Equatable {
        case partial, malformed, limit
        case throttled, unauthenticated, denied, notFound, refused, foreign, unavailable, tooLarge
        case notSent
    }

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    init(_ failure: CallFailure) {
        let kind: Kind =
            switch failure {
            case .throttled: .throttled
            case .unauthenticated: .unauthenticated
            case .denied: .denied
            case .notFound: .notFound
            case .unsupported, .refused: .refused
            case .wordless, .foreign: .foreign
            case .unavailable, .timedOut: .unavailable
            case .malformed: .malformed
            case .tooLarge: .tooLarge
            case .notSent: .notSent
            }
        self.init(kind, failure.description)
    }

    init(_ failure: ListWalk.Failure) {
        let kind: Kind =
            switch failure {
            case .repeatedToken: .malformed
            case .tooManyPages, .tooManyOperations, .tokenTooLong: .limit
            }
        self.init(kind, failure.description)
    }
}
