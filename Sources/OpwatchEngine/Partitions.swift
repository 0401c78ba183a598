import OpwatchCore

/// The parents of one service, each under its id, and what they add up to.
struct Partitions {
    /// In the order of the policy.
    private(set) var all: [LivePartition]
    private var places: [PartitionID: Int] = [:]
    private var ids: [Partition: PartitionID] = [:]
    var schedule: PollSchedule
    /// Requests of the last complete polls, and the parents that had one.
    private var requestCount = 0
    private var polledCount = 0
    /// Live operations in the last complete polls.
    private(set) var liveCount = 0
    /// Those of them that the gate would let pass but for what shuts the whole service.
    private(set) var cancellableCount = 0
    /// Of the breaker, which is over when every parent was polled in it.
    private(set) var round: UInt32
    /// Parents that the round still waits for.
    private var awaitedInRound = 0
    /// Parents that are not stale.
    private var currentCount = 0

    /// - Parameter round: another one than that of the partitions.
    init(_ all: [LivePartition], round: UInt32 = 1) {
        self.all = all
        self.round = round
        schedule = PollSchedule(all.map { ($0.id, $0.nextPollAt) })
        for (place, partition) in all.enumerated() {
            places[partition.id] = place
            if ids[partition.partition] == nil { ids[partition.partition] = partition.id }
        }
        for partition in all { add(Counted(partition, in: round), sign: 1) }
    }

    /// nil where a reload has put it elsewhere.
    subscript(id: PartitionID) -> LivePartition? { places[id].map { all[$0] } }

    func id(of partition: Partition) -> PartitionID? { ids[partition] }

    func find(_ partition: Partition) -> LivePartition? {
        ids[partition].flatMap { self[$0] }
    }

    /// Changes what is known of a partition; the sums follow.
    /// - Returns: nil where it is none of these.
    @discardableResult
    mutating func update<Result>(
        _ id: PartitionID, _ body: (inout LivePartition) -> Result
    ) -> Result? {
        guard let place = places[id] else { return nil }
        add(Counted(all[place], in: round), sign: -1)
        defer { add(Counted(all[place], in: round), sign: 1) }
        return body(&all[place])
    }

    /// Changes all of them.
    mutating func updateAll(_ body: (inout LivePartition) -> Void) {
        for partition in all { update(partition.id, body) }
    }

    /// Schedules every parent anew.
    mutating func reschedule() {
        schedule = PollSchedule(all.map { ($0.id, $0.nextPollAt) })
    }

    private mutating func add(_ counted: Counted, sign: Int) {
        liveCount += sign * counted.live
        cancellableCount += sign * counted.cancellable
        awaitedInRound += sign * counted.awaited
        currentCount += sign * counted.current
        requestCount += sign * counted.requests
        polledCount += sign * counted.polled
    }

    /// What one partition adds to the sums; nothing where it is stale.
    private struct Counted {
        let live: Int
        let cancellable: Int
        let awaited: Int
        let current: Int
        let requests: Int
        let polled: Int

        init(_ partition: LivePartition, in round: UInt32) {
            live = partition.isStale ? 0 : partition.liveCount
            cancellable = partition.isStale ? 0 : partition.cancellableCount
            awaited = partition.isStale || partition.round == round ? 0 : 1
            current = partition.isStale ? 0 : 1
            requests = partition.lastRequests
            polled = partition.lastRequests > 0 ? 1 : 0
        }
    }

    /// Requests that a poll of all parents takes; nil until each had one.
    var requestsOfRound: Int? { polledCount == all.count ? requestCount : nil }

    /// Requests that a poll of all parents takes at least, as far as that is known.
    var requestsAtLeast: Int { max(requestCount, all.count) }

    /// Whether every parent was polled completely since the last time that this was so.
    mutating func endRound() -> Bool {
        guard awaitedInRound == 0 else { return false }
        beginRound()
        return true
    }

    /// What was polled so far counts for no round.
    mutating func beginRound() {
        round &+= 1
        awaitedInRound = currentCount
    }
}
