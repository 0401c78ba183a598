import OpwatchCore
import WireFormat

/// Opens and closes the breakers of services.
struct Breakers {
    let facts: Facts
    let roster: Roster
    let conditions: GateConditions

    /// A complete poll: judges by the share of operations that would be cancelled.
    func judgeShare(
        _ candidates: [Poll.Candidate], _ service: LiveService, _ id: PartitionID,
        at now: Timestamp
    ) {
        let cancellable = candidates.count { candidate in
            var gate = conditions.facts(
                of: QueuedCandidate(candidate: candidate, partition: id), service, .queued)
            // A service that does not answer or denies makes nothing calm.
            if facts.memory.pauses[candidate.operation]?.kind != .differs {
                gate.operationPause = nil
            }
            return Gate.standing(gate.withoutStandingShut)?.isRail ?? true
        }
        let clocksAgree = service.rails.clock == .agrees
        let round = service.partitions.round
        service.partitions.update(id) {
            $0.count(cancellable: cancellable)
            // What was polled while the clocks disagree makes nothing calm.
            if clocksAgree { $0.round = round }
        }
        var picture = Breaker.Picture(
            cancellable: service.partitions.cancellableCount,
            live: service.partitions.liveCount, endsRound: false,
            failedCancels: failedCancels(service))
        let safety = roster.plan.policy.safety
        if picture.isOver(safety) {
            service.partitions.beginRound()
        } else {
            picture.endsRound = clocksAgree && service.partitions.endRound()
        }
        let change = service.rails.breaker.poll(
            picture, under: safety, open: facts.state.breakers[service.name],
            at: facts.now.instant)
        apply(change, service, at: now)
    }

    /// A verdict left the operation running.
    func cancelFailed(_ service: LiveService, at now: Timestamp) {
        guard facts.state.breakers[service.name] == nil else { return }
        let change = service.rails.breaker.failed(
            failedCancels(service), under: roster.plan.policy.safety, at: facts.now.instant)
        apply(change, service, at: now)
    }

    private func failedCancels(_ service: LiveService) -> Int {
        facts.state.failedCancels[service.name] ?? 0
    }

    private func apply(_ change: Breaker.Change?, _ service: LiveService, at now: Timestamp) {
        switch change {
        case .open(let cause)?:
            service.partitions.beginRound()
            // What the policy moved out of it has a breaker of its own, and the same name.
            for other in roster.services where other.name == service.name && other !== service {
                other.rails.breaker.rest(at: facts.now.instant)
            }
            facts.record(
                .breaker(service: service.name, opened: cause, at: now), of: service.plan)
        case .close?:
            service.rails.canary.restart()
            facts.record(.breaker(service: service.name, opened: nil, at: now), of: service.plan)
        case nil: return
        }
    }
}
