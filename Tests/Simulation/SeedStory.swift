import OpwatchCore
import WireFormat

/// What happened in one seed, for people.
package struct SeedStory {
    package let text: String

    package init(_ seed: UInt64) {
        var lines: [String] = []
        let run = SimulatedRun(seed: seed)
        run.follow { time, observation in lines.append("\(time) \(observation)") }
        let outcome = run.run()
        lines += outcome.violations.map { "judge: \($0)" }
        if let standing = run.standing {
            lines += standing.services.map { "daemon: \($0)" } + ["daemon: \(standing)"]
        }
        text = lines.joined(separator: "\n")
    }
}
