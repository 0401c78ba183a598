import OpwatchSystemd

/// Places that a service could not ask, the first ten by name.
struct UnreachablePlaces: CustomStringConvertible {
    let count: Int
    private let named: [String]

    static let namedMax = 10

    /// - Parameters:
    ///   - named: at least the first ten.
    ///   - count: all of them.
    init(named: [String], count: Int) {
        self.named = named.prefix(Self.namedMax).map { Untrusted.text($0) }
        self.count = count
    }

    /// `2 locations unreachable: a, b`.
    var description: String {
        let noun = count == 1 ? "location" : "locations"
        let more = count > named.count ? " and \(count - named.count) more" : ""
        return "\(count) \(noun) unreachable: " + named.joined(separator: ", ") + more
    }
}
