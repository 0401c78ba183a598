/// Operations that were seen to end while lists go on to show them: a list may lag behind.
///
/// Without it such a row would be a new operation at every poll. Gone at a restart; what it does
/// not hold is met as new, fetched, and found ended once more.
package struct EndedMemory: Sendable {
    private var entries: [OperationIdentity: Entry] = [:]

    private struct Entry: Sendable {
        let remembered: Remembered
        let partition: Partition
        /// The walk that listed it last.
        var walk: UInt32
        var isTold = false
    }

    /// More than can be proven to have ended between two polls.
    private static let entriesMax = 10_000

    /// What a row is that shows a name which was seen to end.
    enum Row: Equatable {
        /// Not known to have ended, or a younger operation of that name.
        case new
        case ended(isTold: Bool)
    }

    /// Notes an end.
    /// - Parameter walk: the walk that listed it last.
    package mutating func insert(
        _ operation: OperationIdentity, _ remembered: Remembered, of partition: Partition,
        listedIn walk: UInt32
    ) {
        guard entries.count < Self.entriesMax else { return }
        entries[operation] = Entry(remembered: remembered, partition: partition, walk: walk)
    }

    /// Takes a row that a walk has read.
    mutating func read(
        _ snapshot: OperationSnapshot, _ operation: OperationIdentity, in walk: UInt32
    )
        -> Row
    {
        guard let entry = entries[operation] else { return .new }
        guard !entry.remembered.isRenewed(in: snapshot) else {
            entries[operation] = nil
            return .new
        }
        entries[operation]?.walk = walk
        guard !snapshot.isDone else { return .ended(isTold: true) }
        entries[operation]?.isTold = true
        return .ended(isTold: entry.isTold)
    }

    /// What a complete walk did not list may come back as another operation.
    mutating func prune(_ partition: Partition, completed walk: UInt32) {
        guard !entries.isEmpty else { return }
        entries = entries.filter { $0.value.partition != partition || $0.value.walk == walk }
    }
}
