import OpwatchCore
import WireFormat

/// Sums up how things are.
struct Standings {
    let facts: Facts
    let roster: Roster
    let conditions: GateConditions
    let reader: AnswerReader

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
        var standing = ServiceStanding(service.name)
        standing.parents = service.partitions.all.map { of($0, gap: service.gapMax, at: now) }
        standing.openBreaker = facts.state.breakers[service.name]?.cause.words
        standing.pause = service.rails.waitReason(at: now)
        if roster.plan.policy.safety.canary {
            standing.canary = service.rails.canary.operation?.name
        }
        standing.queued = service.queue.count
        standing.clock = service.rails.clock
        return standing
    }

    private func of(
        _ partition: LivePartition, gap: Duration, at now: ContinuousClock.Instant
    ) -> ParentStanding {
        let isLate = partition.isStale || partition.unseen(at: now) > gap + partition.lastWalkTime
        let poll: ParentStanding.PollState =
            partition.trouble != nil ? .failing : isLate ? .late : .current
        return ParentStanding(
            partition.partition.parent, poll, live: partition.liveCount,
            lastPoll: partition.lastCompleteTime, failingSince: partition.troubleSince,
            cause: poll == .current ? nil : partition.cause)
    }

    /// How things are with a tracked operation, as a GET of a moment ago shows it.
    /// - Returns: nil for one that is not tracked or no longer watched, and where the answer is
    ///   none about it.
    func of(_ operation: OperationIdentity, as answer: OperationAnswer) -> OperationStanding? {
        guard let ref = facts.state.find(operation),
            let service = roster.owner(of: facts.state.partition(ref)),
            let (fresh, rules) = reader.explained(answer, operation, service)
        else { return nil }
        let (sighting, mode) = (fresh.sighting, roster.plan.policy.mode)
        let remembered = facts.state.remembered(
            ref, memory: facts.memory, mayRetryCancel: facts.mayRetryCancel(ref))
        var standing = OperationStanding(
            sighting, rules: rules, listedBy: facts.state.partition(ref).parent,
            under: service.plan, mode: mode, clocksAgree: service.rails.clock == .agrees,
            remembered: remembered, at: fresh.now)
        if case .finished = standing.decision { return standing }
        let gate = conditions.facts(
            of: ref, service, due: standing.decision.due, type: sighting.snapshot.metadataType)
        guard case .cancel(let due) = standing.decision else {
            standing.refusals = Gate.refusals(gate)
            return standing
        }
        let fetch = FreshFetch(
            sighting: sighting, decision: standing.decision,
            age: fresh.sentAt.duration(to: facts.now.instant),
            knownCreation: remembered.hasCreation ? remembered.since : nil)
        standing.refusals = Gate.refusals(gate, due, fetch, of: operation.name)
        return standing
    }
}
