import OpwatchReports

/// Places that a service could not ask, the first ten of them by name.
struct UnreachablePlaces: CustomStringConvertible {
    /// At least the first ten, where there are so many.
    let named: [String]
    /// All of them.
    let count: Int

    /// `2 locations unreachable: a, b`.
    var description: String {
        let noun = count == 1 ? "location" : "locations"
        return "\(count) \(noun) unreachable: \(Untrusted.list(named, count: count))"
    }
}
