import OpwatchCore
import WireFormat

/// A candidate in line for the gate.
struct QueuedCandidate {
    let candidate: Poll.Candidate
    /// Index of its parent among the service's partitions.
    let parent: Int
    /// Since when it may be tried again, where a try failed lately.
    var retryAt: ContinuousClock.Instant?
}

/// The candidates of a service's last complete polls, oldest deadline first. Behind them come those
/// that failed lately, the one that waits longest first, so that nobody waits for ever.
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
        let order = line.indices.sorted { Self.isBefore(line, $0, $1) }
        reversed = order.reversed().map { line[$0] }
    }

    mutating func removeFirst() {
        reversed.removeLast()
    }

    mutating func removeAll() {
        reversed = []
    }

    /// Among equal deadlines of one parent the poll's order stays, which no list can change.
    private static func isBefore(_ line: [QueuedCandidate], _ left: Int, _ right: Int) -> Bool {
        switch (line[left].retryAt, line[right].retryAt) {
        case (nil, .some): return true
        case (.some, nil): return false
        case (let first?, let second?) where first != second: return first < second
        case (nil, nil), (.some, .some): return order(line, left) < order(line, right)
        }
    }

    private static func order(
        _ line: [QueuedCandidate], _ index: Int
    ) -> (Int64, UInt32, Int, Int) {
        let deadline = line[index].candidate.due.deadline
        return (deadline.seconds, deadline.nanoseconds, line[index].parent, index)
    }
}
