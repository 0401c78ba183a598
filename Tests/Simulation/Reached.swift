/// What happened in runs, so that nobody trusts a simulation that never gets anywhere.
package struct Reached: Sendable {
    private var counts: [String: Int] = [:]

    package init() {}

    mutating func note(_ what: String, _ count: Int = 1) {
        counts[what, default: 0] += count
    }

    package mutating func merge(_ other: Reached) {
        counts.merge(other.counts) { $0 + $1 }
    }

    package subscript(_ what: String) -> Int { counts[what, default: 0] }

    /// By name.
    package var all: [(what: String, count: Int)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
