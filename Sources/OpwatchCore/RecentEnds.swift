package import WireFormat

/// The operations that ended last, the first of them let go for new ones.
package struct RecentEnds: Sendable {
    /// An operation that has ended.
    package struct End: Sendable {
        package let operation: OperationIdentity
        /// Creation, or first sight where it has none.
        package let since: Timestamp
        package let hasCreation: Bool
        package let partition: Partition
    }

    /// In no particular order.
    package private(set) var all: [End] = []
    private var next = 0
    private static let countMax = 1_000

    mutating func append(_ end: End) {
        if all.count < Self.countMax {
            all.append(end)
        } else {
            all[next] = end
            next = (next + 1) % Self.countMax
        }
    }
}
