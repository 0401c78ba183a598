import OperationsClient
import OpwatchCore
import OpwatchJournal
import WireFormat

extension Watcher {
    /// - Parameter isRecorded: the candidate's own intent is durable, so it must not stand in its
    ///   own way: neither as an open attempt nor in the budget.
    func gateFacts(
        _ queued: QueuedCandidate, _ service: ServiceWatch, isRecorded: Bool
    ) -> GateFacts {
        let ref = queued.candidate.operation
        let operation = state.identity(ref)
        let partition = service.partitions[queued.parent]
        let safety = plan.policy.safety
        let now = serverTime(service)
        let instant = dependencies.instant()
        var facts = GateFacts()
        facts.mode = plan.policy.mode
        facts.isPolicyRefused = refusal != nil
        facts.isJournalHealthy = journal.health == .healthy
        facts.isJournalDamaged = state.damage != nil
        let listedIn = memory.listedIn(ref, serial: state.tables[ref.table].serial(ref.slot))
        facts.isListed =
            state.partition(ref) == partition.partition
            && partition.completeWalk != 0 && listedIn >= partition.completeWalk
            && !state.tables[ref.table].flags(ref.slot).contains(.unlisted)
        facts.isAddressable = operation.isAddressable
        facts.isWarnOnly = partition.onlyWarns(at: instant, gap: gapMax(service))
        facts.confirmations = queued.candidate.confirmations
        facts.confirmationsNeeded = safety.confirmations
        facts.clocksAgree = service.clock == .agrees
        facts.openBreaker = state.breakers[service.name]?.reason
        facts.spentInHourMax = safety.cancelsPerHour
        facts.startedInPoll = partition.startedInPoll
        facts.startedInPollMax = safety.cancelsPerPoll
        facts.unsupportedUntil = state.unsupportedUntil(operation, at: now)
        facts.isDenied = service.denial.map { $0.until > instant } ?? false
        if plan.policy.mode == .enforce {
            facts.spentInHour = state.spent.count(at: now) - (isRecorded ? 1 : 0)
            facts.isCanaryOut = safety.canary && service.canary.isOut(besides: operation)
        }
        facts.hasOpenAttempt = !isRecorded && hasOpenAttempt(ref)
        return facts
    }

    private func hasOpenAttempt(_ ref: WatchState.OperationRef) -> Bool {
        guard let history = state.cancel(ref) else { return false }
        if case .ended = history.state { return true }
        return history.isOpen && looks[ref]?.verification.mayRetry != true
    }

    /// The service's clock now, reckoned from its last `Date`; ours where they disagree.
    func serverTime(_ service: ServiceWatch) -> Timestamp {
        service.time(local: dependencies.now())
    }

    // MARK: The fresh look

    /// The GET of the candidate in hand came back; it was sent after the intent was durable.
    func tookGateLook(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ request: RequestLog.ID, _ service: ServiceWatch
    ) {
        guard service.gateLook == request, let attempt = service.attempt.take() else { return }
        service.gateLook = nil
        switch consume attempt {
        case .posting(let intent): service.attempt = .posting(intent)
        case .lookingOnly(let queued):
            switch read(answer, operation, service) {
            case .failure(let failure): growPause(service, after: failure)
            case .success(let fresh):
                service.cancelPause.end()
                tookObserverLook(fresh, queued, operation, service)
            }
        case .looking(let recorded, let queued):
            switch read(answer, operation, service) {
            case .failure(let failure):
                growPause(service, after: failure)
                withdraw(recorded.intent, service, reason: failure.description)
            case .success(let fresh): passGate(recorded, fresh, queued, service)
            }
        }
    }

    /// A service that does not answer is not asked about its candidates poll after poll.
    private func growPause(_ service: ServiceWatch, after failure: CallFailure) {
        if failure.saysGone { return }
        service.cancelPause.grow(at: dependencies.instant()) { dependencies.real($0) }
    }

    private func passGate(
        _ recorded: consuming RecordedIntent, _ fresh: FreshAnswer, _ queued: QueuedCandidate,
        _ service: ServiceWatch
    ) {
        let intent = recorded.intent
        let facts = gateFacts(queued, service, isRecorded: true)
        let look = freshLook(fresh, queued.candidate.operation, service)
        do throws(GateRefusal) {
            let permit = try Gate.permit(
                recorded, facts, queued.candidate.due, look, now: dependencies.instant())
            service.partitions[queued.parent].startedInPoll += 1
            service.canary.sent(intent.operation)
            service.attempt = .posting(intent)
            service.outgoing = consume permit
        } catch {
            withdraw(intent, service, reason: error.description)
            if case .finished(let code) = look.decision {
                closeOperation(queued.candidate.operation, code: code, service, at: fresh.now)
            }
        }
    }

    /// Observe mode: the same gate, and a record of what enforce would have done.
    private func tookObserverLook(
        _ fresh: FreshAnswer, _ queued: QueuedCandidate, _ operation: OperationIdentity,
        _ service: ServiceWatch
    ) {
        // No intent holds the operation here, so it may have ended during the GET.
        guard state.holds(queued.candidate) else { return }
        let facts = gateFacts(queued, service, isRecorded: false)
        let look = freshLook(fresh, queued.candidate.operation, service)
        let due = queued.candidate.due
        guard Gate.refusal(facts, due, look, of: operation.name) == .observing else { return }
        let would = JournalRecord.WouldCancel(
            operation: operation, rule: service.plan.rules[due.rule].rule.name, clock: due.clock,
            age: due.age, timeout: due.timeout)
        let isOld = { (time: Timestamp) in fresh.now.duration(since: time) > SpentBudget.window }
        if wouldCancelTimes.first.map(isOld) ?? false { wouldCancelTimes.removeAll(where: isOld) }
        wouldCancelTimes.append(fresh.now)
        var batch = Batch()
        apply(.wouldCancel(would), service, into: &batch)
        commit(batch)
    }

    /// The fresh answer, decided about as a poll would.
    private func freshLook(
        _ fresh: FreshAnswer, _ ref: WatchState.OperationRef, _ service: ServiceWatch
    ) -> FreshLook {
        let remembered = state.remembered(ref, memory: memory, mayRetryCancel: true)
        let decision = Decider.decide(
            fresh.sighting, under: service.plan, mode: plan.policy.mode, remembered: remembered,
            at: fresh.now)
        return FreshLook(
            sighting: fresh.sighting, decision: decision,
            age: fresh.sentAt.duration(to: dependencies.instant()),
            knownCreation: remembered.hasCreation ? remembered.since : nil)
    }
}
