import OperationsClient
import OpwatchCore
import WireFormat

/// What runs for one service: its requests, its partitions, and its one cancel in hand.
///
/// Owned by the watcher's loop and touched by nothing else; children get copies of the client.
final class ServiceWatch {
    /// Tells answers of an earlier policy's service from those of its successor.
    let id: Int
    var plan: ServicePlan
    var client: OperationsClient
    var lane: RequestLane<Request>
    var partitions: [PartitionWatch]
    var breaker = Breaker()
    var canary = Canary()
    /// Candidates of the last complete polls, oldest deadline first.
    var line: [QueuedCandidate] = []
    /// The one cancel between its intent and the answer to its POST.
    var attempt: Attempt?
    /// A permit that leaves at the end of this turn of the loop.
    var outgoing: CancelPermit?
    var clock = ServiceClock.unknown
    /// How far the last `Date` was ahead of the local clock.
    var clockDifference = Duration.zero
    /// No cancel before this; set when the service denied one.
    var deniedUntil: ContinuousClock.Instant?
    /// Pause after cancels that were not answered.
    var cancelPause = CancelPause()
    /// The settings under which a dropped service's open cancels are proven.
    var verify: VerifySettings?
    /// The server rejected `filter`: list without it until the policy changes.
    var isFilterRejected = false
    /// At most the policy's; halved when a page is too large.
    var pageSize: Int

    init(
        id: Int, plan: ServicePlan, client: OperationsClient, at now: ContinuousClock.Instant
    ) {
        self.id = id
        self.plan = plan
        self.client = client
        pageSize = plan.service.pageSize
        lane = RequestLane(requestsPerMinute: plan.service.requestsPerMinute, at: now)
        partitions = plan.service.parents.map { parent in
            PartitionWatch(
                Partition(
                    service: plan.service.name, endpoint: plan.service.endpoint, parent: parent),
                nextPollAt: now)
        }
    }

    var name: String { plan.service.name }

    /// Live operations in the last complete polls.
    var liveCount: Int { partitions.reduce(0) { $0 + $1.liveCount } }

    func partitionIndex(_ partition: Partition) -> Int? {
        partitions.firstIndex { $0.partition == partition }
    }

    func label(_ operation: OperationIdentity) -> OperationLabel {
        OperationLabel(service: name, operation: operation.name)
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

/// A candidate in line for the gate.
struct QueuedCandidate {
    let candidate: Poll.Candidate
    let parent: Int
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
    case differs(seconds: Int64)

    init(date: Timestamp?, local: Timestamp) {
        guard let date else {
            self = .missing
            return
        }
        let difference = date.duration(since: local)
        let isClose =
            difference <= Limits.clockDifferenceMax && .zero - difference <= Limits.clockDifferenceMax
        self = isClose ? .agrees : .differs(seconds: difference.components.seconds)
    }
}

/// Growing pauses between cancels that got no answer that counts.
struct CancelPause {
    private(set) var until: ContinuousClock.Instant?
    private var pause = CancelPause.shortest

    private static let shortest = Duration.seconds(5)
    private static let longest = Duration.seconds(300)

    /// - Parameter real: turns operations' time into ours.
    mutating func grow(at now: ContinuousClock.Instant, real: (Duration) -> Duration) {
        until = now.advanced(by: real(pause))
        pause = min(pause * 2, Self.longest)
    }

    mutating func end() {
        self = CancelPause()
    }
}
