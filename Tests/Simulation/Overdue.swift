import OpwatchCore
import WireFormat

/// When an operation is truly over its timeout.
enum Overdue {
    /// True time of the earliest deadline under the rule that decides by its true label; nil where
    /// that rule does not cancel, or no clock of it runs.
    static func since(
        _ life: TrueLife, under policy: SimulatedPolicy, in world: JudgedWorld
    ) -> Timestamp? {
        guard let index = policy.decidingRule(forTeam: life.operation.team) else { return nil }
        let rule = policy.rules[index]
        guard rule.action == .cancel else { return nil }
        var deadlines: [Timestamp] = []
        if let total = rule.total {
            deadlines.append(start(of: life, in: world).advanced(by: total))
        }
        // No start that nobody tells begins a clock.
        if let running = rule.running, life.wasShownStarted, let startedAt = life.startedAt {
            deadlines.append(startedAt.advanced(by: running))
        }
        if let stalled = rule.stalled, life.row.updated != nil {
            // Only observed time counts: none before the daemon's start is sure to.
            let seen = max(life.changedAt, world.startedAt, world.healedAt ?? .earliest)
            deadlines.append(seen.advanced(by: stalled))
        }
        return deadlines.min()
    }

    /// "From creation; where the API tells none, the time first seen plus one second."
    private static func start(of life: TrueLife, in world: JudgedWorld) -> Timestamp {
        guard life.row.created == nil else { return life.operation.created }
        guard let tracked = world.names[life.name].tracked, !tracked.isCreation else {
            return life.row.firstDate ?? world.now
        }
        return max(tracked.since, life.operation.created)
    }
}
