import WireFormat

/// What a run still has to do, soonest first; among equal times in the order it was planned.
struct Schedule<Action: Sendable>: Sendable {
    /// Latest first, so that the next one is cheap to take.
    private var entries: [(time: Timestamp, action: Action)] = []

    var next: Timestamp? { entries.last?.time }

    mutating func add(_ action: Action, at time: Timestamp) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].time > time { low = middle + 1 } else { high = middle }
        }
        entries.insert((time, action), at: low)
    }

    mutating func take() -> (time: Timestamp, action: Action)? { entries.popLast() }
}
