/// How many operations a page is asked for: less after one that was too large, more again after a
/// while without.
package struct PageSize: Sendable {
    /// What a walk that begins now asks for.
    package private(set) var current: Int
    private let wanted: Int
    /// Complete polls in a row at the present size.
    private var calmPolls = 0
    /// So many of them until a larger one is tried; twice as many after each failure.
    private var patience = PageSize.firstPatience

    private static let firstPatience = 10
    private static let longestPatience = 1_000

    /// - Parameter wanted: of the policy.
    package init(_ wanted: Int) {
        self.wanted = wanted
        current = wanted
    }

    /// A page of this size was too large.
    /// - Returns: whether a smaller one is worth a try.
    package mutating func halve(from tried: Int) -> Bool {
        // Another parent's walk may have halved it meanwhile.
        guard tried <= current else { return true }
        guard tried > Limits.pageSizeMin else { return false }
        if tried > wanted / 2 || calmPolls > 0 {
            patience = min(patience * 2, Self.longestPatience)
        }
        current = max(Limits.pageSizeMin, tried / 2)
        calmPolls = 0
        return true
    }

    /// A poll was complete.
    package mutating func polled() {
        guard current < wanted else { return }
        calmPolls += 1
        guard calmPolls >= patience else { return }
        current = min(wanted, current * 2)
        calmPolls = 0
    }
}
