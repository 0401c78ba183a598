import OpwatchCore
import WireFormat

/// Sums up how things are.
struct Standings {
    let facts: Facts
    let roster: Roster
    let conditions: GateConditions

    var all: Standing {
        let state = facts.state
        var standing = Standing(mode: roster.plan.policy.mode)
        standing.live = state.operationCount
        standing.warned = state.tables.reduce(0) { $0 + $1.warnings.count }
        standing.open = state.openCancels.count
        standing.unprovenSince = facts.proofs.values.compactMap(\.verification.unprovenSince).min()
        standing.unprovable = roster.unprovableCount
        standing.isJournalDamaged = state.damage != nil
        standing.spentBudget = spentBudget
        standing.lastPoll = facts.lastPoll
        standing.services = roster.services.map { of($0) }
        return standing
    }

    /// The hour's cancels that are used up make others wait.
    private var spentBudget: Int? {
        let limit = roster.plan.policy.safety.cancelsPerHour
        guard roster.plan.policy.mode == .enforce, let service = roster.services.first,
            facts.state.spent.count(at: conditions.serverTime(service)) >= limit
        else { return nil }
        return limit
    }

    private func of(_ service: LiveService) -> ServiceStanding {
        let now = facts.now.instant
        let gap = service.gapMax
        var standing = ServiceStanding(service.name)
        let partitions = service.partitions.all
        let late =
            partitions.first { $0.trouble != nil }
            ?? partitions.first { $0.isStale || $0.unseen(at: now) > gap + $0.lastWalkTime }
        standing.late = late.map { late in
            ServiceStanding.LateParent(
                parent: late.partition.parent,
                since: late.lastCompleteTime ?? late.troubleSince, cause: late.cause)
        }
        standing.openBreaker = facts.state.breakers[service.name]?.cause.words
        standing.pause = service.rails.waitReason(at: now)
        if roster.plan.policy.safety.canary {
            standing.canary = service.rails.canary.operation?.name
        }
        standing.queued = service.queue.count
        standing.clock = service.rails.clock
        return standing
    }
}
