import HeapModule

/// When each parent of a service is polled next.
struct PollSchedule {
    private var due: Heap<Entry>

    private struct Entry: Comparable {
        let at: ContinuousClock.Instant
        let index: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.at, left.index) < (right.at, right.index)
        }
    }

    /// - Parameter times: one for each partition, in their order.
    init(_ times: [ContinuousClock.Instant]) {
        due = Heap(times.enumerated().map { Entry(at: $1, index: $0) })
    }

    /// When the first of them is due.
    var next: ContinuousClock.Instant? { due.min?.at }

    /// Takes a partition whose time has come; it has to be scheduled again.
    mutating func takeDue(at now: ContinuousClock.Instant) -> Int? {
        guard let first = due.min, first.at <= now else { return nil }
        return due.popMin()?.index
    }

    mutating func schedule(_ index: Int, at instant: ContinuousClock.Instant) {
        due.insert(Entry(at: instant, index: index))
    }
}
