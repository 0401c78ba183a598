import OpwatchCore
import WireFormat

/// What runs for one service: its requests, its parents, its rails, and its one cancel in hand.
///
/// Owned by the engine.
final class LiveService {
    let id: ServiceID
    private(set) var plan: ServicePlan
    var lane: RequestLane<Request>
    var partitions: Partitions
    var rails: Rails
    /// Candidates of the last complete polls.
    var queue = CandidateQueue()
    var attempt = CancelAttempt.idle
    /// When the attempt in hand began, or the last one.
    var attemptBeganAt: ContinuousClock.Instant?
    /// Set where the policy dropped it: how its open cancels are proven, with nothing new begun.
    private(set) var retiredVerify: VerifySettings?
    /// The server rejected `filter`: list without it until the policy changes.
    var isFilterRejected = false
    var pageSize: PageSize
    /// Parents in a row whose lists were throttled.
    private var throttled: Set<PartitionID> = []
    /// That polls take longer than the interval is told once a policy.
    var isPaceReported = false
    /// That operations which are no longer listed cannot be fetched is told once a policy.
    var isAbsenceReported = false

    private static let throttledMax = 3

    init(
        _ id: ServiceID, _ plan: ServicePlan, _ partitions: [LivePartition],
        at now: ContinuousClock.Instant
    ) {
        self.id = id
        self.plan = plan
        self.partitions = Partitions(partitions)
        pageSize = PageSize(plan.service.pageSize)
        lane = RequestLane(requestsPerMinute: plan.service.requestsPerMinute, at: now)
        rails = Rails(at: now)
    }

    var name: String { plan.service.name }
    var isRetired: Bool { retiredVerify != nil }

    func add(_ request: Request) {
        lane.add(request, request.priority)
    }

    /// The shortest interval in which the pace allows a poll of all parents and nothing else. Where
    /// not each parent was polled yet, it may be longer: a poll takes one request at least.
    var paceInterval: Duration {
        .seconds(60) * partitions.requestsAtLeast / plan.service.requestsPerMinute
    }

    /// The longest time between two complete polls of a parent that is no gap: three intervals,
    /// where the pace allows the interval.
    var gapMax: Duration { max(plan.service.interval, paceInterval) * 3 }

    /// What chance adds to the time of a poll, at most.
    var jitterMax: Duration { Self.jitterMax(under: plan) }

    static func jitterMax(under plan: ServicePlan) -> Duration {
        min(plan.service.interval / 10, .seconds(10))
    }

    /// The longest that one answer alone may ask to be left alone for.
    var retryAfterMax: Duration { max(.seconds(300), plan.service.interval * 5) }

    /// When others that share the hour's budget wait no longer for the attempt in hand; nil where
    /// there is none.
    var turnEndsAt: ContinuousClock.Instant? {
        attempt.isIdle ? nil : attemptBeganAt?.advanced(by: RequestLog.placeTime)
    }

    // MARK: Left alone

    /// A parent is to be left alone for so long; the service only where three parents in a row are.
    func noteThrottled(_ id: PartitionID, for asked: Duration, at now: ContinuousClock.Instant) {
        throttled.insert(id)
        guard throttled.count >= Self.throttledMax else { return }
        let end = now.advanced(by: min(asked, retryAfterMax))
        lane.close(until: end)
        // Walks that wait begin afterwards: the time between is a gap like any other.
        partitions.updateAll { partition in
            if partition.walk?.pages.pages == 0 { partition.walk?.startedAt = end }
        }
    }

    /// A poll was complete, so that the row of throttled parents is over.
    func endThrottling() { throttled = [] }

    /// Lets every request leave at once that waits because the service asked for it.
    func endPauses(at now: ContinuousClock.Instant) {
        lane.open()
        throttled = []
        partitions.updateAll { $0.endPause(at: now) }
        partitions.reschedule()
    }

    // MARK: Policies come and go

    /// Goes on under another plan of the same name and endpoint. What waits to be sent is dropped,
    /// what is under way ends under the old one.
    /// - Parameter wanted: the partitions of the plan, as they would begin.
    /// - Returns: what was watched and is no longer.
    func adopt(
        _ next: ServicePlan, _ wanted: [LivePartition], at now: ContinuousClock.Instant
    ) -> [LivePartition] {
        plan = next
        pageSize = PageSize(next.service.pageSize)
        isFilterRejected = false
        isPaceReported = false
        isAbsenceReported = false
        throttled = []
        rails.canary.restart()
        queue.removeAll()
        lane.clear()
        lane.setRate(requestsPerMinute: next.service.requestsPerMinute, at: now)
        let old = partitions
        let continued = wanted.map { partition in
            guard var known = old.find(partition.partition) else { return partition }
            known.goOn(under: next.service.interval, at: now)
            return known
        }
        partitions = Partitions(continued, round: old.round &+ 1)
        return old.all.filter { partitions.id(of: $0.partition) == nil }
    }

    /// Begins nothing new: only what is open is still proven.
    func retire(under verify: VerifySettings) {
        retiredVerify = verify
        queue.removeAll()
        lane.clear()
        partitions.updateAll { $0.walk = nil }
    }
}
