import OperationsClient
import OpwatchCore
import WireFormat

/// What runs for one service: its requests, its partitions, and its one cancel in hand.
///
/// Owned by the watcher's loop and touched by nothing else; children get copies of the client.
final class ServiceWatch {
    /// Tells answers of one service from those of another.
    let id: Int
    private(set) var plan: ServicePlan
    private(set) var client: OperationsClient
    var lane: RequestLane<Request>
    var partitions: [PartitionWatch]
    var breaker = Breaker()
    var canary = Canary()
    /// Candidates of the last complete polls.
    var line = CandidateLine()
    /// The one cancel between its intent and the answer to its POST.
    var attempt: Attempt?
    /// The GET that the cancel in hand waits for; answers to any other are let go.
    var gateLook: RequestLog.ID?
    /// A permit that leaves at the end of this turn of the loop.
    var outgoing: CancelPermit?
    private(set) var clock = ServiceClock.unknown
    /// How far the last `Date` was ahead of the local clock.
    private var clockDifference = Duration.zero
    /// No cancel before this; set when the service denied one.
    var denial: Denial?
    /// Pause after cancels that were not answered.
    var cancelPause = CancelPause()
    /// Set where the policy dropped it: how its open cancels are proven, with nothing new begun.
    private(set) var retiredVerify: VerifySettings?
    /// The server rejected `filter`: list without it until the policy changes.
    var isFilterRejected = false
    /// At most the policy's; halved when a page is too large.
    var pageSize: Int

    /// The service denied a cancel.
    struct Denial {
        let until: ContinuousClock.Instant
        /// Names the permission, in the words of the service.
        let reason: String
    }

    init(
        id: Int, plan: ServicePlan, client: OperationsClient, at now: ContinuousClock.Instant
    ) {
        self.id = id
        self.plan = plan
        self.client = client
        pageSize = plan.service.pageSize
        lane = RequestLane(requestsPerMinute: plan.service.requestsPerMinute, at: now)
        partitions = Self.partitions(of: plan, at: now)
    }

    private static func partitions(
        of plan: ServicePlan, at now: ContinuousClock.Instant
    ) -> [PartitionWatch] {
        plan.service.parents.map { parent in
            PartitionWatch(
                Partition(
                    service: plan.service.name, endpoint: plan.service.endpoint, parent: parent),
                nextPollAt: now)
        }
    }

    var name: String { plan.service.name }
    var isRetired: Bool { retiredVerify != nil }

    /// Live operations in the last complete polls.
    var liveCount: Int { partitions.reduce(0) { $0 + $1.liveCount } }

    func partitionIndex(_ partition: Partition) -> Int? {
        partitions.firstIndex { $0.partition == partition }
    }

    func label(_ operation: OperationIdentity) -> OperationLabel {
        OperationLabel(service: name, operation: operation.name)
    }

    // MARK: Policies come and go

    /// Goes on under another plan of the same name and endpoint. What waits to be sent is let go,
    /// what is under way ends under the old one.
    /// - Parameter interval: of the new plan, in our time.
    /// - Returns: what was watched and is no longer.
    func adopt(
        _ next: ServicePlan, client: OperationsClient, interval: Duration,
        at now: ContinuousClock.Instant
    ) -> [PartitionWatch] {
        plan = next
        self.client = client
        pageSize = next.service.pageSize
        isFilterRejected = false
        canary.restart()
        line.removeAll()
        lane.clear()
        lane.setRate(requestsPerMinute: next.service.requestsPerMinute, at: now)
        let old = partitions
        partitions = Self.partitions(of: next, at: now).map { partition in
            guard var known = old.first(where: { $0.partition == partition.partition }) else {
                return partition
            }
            known.walk = nil
            // The rules of this name may match other things now.
            known.reportedIdleRules = []
            known.nextPollAt = min(known.nextPollAt, now.advanced(by: interval))
            return known
        }
        return old.filter { partitionIndex($0.partition) == nil }
    }

    /// Begins nothing new: only what is open is still proven.
    func retire(under verify: VerifySettings) {
        retiredVerify = verify
        line.removeAll()
        lane.clear()
        for index in partitions.indices { partitions[index].walk = nil }
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
    case page(parent: Int, walk: UInt32, ListRequest)
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
}

/// The cancel in hand, by how far it is. Not copyable because the recorded intent is not.
enum Attempt: ~Copyable {
    /// The intent is durable; the fresh GET is under way.
    case looking(RecordedIntent, QueuedCandidate)
    /// Observe mode: the fresh GET is under way, and nothing follows it.
    case lookingOnly(QueuedCandidate)
    /// The POST is under way.
    case posting(JournalRecord.Intent)

    var isPosting: Bool {
        switch self {
        case .posting: true
        case .looking: false
        case .lookingOnly: false
        }
    }
}

/// What the service's `Date` headers say of its clock.
enum ServiceClock: Equatable {
    case unknown
    case agrees
    case missing
    /// Ahead of ours, or behind it where negative.
    case differs(seconds: Int64)

    init(date: Timestamp?, local: Timestamp) {
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
