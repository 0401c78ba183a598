import OpwatchCore
import WireFormat

/// Gathers what the gate asks for.
struct GateConditions {
    let facts: Facts
    let roster: Roster

    /// How far the candidate's own cancel is, so that it does not stand in its own way.
    enum Stage {
        /// Nothing of it is written.
        case queued
        /// Its intent is durable: neither an open attempt nor a part of the budget.
        case recorded
        /// It is counted among the poll's cancels, too.
        case permitted
    }

    /// - Parameter objection: what a list said against it since its attempt began.
    func facts(
        of queued: QueuedCandidate, _ service: LiveService, _ stage: Stage,
        objection: GateRefusal? = nil
    ) -> GateFacts {
        let candidate = queued.candidate
        var gate = facts(
            of: candidate.operation, listedBy: service.partitions[queued.partition], service,
            stage, type: candidate.metadataType)
        gate.confirmations = candidate.confirmations
        gate.objection = objection?.description
        return gate
    }

    /// What is known of an operation, whether something asks for its cancel or not.
    /// - Parameters:
    ///   - due: the deadline whose confirmations count; nil for none.
    ///   - type: the `@type` of its metadata, empty where nobody knows of one.
    func facts(
        of ref: Facts.OperationRef, _ service: LiveService, due: Due?, type: String
    ) -> GateFacts {
        let partition = service.partitions.find(facts.state.partition(ref))
        var gate = facts(of: ref, listedBy: partition, service, .queued, type: type)
        if let due, let partition {
            gate.confirmations = facts.memory.confirmations(
                ref, serial: facts.state.serial(ref), of: due, in: partition.completeNumber)
        }
        let subject = service.attempt.subject
        gate.objection =
            subject?.queued.candidate.operation == ref ? subject?.objection?.description : nil
        return gate
    }

    private func facts(
        of ref: Facts.OperationRef, listedBy partition: LivePartition?, _ service: LiveService,
        _ stage: Stage, type: String
    ) -> GateFacts {
        let instant = facts.now.instant
        let operation = facts.state.identity(ref)
        let safety = roster.plan.policy.safety
        let isRecorded = stage != .queued
        var gate = GateFacts()
        gate.mode = roster.plan.policy.mode
        gate.isPolicyRefused = roster.isPolicyRefused
        gate.isJournalHealthy = facts.isJournalHealthy
        gate.isJournalDamaged = facts.state.damage != nil
        if let partition {
            gate.isListed =
                facts.state.partition(ref) == partition.partition && isListed(ref, in: partition)
                && !facts.state.tables[ref.table].flags(ref.slot).contains(.unlisted)
            gate.isWithinParent =
                ParentScope(partition.partition.parent, service.plan.service.names)
                .contains(operation.name)
            gate.isWarnOnly = partition.onlyWarns(at: instant, gap: service.gapMax)
            gate.startedInPoll = partition.startedInPoll - (stage == .permitted ? 1 : 0)
            gate.startedInPollMax = safety.cancelsPerPoll
        }
        gate.isAddressable = operation.isAddressable
        gate.confirmationsNeeded = safety.confirmations
        gate.clock = service.rails.clock
        gate.openBreaker = facts.state.breakers[service.name]?.cause.words
        gate.unsupportedUntil = facts.state.unsupported.until(
            operation, type: type, at: serverTime(service))
        gate.servicePause = service.rails.waitReason(at: instant)
        gate.operationPause = facts.memory.pauses[ref].flatMap {
            $0.holds(at: instant) ? $0.reason : nil
        }
        gate.hasOpenAttempt =
            !isRecorded
            && (facts.state.cancel(ref)?.shutsNext(mayRetry: facts.mayRetryCancel(ref)) ?? false)
        gate.isCanaryOut = false
        gate.spentInHourMax = safety.cancelsPerHour
        if roster.plan.policy.mode == .enforce {
            let spent = facts.state.spent.count(at: serverTime(service))
            gate.spentInHour = spent - (isRecorded ? 1 : 0)
            gate.isCanaryOut = safety.canary && service.rails.canary.isOut(besides: operation)
        }
        return gate
    }

    /// Whether its parent's last complete poll listed it.
    func isListed(_ ref: Facts.OperationRef, by service: LiveService) -> Bool {
        service.partitions.find(facts.state.partition(ref)).map { isListed(ref, in: $0) } ?? false
    }

    /// Whether a poll of its parent was complete since the start; nobody polls for what the policy
    /// no longer has.
    func isListRead(_ ref: Facts.OperationRef, by service: LiveService) -> Bool {
        service.isRetired
            || service.partitions.find(facts.state.partition(ref)).map { $0.completeWalk != 0 }
                ?? true
    }

    private func isListed(_ ref: Facts.OperationRef, in partition: LivePartition) -> Bool {
        let walk = partition.completeWalk
        return walk != 0 && facts.memory.listedIn(ref, serial: facts.state.serial(ref)) >= walk
    }

    /// The service's clock now, reckoned from its last `Date`; ours where they disagree.
    func serverTime(_ service: LiveService) -> Timestamp {
        service.rails.time(at: facts.now)
    }

    /// The fresh answer, decided about as a poll would.
    func freshFetch(
        _ fresh: FreshAnswer, _ ref: Facts.OperationRef, _ service: LiveService
    ) -> FreshFetch {
        facts.tally.decisions += 1
        let remembered = facts.state.remembered(ref, memory: facts.memory, mayRetryCancel: true)
        let decision = Decider.decide(
            fresh.sighting, under: service.plan, mode: roster.plan.policy.mode,
            clocksAgree: service.rails.clock == .agrees, remembered: remembered, at: fresh.now)
        return FreshFetch(
            sighting: fresh.sighting, decision: decision,
            age: fresh.sentAt.duration(to: facts.now.instant),
            knownCreation: remembered.hasCreation ? remembered.since : nil)
    }

    /// Leaves an operation alone for an interval, then for twice as long each time, up to an hour.
    /// - Returns: whether this is the first time in a row, which is worth telling.
    @discardableResult
    func pause(
        _ ref: Facts.OperationRef, _ service: LiveService, _ kind: OperationPause.Kind,
        reason: String, atLeast least: Duration = .zero
    ) -> Bool {
        let now = facts.now.instant
        let before = facts.memory.pauses[ref]
        let interval = service.plan.service.interval
        let walk =
            service.partitions.find(facts.state.partition(ref))?.lastWalkTime ?? .zero
        facts.memory.pauses[ref] = OperationPause(
            kind, after: before, first: max(least, interval + (walk > interval ? walk : .zero)),
            longest: max(least, .seconds(3_600)), reason: reason, at: now)
        return !(before?.isFollowed(by: kind, at: now) ?? false)
    }
}
