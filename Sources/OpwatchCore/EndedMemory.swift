import WireFormat

/// Operations that were seen to end while lists may go on to show them: a list may lag behind.
///
/// Without it such a row would be a new operation at every poll. A start has the latest from the
/// journal; what it does not hold is met as new, fetched, and found ended once more.
package struct EndedMemory: Sendable {
    /// The latest ends.
    private var young: [OperationIdentity: Entry] = [:]
    /// The ends before them; let go when the latest have become as many.
    private var old: [OperationIdentity: Entry] = [:]

    private struct Entry: Sendable {
        let end: EndedOperation
        /// The walk that listed it last.
        var walk: UInt32
        var isTold = false
    }

    /// Of each of the two.
    private static let entriesMax = 5_000

    /// What a row is that shows a name which was seen to end.
    enum Row: Equatable {
        /// Not known to have ended, or a younger operation of that name.
        case new
        case ended(isTold: Bool)
    }

    /// Notes an end.
    /// - Parameter walk: the walk that listed it last.
    package mutating func insert(_ end: EndedOperation, listedIn walk: UInt32) {
        insert(Entry(end: end, walk: walk))
    }

    private mutating func insert(_ entry: Entry) {
        if young.count >= Self.entriesMax {
            old = young
            young = [:]
        }
        young[entry.end.operation] = entry
    }

    /// Takes a row that a walk has read.
    /// - Parameter now: the service's time; nil where that is not known.
    mutating func read(
        _ snapshot: OperationSnapshot, _ operation: OperationIdentity, in walk: UInt32,
        at now: Timestamp?
    ) -> Row {
        guard var entry = young[operation] ?? old[operation] else { return .new }
        let remembered = Remembered(since: entry.end.since, hasCreation: entry.end.hasCreation)
        guard !remembered.isRenewed(in: snapshot),
            !remembered.isContradicted(by: snapshot, at: now)
        else {
            young[operation] = nil
            old[operation] = nil
            return .new
        }
        let isTold = entry.isTold || snapshot.isDone
        entry.walk = walk
        entry.isTold = entry.isTold || !snapshot.isDone
        insert(entry)
        return .ended(isTold: isTold)
    }

    /// What a complete walk did not list may come back as another operation, unless its creation
    /// time says that it is the same.
    mutating func prune(_ partition: Partition, completed walk: UInt32) {
        let isKept = { (entry: Entry) in
            entry.end.hasCreation || entry.end.partition != partition || entry.walk == walk
        }
        if !young.allSatisfy({ isKept($0.value) }) { young = young.filter { isKept($0.value) } }
        if !old.allSatisfy({ isKept($0.value) }) { old = old.filter { isKept($0.value) } }
    }
}
