import OpwatchCore
import WireFormat

/// A candidate in line for the gate.
struct QueuedCandidate {
    let candidate: Poll.Candidate
    /// Index of its parent among the service's partitions.
    let parent: Int
    /// Whether a try failed lately: those that were not tried go first.
    var isRetry = false
}

/// The candidates of a service's last complete polls, oldest deadline first, but for those that
/// failed lately: behind them nobody waits for ever.
struct CandidateLine {
    /// The next one is last, where it is cheap to take.
    private var reversed: [QueuedCandidate] = []

    var isEmpty: Bool { reversed.isEmpty }
    var count: Int { reversed.count }
    var first: QueuedCandidate? { reversed.last }

    /// Replaces what an earlier poll of the same parent put in line.
    mutating func replace(parent: Int, with candidates: [QueuedCandidate]) {
        reversed.removeAll { $0.parent == parent }
        guard !candidates.isEmpty else { return }
        let line = reversed.reversed() + candidates
        let order = line.indices.sorted { Self.order(line, $0) < Self.order(line, $1) }
        reversed = order.reversed().map { line[$0] }
    }

    mutating func removeFirst() {
        reversed.removeLast()
    }

    mutating func removeAll() {
        reversed = []
    }

    /// Among equal deadlines of one parent the poll's order stays, which no list can change.
    private static func order(
        _ line: [QueuedCandidate], _ index: Int
    ) -> (Int, Int64, UInt32, Int, Int) {
        let deadline = line[index].candidate.due.deadline
        return (
            line[index].isRetry ? 1 : 0, deadline.seconds, deadline.nanoseconds,
            line[index].parent, index
        )
    }
}
