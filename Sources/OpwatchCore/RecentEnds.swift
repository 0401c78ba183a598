package import WireFormat

/// An operation that was seen to be done.
package struct EndedOperation: Sendable {
    package let operation: OperationIdentity
    /// Creation, or first sight where it has none.
    package let since: Timestamp
    package let hasCreation: Bool
    package let partition: Partition
}

/// The operations that ended last, the first of them let go for new ones.
package struct RecentEnds: Sendable {
    /// In no particular order.
    package private(set) var all: [EndedOperation] = []
    /// How many there have been.
    package private(set) var count = 0
    private static let keptMax = 1_000

    /// The last one.
    package var last: EndedOperation? {
        count == 0 ? nil : all[(count - 1) % Self.keptMax]
    }

    mutating func append(_ end: EndedOperation) {
        if count < Self.keptMax {
            all.append(end)
        } else {
            all[count % Self.keptMax] = end
        }
        count += 1
    }
}
