import WireFormat

/// What will happen to the operations of a simulated service, soonest first.
struct Agenda: Sendable {
    /// Latest first, so that the next one is cheap to take.
    private var entries: [Entry] = []

    struct Entry: Sendable {
        let time: Timestamp
        let change: Change
    }

    enum Change: Sendable {
        /// - name: nil: a new name; `isNext`: another birth follows.
        case birth(parent: Int, name: String?, age: Duration, isNext: Bool)
        case start(Place)
        case progress(Place)
        case end(Place, code: Int, isCancel: Bool)
        /// An ended one cannot be found any more.
        case expiry(Place)
        case vanish(Place)
        case flag(Place)

        var place: Place? {
            switch self {
            case .birth: nil
            case .start(let place), .progress(let place), .end(let place, _, _),
                .expiry(let place), .vanish(let place), .flag(let place):
                place
            }
        }
    }

    /// Where an operation is kept.
    struct Place: Sendable, Equatable {
        let parent: Int
        let number: Int
    }

    var next: Timestamp? { entries.last?.time }

    mutating func add(_ change: Change, at time: Timestamp) {
        entries.insert(Entry(time: time, change: change), at: position(of: time))
    }

    mutating func take(until time: Timestamp) -> Entry? {
        guard let last = entries.last, last.time <= time else { return nil }
        return entries.removeLast()
    }

    mutating func removeAll(of place: Place) {
        entries.removeAll { $0.change.place == place }
    }

    /// Faults that are still to come do not come; cancels in hand end their operations soon.
    mutating func heal(endingBy latest: Timestamp) {
        var cancels: [Change] = []
        entries.removeAll { entry in
            switch entry.change {
            case .vanish, .flag, .birth(_, name: .some, _, _): return true
            case .end(_, _, isCancel: true) where entry.time > latest:
                cancels.append(entry.change)
                return true
            case .birth, .start, .progress, .end, .expiry: return false
            }
        }
        for change in cancels { add(change, at: latest) }
    }

    /// Behind all that are later; before those of the same time, which were planned earlier.
    private func position(of time: Timestamp) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].time > time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
