/// How often each kind of fault happened.
struct FaultCounts: Sendable, Equatable, CustomStringConvertible {
    private var counts = FaultKind.allCases.map { _ in 0 }

    /// All kinds in their order, those that never happened included.
    var list: [(kind: String, count: Int)] {
        FaultKind.allCases.map { ("\($0)", counts[$0.rawValue]) }
    }

    var total: Int { counts.reduce(0, +) }

    subscript(kind: FaultKind) -> Int { counts[kind.rawValue] }

    mutating func add(_ kind: FaultKind) { counts[kind.rawValue] += 1 }

    static func += (left: inout Self, right: Self) {
        for index in left.counts.indices { left.counts[index] += right.counts[index] }
    }

    /// The kinds that happened: `lateReply 3, staleList 12`.
    var description: String {
        list.filter { $0.count > 0 }.map { "\($0.kind) \($0.count)" }.joined(separator: ", ")
    }
}
