import HeapModule

/// When each parent of a service is polled next.
struct PollSchedule {
    private var due: Heap<Entry>

    private struct Entry: Comparable {
        let at: ContinuousClock.Instant
        let partition: PartitionID

        static func < (left: Self, right: Self) -> Bool {
            (left.at, left.partition) < (right.at, right.partition)
        }
    }

    init(_ times: [(PartitionID, ContinuousClock.Instant)]) {
        due = Heap(times.map { Entry(at: $1, partition: $0) })
    }

    /// When the first of them is due.
    var next: ContinuousClock.Instant? { due.min?.at }

    /// Takes a partition whose time has come; it has to be scheduled again.
    mutating func takeDue(at now: ContinuousClock.Instant) -> PartitionID? {
        guard let first = due.min, first.at <= now else { return nil }
        return due.popMin()?.partition
    }

    mutating func schedule(_ partition: PartitionID, at instant: ContinuousClock.Instant) {
        due.insert(Entry(at: instant, partition: partition))
    }
}
