import SeededRandom

/// Which kinds of faults a run has, and how often.
///
/// Per mille of the cases in which the kind could happen: of requests, of rows of a list, of
/// operations. For kinds that last for minutes it is the share of time.
struct FaultPlan: Sendable, Equatable, CustomStringConvertible {
    private var rates: [Int]

    /// Nothing ever fails.
    static let none = FaultPlan(rates: FaultKind.allCases.map { _ in 0 })

    /// Nothing but this fails.
    static func only(_ kind: FaultKind, perMille rate: Int) -> FaultPlan {
        var plan = none
        plan[kind] = rate
        return plan
    }

    /// A calm plan, one of few kinds, a mixed, a wild or a noisy one; rarely one without faults.
    static func random(_ random: inout SplitMix) -> FaultPlan {
        switch random.below(32) {
        case 0: none
        case 1...3: some(oneIn: 6, 1...10, &random)
        case 4...8: few(&random)
        case 9...13: some(oneIn: 2, 3...40, &random)
        case 14...18: some(oneIn: 1, 5...150, &random)
        default: noisy(&random)
        }
    }

    subscript(kind: FaultKind) -> Int {
        get { rates[kind.rawValue] }
        set { rates[kind.rawValue] = newValue }
    }

    /// The kinds that there are: `lateReply 12‰, staleList 140‰`.
    var description: String {
        FaultKind.allCases.filter { self[$0] > 0 }.map { "\($0) \(self[$0])‰" }
            .joined(separator: ", ")
    }

    private static func some(
        oneIn share: Int, _ range: ClosedRange<Int>, _ random: inout SplitMix
    ) -> FaultPlan {
        var plan = none
        for kind in FaultKind.allCases where random.once(in: share) {
            plan[kind] = random.within(range)
        }
        return plan
    }

    /// Nearly every page has something, and most polls are complete all the same.
    private static func noisy(_ random: inout SplitMix) -> FaultPlan {
        var plan = some(oneIn: 3, 2...30, &random)
        for kind in FaultKind.harmless where !random.once(in: 4) {
            plan[kind] = random.within(200...1_000)
        }
        return plan
    }

    private static func few(_ random: inout SplitMix) -> FaultPlan {
        var plan = none
        for _ in 0...random.below(4) {
            plan[random.pick(FaultKind.allCases)] = random.within(20...400)
        }
        return plan
    }
}
