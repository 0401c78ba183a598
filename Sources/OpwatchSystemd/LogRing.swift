import OpwatchReports
/// Entries that wait for the writer thread: a bounded queue that knows what to give up when full.
///
/// The victim is the oldest of the least important, so a cancel or a verdict never goes while a
/// line of debug or info is left.
struct LogRing: ~Copyable {
    struct Item {
        /// Counts all entries from 1 in the order in which they came.
        let number: UInt64
        /// Seconds since 1970 UTC at which it came.
        let time: Int64
        let entry: JournalEntry
    }

    let capacity: Int
    private(set) var count = 0
    /// Number of the last entry that came, kept or not.
    private(set) var lastNumber: UInt64 = 0
    /// Entries lost since `takeDropped`.
    private var dropped: UInt64 = 0
    private var lanes = Priority.allCases.map { Lane(priority: $0) }

    init(capacity: Int) {
        precondition(capacity > 0, "a log ring holds at least one entry")
        self.capacity = capacity
    }

    mutating func push(_ entry: JournalEntry, at time: Int64) {
        lastNumber += 1
        for index in lanes.indices where lanes[index].priority == entry.priority {
            lanes[index].append(Item(number: lastNumber, time: time, entry: entry))
        }
        count += 1
        if count > capacity {
            dropLeastImportant()
        }
    }

    /// The entry that came first of those that are left.
    mutating func pop() -> Item? {
        var first: (index: Int, number: UInt64)?
        for index in lanes.indices {
            guard let number = lanes[index].firstNumber else { continue }
            if first.map({ number < $0.number }) ?? true { first = (index, number) }
        }
        guard let first else { return nil }
        count -= 1
        return lanes[first.index].popFirst()
    }

    /// Number of the entry that `pop` would return.
    var firstNumber: UInt64? {
        lanes.lazy.compactMap(\.firstNumber).min()
    }

    /// How many entries were lost since the last call.
    mutating func takeDropped() -> UInt64 {
        defer { dropped = 0 }
        return dropped
    }

    /// Counts entries that were lost on their way out.
    mutating func noteLost(_ entries: UInt64) {
        dropped += entries
    }

    private mutating func dropLeastImportant() {
        for index in lanes.indices.reversed() where lanes[index].popFirst() != nil {
            count -= 1
            dropped += 1
            return
        }
    }
}

extension LogRing {
    /// The entries of one priority, oldest first.
    private struct Lane {
        let priority: Priority
        private var items: [Item] = []
        /// Where the oldest is; what stands before it is gone.
        private var head = 0

        init(priority: Priority) {
            self.priority = priority
        }

        var firstNumber: UInt64? {
            head < items.count ? items[head].number : nil
        }

        mutating func append(_ item: Item) {
            items.append(item)
        }

        mutating func popFirst() -> Item? {
            guard head < items.count else { return nil }
            let item = items[head]
            head += 1
            // Half of the array is used up: the move of the rest is paid for by as many pops.
            if head * 2 >= items.count {
                items.removeFirst(head)
                head = 0
            }
            return item
        }
    }
}
