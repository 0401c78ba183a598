import OpwatchCore
import WireFormat

/// What happened in one seed, for people: the shortest schedule that still goes wrong where it
/// does, else all of it.
package struct SeedStory {
    package let text: String

    package init(_ seed: UInt64) {
        var lines: [String] = []
        let run: SimulatedRun
        if var shrinker = SeedShrinker(seed) {
            shrinker.shrink()
            lines.append("seed \(seed), made shorter in \(shrinker.tries) tries")
            lines.append("faults: \(shrinker.faults)")
            lines += shrinker.plan.steps.map { "planned: after \($0.at) \($0.what)" }
            lines.append("planned: healed after \(shrinker.plan.healAt)")
            run = SimulatedRun(seed: seed, plan: shrinker.plan, faults: shrinker.faults)
        } else {
            run = SimulatedRun(seed: seed)
        }
        run.follow { time, observation in lines.append("\(time) \(observation)") }
        let outcome = run.run()
        lines += outcome.violations.map { "judge: \($0)" }
        if let standing = run.standing {
            lines += standing.services.map { "daemon: \($0)" } + ["daemon: \(standing)"]
        }
        text = lines.joined(separator: "\n")
    }
}
