import OpwatchCore
import WireFormat

/// What must have come by the end of a run after which nothing failed any more.
///
/// I11: "after faults stop, every truly overdue allowed operation gets its intent"; "every state
/// that waits names what it waits for; none waits for ever in silence".
enum Liveness {
    /// Nothing is asked of a run that never healed, of a daemon that is not up, of a shut gate.
    /// - Parameter longest: see `Bounds.longest`.
    static func findings(in world: JudgedWorld, longest: Duration? = nil) -> [Finding] {
        guard let healedAt = world.healedAt, world.isUp, let policy = world.policy,
            world.policyRefusedAt == nil, !world.isDamaged
        else { return [] }
        let calm = max(healedAt, world.policySince, world.startedAt)
        let queues = policy.services.map { queue(of: $0, policy, since: calm, in: world) }
        var findings = world.openIntents.compactMap {
            unproven($0, policy, calm: calm, longest: longest, in: world)
        }
        for place in world.lives.indices {
            let operation = world.lives[place].operation
            let service = policy.services.firstIndex {
                $0.endpoint == operation.endpoint && $0.parents.contains(operation.parent)
            }
            guard let service else { continue }
            let waiting = Waiting(
                place: place, service: policy.services[service], policy: policy, calm: calm,
                ahead: queues[service], all: queues.reduce(0, +), world: world,
                longest: longest)
            findings += [
                waiting.seenMissing, waiting.endMissing, waiting.silentWait,
                waiting.cancelMissing,
            ].compactMap(\.self)
        }
        return findings
            + policy.services.compactMap { stuck($0, policy, calm, longest: longest, in: world) }
    }

    /// How many of its operations may be cancelled since then.
    private static func queue(
        of service: SimulatedServicePolicy, _ policy: SimulatedPolicy, since: Timestamp,
        in world: JudgedWorld
    ) -> Int {
        world.lives.count { life in
            life.operation.endpoint == service.endpoint
                && service.parents.contains(life.operation.parent)
                && life.overAt.map { $0 > since } ?? true
                && policy.decidingRule(forTeam: life.operation.team)
                    .map { policy.rules[$0].action == .cancel } ?? false
        }
    }

    /// Each durable intent ends in a verdict or a withdrawal, or is open and told: "shown as
    /// unproven and told once; so is one that no attempt follows although its window is over".
    /// Where its operation is truly over, only a verdict will do.
    private static func unproven(
        _ id: IntentID, _ policy: SimulatedPolicy, calm: Timestamp, longest: Duration?,
        in world: JudgedWorld
    ) -> Finding? {
        guard let intent = world.intents[id], let place = intent.life,
            let name = world.name(intent.record.operation),
            name.tracked?.openIntents.last ?? id == id
        else { return nil }
        let life = world.lives[place]
        let operation = life.operation
        let watched = policy.service(at: operation.endpoint, parent: operation.parent)
        guard let service = watched ?? policy.services.first else { return nil }
        let bounds = Bounds(policy: policy, service: service, longest: longest)
        let subject = "\(operation.name) (\(operation.number)), intent \(id.number)"
        let askedAt = intent.postedAt ?? intent.durableAt
        if let overAt = life.overAt {
            let waited = world.now.duration(since: max(calm, askedAt, overAt))
            guard waited > bounds.end else { return nil }
            return Finding(.verdictMissing, "\(subject) is over since \(waited) with no verdict")
        }
        let waited = world.now.duration(since: max(calm, askedAt))
        guard waited > bounds.verdict, name.toldAt.map({ $0 <= askedAt }) ?? true else {
            return nil
        }
        return Finding(.intentForgotten, "\(subject) is open since \(waited) and nothing is told")
    }

    /// "Closes after three rounds below that"; "after failed cancels 1 h".
    private static func stuck(
        _ service: SimulatedServicePolicy, _ policy: SimulatedPolicy, _ calm: Timestamp,
        longest: Duration?, in world: JudgedWorld
    ) -> Finding? {
        let view = world.service(service.name)
        guard let openedAt = view.breakerOpenedAt,
            !Share(of: service.name, in: world).isAbove
        else { return nil }
        let since = max(calm, openedAt, view.lastAboveShareAt ?? openedAt)
        let waited = world.now.duration(since: since)
        let bounds = Bounds(policy: policy, service: service, longest: longest)
        guard waited > bounds.breaker else { return nil }
        return Finding(
            .breakerStuck, "\(service.name)'s breaker is open \(waited) after all was calm")
    }
}
