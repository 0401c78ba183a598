import SeededRandom

/// Makes a seed that goes wrong as short as it can be and still goes wrong.
struct SeedShrinker {
    let seed: UInt64
    private(set) var plan: RunPlan
    private(set) var faults: FaultPlan
    /// The rule that the whole seed broke.
    private let rule: String
    private(set) var tries = 0

    /// nil for a seed that is right.
    init?(_ seed: UInt64) {
        self.seed = seed
        (plan, faults) = SimulatedRun.plans(of: seed)
        guard let rule = Self.broken(SimulatedRun(seed: seed).run()) else { return nil }
        self.rule = rule
    }

    /// Leaves out what is not needed: faults of a kind, steps, and time before the healing.
    mutating func shrink() {
        for kind in FaultKind.allCases where faults[kind] > 0 {
            var fewer = faults
            fewer[kind] = 0
            if fails(plan, fewer) { faults = fewer }
        }
        for index in plan.steps.indices.reversed() {
            let fewer = plan.without([index])
            if fails(fewer, faults) { plan = fewer }
        }
        for _ in 0..<8 {
            let shorter = plan.healed(at: plan.healAt / 2)
            guard fails(shorter, faults) else { break }
            plan = shorter
        }
    }

    private mutating func fails(_ plan: RunPlan, _ faults: FaultPlan) -> Bool {
        tries += 1
        return Self.broken(SimulatedRun(seed: seed, plan: plan, faults: faults).run()) == rule
    }

    private static func broken(_ outcome: RunOutcome) -> String? {
        outcome.violations.first.map { violation in
            // `seconds: rule: story`
            String(violation.split(separator: ": ").dropFirst().first ?? "")
        }
    }
}
