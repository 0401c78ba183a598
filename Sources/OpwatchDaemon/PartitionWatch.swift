import OperationsClient
import OpwatchCore
import WireFormat

/// What runs for one parent of a service: the walk under way and what complete polls told.
struct PartitionWatch {
    let partition: Partition
    var nextPollAt: ContinuousClock.Instant
    /// Counts walks; answers to an earlier one are let go.
    private(set) var walkNumber: UInt32 = 0
    /// Counts complete polls; skips one after a gap.
    private(set) var completeNumber: UInt32 = 0
    var walk: Walk?
    var lastComplete: ContinuousClock.Instant?
    var lastCompleteTime: Timestamp?
    /// From when three intervals without a complete poll are counted.
    var overdueSince: ContinuousClock.Instant
    var isOverdueReported = false
    var isFilterDropReported = false
    /// Why the last walk was not complete; nil after a complete one.
    var failure: String?
    /// When the present row of failed walks began.
    var failedAt: Timestamp?
    /// The next complete poll only warns: the first after a start, a gap or a clock jump.
    var isWarnOnly = true
    /// Whether candidates in line come from a warn-only poll.
    var wasWarnOnly = true
    var startedInPoll = 0
    var liveCount = 0
    var cancellableCount = 0
    var matchCounts: [Int] = []
    /// Duplicate listings that were reported.
    var reportedDuplicates: Set<String> = []
    var reportedUntrackable: Set<String> = []

    /// One walk over all pages.
    struct Walk {
        var poll: Poll
        var pages = ListWalk()
        /// Pages are asked for with this filter.
        var filter: String?
        /// A token expired in mid-walk once.
        var isRestarted = false
    }

    init(_ partition: Partition, nextPollAt: ContinuousClock.Instant) {
        self.partition = partition
        self.nextPollAt = nextPollAt
        overdueSince = nextPollAt
    }

    /// Begins a walk and gives its number.
    mutating func begin(_ plan: ServicePlan, mode: Mode, filter: String?) -> UInt32 {
        walkNumber &+= 1
        walk = Walk(
            poll: Poll(partition: partition, plan: plan, mode: mode, walk: walkNumber),
            filter: filter)
        return walkNumber
    }

    /// Ends the walk as complete.
    /// - Parameter isAfterGap: nothing that was counted in a row counts any more.
    mutating func complete(isAfterGap: Bool) -> UInt32 {
        completeNumber &+= isAfterGap ? 2 : 1
        return completeNumber
    }

    /// Goes on counting where an earlier watch of the same partition was.
    mutating func continueNumbers(of old: PartitionWatch) {
        walkNumber = old.walkNumber
        completeNumber = old.completeNumber
    }
}
