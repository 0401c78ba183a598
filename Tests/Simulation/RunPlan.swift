import SeededRandom
import WireFormat

/// What happens to the daemon's machine in the course of a run, drawn from its seed.
struct RunPlan: Sendable {
    /// One thing that happens at a time.
    struct Step: Sendable {
        let at: Duration
        let what: What
    }

    enum What: Sendable {
        case reload(isGood: Bool)
        /// At the call of the disk after so many; at once where it is nil.
        case kill(afterCalls: Int?, losesPower: Bool)
        case stop
        /// The wall clock is off by this from now on.
        case clock(Duration)
        case disk(SimulatedDisk.Fault, lasting: Duration)
    }

    /// In the order of time.
    let steps: [Step]
    let healAt: Duration
    let end: Duration
    /// Whether it ends as soon as nothing waits any more.
    let endsEarly: Bool

    static func random(_ random: inout SplitMix) -> RunPlan {
        let heal = random.seconds(1_800...10_800)
        var steps: [Step] = []
        if !random.once(in: 6) {
            for _ in 0..<random.below(8) {
                steps.append(Step(at: random.duration(upTo: heal), what: .random(&random)))
            }
        }
        steps.sort { $0.at < $1.at }
        // Half a day, or more than one: some bounds are long.
        let calm = random.pick([36_000, 54_000, 100_000])
        return RunPlan(
            steps: steps, healAt: heal, end: heal + .seconds(calm),
            endsEarly: !random.once(in: 48))
    }

    /// The same run without some of its steps.
    func without(_ indices: Set<Int>) -> RunPlan {
        let kept = steps.enumerated().filter { !indices.contains($0.offset) }.map(\.element)
        return RunPlan(steps: kept, healAt: healAt, end: end, endsEarly: endsEarly)
    }

    /// The same run, with faults for so long only.
    func healed(at time: Duration) -> RunPlan {
        RunPlan(
            steps: steps.filter { $0.at < time }, healAt: time, end: time + (end - healAt),
            endsEarly: endsEarly)
    }
}

extension RunPlan.What {
    static func random(_ random: inout SplitMix) -> Self {
        switch random.below(10) {
        case 0...2: return .reload(isGood: !random.once(in: 3))
        case 3...5:
            let calls = random.once(in: 4) ? nil : random.below(12)
            return .kill(afterCalls: calls, losesPower: random.once(in: 2))
        case 6: return .stop
        case 7, 8:
            let offsets: [Duration] = [
                .zero, .seconds(2), .seconds(200), .seconds(299), .seconds(3_600),
                .seconds(86_400 * 365), .seconds(86_400 * 3_650),
            ]
            let offset = random.pick(offsets)
            return .clock(random.once(in: 2) ? offset : .zero - offset)
        default:
            return .disk(
                random.pick(SimulatedDisk.Fault.allCases), lasting: random.seconds(1...1_200))
        }
    }
}
