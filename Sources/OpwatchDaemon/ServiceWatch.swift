import OperationsClient
import OpwatchCore
package import WireFormat

/// What runs for one service: its requests, its partitions, and its one cancel in hand.
///
/// Owned by the watcher's loop and touched by nothing else; children get copies of the client.
final class ServiceWatch {
    /// Tells answers of one service from those of another.
    let id: Int
    private(set) var plan: ServicePlan
    private(set) var client: OperationsClient
    var lane: RequestLane<Request>
    private(set) var partitions: [PartitionWatch]
    private var partitionIndexes: [Partition: Int]
    var schedule: PollSchedule
    var breaker: Breaker
    var canary = Canary()
    /// Candidates of the last complete polls.
    var line = CandidateLine()
    /// The one cancel between its intent and the answer to its POST.
    var attempt: Attempt?
    /// The candidate of the last attempt, which is in hand as long as the attempt is.
    var candidate: Poll.Candidate?
    /// What a list said against that candidate since its attempt began.
    var objection: GateRefusal?
    /// The GET that the cancel in hand waits for; answers to any other are let go.
    var gateLook: RequestLog.ID?
    /// A permit that leaves at the end of this turn of the loop.
    var outgoing: CancelPermit?
    private(set) var clock = ServiceClock.unknown
    /// How far the last `Date` was ahead of the local clock.
    private var clockDifference = Duration.zero
    var denial = Denial()
    /// Pause after cancels of different operations that were not answered.
    var cancelPause = CancelPause()
    /// Set where the policy dropped it: how its open cancels are proven, with nothing new begun.
    private(set) var retiredVerify: VerifySettings?
    /// The server rejected `filter`: list without it until the policy changes.
    var isFilterRejected = false
    var pageSize: PageSize
    /// Parents in a row whose lists were throttled.
    var throttledParents: Set<Int> = []
    /// That polls take longer than the interval is told once a policy.
    var isPaceReported = false
    /// Requests of the last complete polls of its parents, and the parents that had one.
    private var requestCount = 0
    private var polledCount = 0
    /// Live operations in the last complete polls of its parents.
    private(set) var liveCount = 0
    /// Those of them that the gate would let go but for what shuts the whole service.
    private(set) var cancellableCount = 0
    /// Of the breaker, which is over when every parent was polled in it.
    private(set) var round: UInt32 = 1
    /// Parents that the round still waits for.
    private var awaitedInRound: Int
    /// Parents that are not stale.
    private var currentCount: Int
    /// That operations which are no longer listed cannot be fetched is told once.
    var isClosingTold = false

    /// - Parameter firstPollAt: of the parents that do not wait for others.
    init(
        id: Int, plan: ServicePlan, client: OperationsClient,
        firstPollAt: ContinuousClock.Instant, at now: ContinuousClock.Instant
    ) {
        self.id = id
        self.plan = plan
        self.client = client
        pageSize = PageSize(plan.service.pageSize)
        lane = RequestLane(requestsPerMinute: plan.service.requestsPerMinute, at: now)
        breaker = Breaker(at: now)
        partitions = Self.partitions(of: plan, at: firstPollAt)
        partitionIndexes = Self.indexes(of: partitions)
        schedule = PollSchedule(partitions.map(\.nextPollAt))
        awaitedInRound = partitions.count
        currentCount = partitions.count
    }

    /// The first polls of the first few parents at once, the others spread over an interval.
    private static func partitions(
        of plan: ServicePlan, at now: ContinuousClock.Instant
    ) -> [PartitionWatch] {
        let (parents, interval) = (plan.service.parents, plan.service.interval)
        return parents.enumerated().map { index, parent in
            let late = max(0, index + 1 - LanePriority.list.inFlightMax)
            return PartitionWatch(
                Partition(
                    service: plan.service.name, endpoint: plan.service.endpoint, parent: parent),
                nextPollAt: now.advanced(by: interval * late / parents.count))
        }
    }

