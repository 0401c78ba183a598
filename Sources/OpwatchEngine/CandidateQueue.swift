import OpwatchCore
import WireFormat

/// A candidate that waits for the gate.
struct QueuedCandidate: Sendable {
    let candidate: Poll.Candidate
    /// The parent whose poll found it.
    let partition: PartitionID
    /// Since when it may be tried again, where a try failed lately.
    var retryAt: ContinuousClock.Instant?
}

/// The candidates of a service's last complete polls, oldest deadline first. After them come those
/// that failed lately, the one that waits longest first, so that nobody waits for ever.
struct CandidateQueue {
    /// The next one is last, where it is cheap to remove.
    private var reversed: [QueuedCandidate] = []
    private var operations: Set<WatchState.OperationRef> = []

    var isEmpty: Bool { reversed.isEmpty }
    var count: Int { reversed.count }
    var first: QueuedCandidate? { reversed.last }

    /// Replaces what an earlier poll of the same parent queued.
    mutating func replace(_ partition: PartitionID, with candidates: [QueuedCandidate]) {
        reversed.removeAll { $0.partition == partition }
        defer { operations = Set(reversed.map(\.candidate.operation)) }
        guard !candidates.isEmpty else { return }
        let queue = reversed.reversed() + candidates
        let order = queue.indices.sorted { Self.isBefore(queue, $0, $1) }
        reversed = order.reversed().map { queue[$0] }
    }

    mutating func removeFirst() {
        operations.remove(reversed.removeLast().candidate.operation)
    }

    mutating func removeAll() {
        reversed = []
        operations = []
    }

    /// The candidate of an operation, if it waits here.
    func find(_ operation: WatchState.OperationRef) -> QueuedCandidate? {
        guard operations.contains(operation) else { return nil }
        return reversed.first { $0.candidate.operation == operation }
    }

    mutating func remove(_ operation: WatchState.OperationRef) {
        reversed.removeAll { $0.candidate.operation == operation }
        operations.remove(operation)
    }

    /// Among equal deadlines of one parent the poll's order stays, which no list can change.
    private static func isBefore(_ queue: [QueuedCandidate], _ left: Int, _ right: Int) -> Bool {
        switch (queue[left].retryAt, queue[right].retryAt) {
        case (nil, .some): return true
        case (.some, nil): return false
        case (let first?, let second?) where first != second: return first < second
        case (nil, nil), (.some, .some): return order(queue, left) < order(queue, right)
        }
    }

    private static func order(
        _ queue: [QueuedCandidate], _ index: Int
    ) -> (Int64, UInt32, PartitionID, Int) {
        let deadline = queue[index].candidate.due.deadline
        return (deadline.seconds, deadline.nanoseconds, queue[index].partition, index)
    }
}