    private static func indexes(of partitions: [PartitionWatch]) -> [Partition: Int] {
        Dictionary(
            partitions.enumerated().map { ($1.partition, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    var name: String { plan.service.name }
    var isRetired: Bool { retiredVerify != nil }

    func partitionIndex(_ partition: Partition) -> Int? {
        partitionIndexes[partition]
    }

    func label(_ operation: OperationIdentity) -> OperationLabel {
        OperationLabel(service: name, operation: operation.name)
    }

    /// Changes what is known of a partition; what the service sums up follows.
    func update<Result>(_ index: Int, _ body: (inout PartitionWatch) -> Result) -> Result {
        let before = Counted(partitions[index], in: round)
        defer {
            let after = Counted(partitions[index], in: round)
            liveCount += after.live - before.live
            cancellableCount += after.cancellable - before.cancellable
            awaitedInRound += after.awaited - before.awaited
            currentCount += after.current - before.current
            requestCount += after.requests - before.requests
            polledCount += after.polled - before.polled
        }
        return body(&partitions[index])
    }

    /// What one partition adds to the sums; nothing where it is stale.
    private struct Counted {
        let live: Int
        let cancellable: Int
        let awaited: Int
        let current: Int
        let requests: Int
        let polled: Int

        init(_ partition: PartitionWatch, in round: UInt32) {
            live = partition.isStale ? 0 : partition.liveCount
            cancellable = partition.isStale ? 0 : partition.cancellableCount
            awaited = partition.isStale || partition.round == round ? 0 : 1
            current = partition.isStale ? 0 : 1
            requests = partition.lastRequests
            polled = partition.lastRequests > 0 ? 1 : 0
        }
    }

    private func countAgain() {
        let counted = partitions.map { Counted($0, in: round) }
        liveCount = counted.reduce(0) { $0 + $1.live }
        cancellableCount = counted.reduce(0) { $0 + $1.cancellable }
        awaitedInRound = counted.reduce(0) { $0 + $1.awaited }
        currentCount = counted.reduce(0) { $0 + $1.current }
        requestCount = counted.reduce(0) { $0 + $1.requests }
        polledCount = counted.reduce(0) { $0 + $1.polled }
    }

    /// Requests that a poll of all parents takes; nil until each had one.
    var requestsOfRound: Int? { polledCount == partitions.count ? requestCount : nil }

    /// The shortest interval in which the pace allows all that and nothing else. Where not each
    /// parent was polled yet, it may be longer: a poll takes one request at least.
    var paceInterval: Duration {
        .seconds(60) * max(requestCount, partitions.count) / plan.service.requestsPerMinute
    }

    /// Whether every parent was polled completely since the last time that this was so.
    func endRound() -> Bool {
        guard awaitedInRound == 0 else { return false }
        beginRound()
        return true
    }

    /// What was polled so far counts for no round.
    func beginRound() {
        round &+= 1
        awaitedInRound = currentCount
    }

    // MARK: Policies come and go

    /// Goes on under another plan of the same name and endpoint. What waits to be sent is let go,
    /// what is under way ends under the old one.
    /// - Returns: what was watched and is no longer.
    func adopt(
        _ next: ServicePlan, client: OperationsClient, at now: ContinuousClock.Instant
    ) -> [PartitionWatch] {
        plan = next
        self.client = client
        pageSize = PageSize(next.service.pageSize)
        isFilterRejected = false
        isPaceReported = false
        isClosingTold = false
        canary.restart()
        line.removeAll()
        lane.clear()
        lane.setRate(requestsPerMinute: next.service.requestsPerMinute, at: now)
        let old = partitions
        let oldIndexes = partitionIndexes
        setPartitions(
            Self.partitions(of: next, at: now).map { partition in
                guard var known = oldIndexes[partition.partition].map({ old[$0] }) else {
                    return partition
                }
                known.goOn(under: next.service.interval, at: now)
                return known
            })
        return old.filter { partitionIndex($0.partition) == nil }
    }

    func setPartitions(_ next: [PartitionWatch]) {
        partitions = next
        partitionIndexes = Self.indexes(of: next)
        schedule = PollSchedule(next.map(\.nextPollAt))
        throttledParents = []
        round &+= 1
        countAgain()
    }

    /// Begins nothing new: only what is open is still proven.
    func retire(under verify: VerifySettings) {
        retiredVerify = verify
        line.removeAll()
        lane.clear()
        for index in partitions.indices { partitions[index].walk = nil }
    }

    /// Leaves the service alone. Walks that wait for that begin afterwards: the time between is a
    /// gap like any other.
    func close(until instant: ContinuousClock.Instant) {
        lane.close(until: instant)
        for index in partitions.indices where partitions[index].walk?.pages.pages == 0 {
            partitions[index].walk?.startedAt = instant
        }
    }

    /// Lets every request go at once that waits because the service asked for it.
    func endPauses(at now: ContinuousClock.Instant) {
        lane.open()
        client.retryCredentials()
        throttledParents = []
        for index in partitions.indices { partitions[index].endPause(at: now) }
        schedule = PollSchedule(partitions.map(\.nextPollAt))
    }

    // MARK: The service's clock

    /// Takes the `Date` of an answer in.
    /// - Returns: what the clock was before.
    func look(atDate date: Timestamp?, local: Timestamp) -> ServiceClock {
        let before = clock
        clock = ServiceClock(date: date, local: local)
        clockDifference = clock == .agrees ? date?.duration(since: local) ?? .zero : .zero
        return before
    }

    /// The service's time when the local clock shows this; local where they disagree.
    func time(local: Timestamp) -> Timestamp {
        local.advanced(by: clockDifference)
    }
}

/// A request that waits for its turn.
enum Request {
    /// - walk: of the poll that asks; the answer counts for no other.
    case page(parent: Int, walk: UInt32, isRetry: Bool, ListRequest)
    case look(OperationIdentity, Purpose)

    /// Why one operation is fetched.
    enum Purpose: Sendable, Equatable {
        /// Right before a cancel; must be fresh, so it is never repeated.
        case gate
        /// After a cancel.
        case verify
        /// After it was no longer listed.
        case closing
    }

    /// Its place in the lane.
    var priority: LanePriority {
        switch self {
        case .page(_, _, let isRetry, _): isRetry ? .retriedList : .list
        case .look(_, .gate): .gatePair
        case .look(_, .verify): .verify
        case .look(_, .closing): .closing
        }
    }
}

/// The cancel in hand, by how far it is. Not copyable because the recorded intent is not.
enum Attempt: ~Copyable {
    /// The intent is durable; the fresh GET is under way.
    case looking(RecordedIntent, QueuedCandidate)
    /// Observe mode: the fresh GET is under way, and nothing follows it.
    case lookingOnly(QueuedCandidate)
    /// The POST is under way.
    case posting(JournalRecord.Intent, QueuedCandidate)

    /// The intent whose POST is under way.
    var posted: JournalRecord.Intent? {
        switch self {
        case .posting(let intent, _): intent
        case .looking: nil
        case .lookingOnly: nil
        }
    }
}

/// What the service has denied.
struct Denial {
    /// Its cancels are shut until then, but for the trial that follows.
    private(set) var until: ContinuousClock.Instant?
    /// Names the permission, in the words of the service.
    private(set) var reason = ""
    private var denied: OperationIdentity?

    /// One operation's cancel was denied; the service's are shut once that is repeated on another.
    mutating func deny(
        _ operation: OperationIdentity, reason: String, until instant: ContinuousClock.Instant
    ) {
        self.reason = reason
        if until != nil || denied.map({ $0 != operation }) ?? false { until = instant }
        denied = operation
    }

    /// A cancel was not denied.
    mutating func end() {
        self = Denial()
    }
}

/// What the service's `Date` headers say of its clock.
package enum ServiceClock: Equatable {
    case unknown
    case agrees
    case missing
    /// Ahead of ours, or behind it where negative.
    case differs(seconds: Int64)

    /// - Parameter date: of an answer that came when our clock showed `local`; nil without one.
    package init(date: Timestamp?, local: Timestamp) {
        guard let date else {
            self = .missing
            return
        }
        let difference = date.duration(since: local)
        let isClose =
            difference <= Limits.clockDifferenceMax
            && .zero - difference <= Limits.clockDifferenceMax
        self = isClose ? .agrees : .differs(seconds: difference.components.seconds)
    }
}
