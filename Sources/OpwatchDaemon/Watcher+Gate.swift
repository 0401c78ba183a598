import OperationsClient
import OpwatchCore
import OpwatchJournal
import OpwatchSystemd
import WireFormat

extension Watcher {
    /// - Parameters:
    ///   - isRecorded: the candidate's own intent is durable, so it must not stand in its own way:
    ///     neither as an open attempt nor in the budget.
    ///   - isPermitted: it is counted among the poll's cancels, too.
    func gateFacts(
        _ queued: QueuedCandidate, _ service: ServiceWatch, isRecorded: Bool,
        isPermitted: Bool = false
    ) -> GateFacts {
        let ref = queued.candidate.operation
        let operation = state.identity(ref)
        let safety = plan.policy.safety
        let instant = dependencies.instant()
        var facts = GateFacts()
        facts.mode = plan.policy.mode
        facts.isPolicyRefused = refusal != nil
        facts.isJournalHealthy = journal.health == .healthy
        facts.isJournalDamaged = state.damage != nil
        facts.isListed =
            state.partition(ref) == service.partitions[queued.parent].partition
            && isListed(ref, by: service)
            && !state.tables[ref.table].flags(ref.slot).contains(.unlisted)
        facts.isAddressable = operation.isAddressable
        facts.isWithinParent =
            ParentScope(
                service.partitions[queued.parent].partition.parent, service.plan.service.names
            )
            .contains(operation.name)
        facts.isWarnOnly = service.partitions[queued.parent]
            .onlyWarns(at: instant, gap: gapMax(service))
        facts.confirmations = queued.candidate.confirmations
        facts.confirmationsNeeded = safety.confirmations
        facts.clocksAgree = service.clock == .agrees
        facts.openBreaker = state.breakers[service.name]?.cause.words
        facts.startedInPoll =
            service.partitions[queued.parent].startedInPoll - (isPermitted ? 1 : 0)
        facts.startedInPollMax = safety.cancelsPerPoll
        facts.unsupportedUntil = state.unsupported.until(
            operation, type: queued.candidate.metadataType, at: serverTime(service))
        facts.servicePause = servicePause(service, at: instant)
        facts.operationPause = memory.pauses[ref].flatMap {
            $0.holds(at: instant) ? $0.reason : nil
        }
        facts.objection =
            service.candidate == queued.candidate ? service.objection?.description : nil
        facts.hasOpenAttempt = !isRecorded && hasOpenAttempt(ref)
        facts.isCanaryOut = false
        facts.spentInHourMax = safety.cancelsPerHour
        if plan.policy.mode == .enforce {
            facts.spentInHour =
                state.spent.count(at: serverTime(service)) - (isRecorded ? 1 : 0)
            facts.isCanaryOut = safety.canary && service.canary.isOut(besides: operation)
        }
        return facts
    }

    /// Why the service's cancels wait, nil where they do not.
    func servicePause(_ service: ServiceWatch, at now: ContinuousClock.Instant) -> String? {
        if let until = service.denial.until, now < until {
            return "the service denies cancels (\(service.denial.reason)); one trial an hour"
        }
        if let until = service.cancelPause.until, now < until {
            return "GETs or cancels of different operations got no answer that counts"
        }
        return nil
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

    // MARK: Leaving an operation alone

    /// Leaves an operation alone for an interval, then for twice as long each time, up to an hour.
    /// - Returns: whether this is the first time in a row, which is worth telling.
    @discardableResult
    func pause(
        _ ref: WatchState.OperationRef, _ service: ServiceWatch, _ kind: OperationPause.Kind,
        reason: String, atLeast least: Duration = .zero
    ) -> Bool {
        let now = dependencies.instant()
        let before = memory.pauses[ref]
        let interval = service.plan.service.interval
        let walk =
            service.partitionIndex(state.partition(ref))
            .map { service.partitions[$0].lastWalkTime } ?? .zero
        memory.pauses[ref] = OperationPause(
            kind, after: before, first: max(least, interval + (walk > interval ? walk : .zero)),
            longest: max(least, .seconds(3_600)), reason: reason, at: now)
        return !(before?.isFollowed(by: kind, at: now) ?? false)
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
        case .posting(let intent, let queued): service.attempt = .posting(intent, queued)
        case .lookingOnly(let queued):
            switch read(answer, operation, service) {
            case .failure(let failure):
                guard noFreshAnswer(failure, queued, operation, service) else { return }
                reporter.note(
                    .warning,
                    "\(service.label(operation).text): overdue, and cannot be fetched "
                        + "(\(failure)), so that nobody knows whether it would be cancelled; "
                        + "trying again"
                )
            case .success(let fresh):
                // No cancel follows whose answer would end it.
                service.cancelPause.end()
                tookObserverLook(fresh, queued, operation, service)
            }
        case .looking(let recorded, let queued):
            switch read(answer, operation, service) {
            case .failure(let failure):
                let isNews = noFreshAnswer(failure, queued, operation, service)
                withdraw(recorded.intent, service, reason: failure.description, isNews: isNews)
            case .success(let fresh): passGate(recorded, fresh, queued, service)
            }
        }
    }

    /// An operation that cannot be fetched is not asked for poll after poll; the others are.
    @discardableResult
    private func noFreshAnswer(
        _ failure: CallFailure, _ queued: QueuedCandidate, _ operation: OperationIdentity,
        _ service: ServiceWatch
    ) -> Bool {
        if failure.isOfService {
            service.cancelPause.noAnswer(about: operation, at: dependencies.instant())
        }
        guard state.holds(queued.candidate) else { return true }
        return pause(
            queued.candidate.operation, service, .noAnswer, reason: "its GET failed: \(failure)",
            atLeast: min(failure.retryAfter ?? .zero, retryAfterMax(service)))
    }

    private func passGate(
        _ recorded: consuming RecordedIntent, _ fresh: FreshAnswer, _ queued: QueuedCandidate,
        _ service: ServiceWatch
    ) {
        let intent = recorded.intent
        var facts = gateFacts(queued, service, isRecorded: true)
        let look = freshLook(fresh, queued.candidate.operation, service)
        // A list may leave the type out.
        facts.unsupportedUntil =
            facts.unsupportedUntil
            ?? state.unsupported.until(
                intent.operation, type: fresh.sighting.snapshot.metadataType, at: fresh.now)
        do throws(GateRefusal) {
            let permit = try Gate.permit(
                recorded, facts, queued.candidate.due, look, now: dependencies.instant())
            service.update(queued.parent) { $0.startedInPoll += 1 }
            service.canary.sent(intent.operation)
            service.attempt = .posting(intent, queued)
            service.outgoing = consume permit
        } catch {
            if case .finished(let code) = look.decision {
                withdraw(intent, service, reason: error.description)
                closeOperation(queued.candidate.operation, code: code, service, at: fresh.now)
            } else {
                let isNews = !error.isOfFreshLook || pauseRefused(queued, service, error)
                withdraw(intent, service, reason: error.description, isNews: isNews)
            }
        }
    }

    /// List and GET tell different things, or the GET nothing that counts: that may last.
    private func pauseRefused(
        _ queued: QueuedCandidate, _ service: ServiceWatch, _ refusal: GateRefusal
    ) -> Bool {
        let kind: OperationPause.Kind =
            switch refusal {
            case .freshLookTooOld, .clocksDisagree: .noAnswer
            default: .differs
            }
        return pause(queued.candidate.operation, service, kind, reason: refusal.description)
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
        let refusal = Gate.refusal(facts, due, look, of: operation.name)
        guard refusal == .observing else {
            if let refusal, refusal.isOfFreshLook { _ = pauseRefused(queued, service, refusal) }
            return
        }
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

    /// A page that was read while the GET of the cancel in hand was under way counts beside it: it
    /// may show what the GET was too early for. Of two answers nobody knows the later one.
    func noteObjection(
        in sighting: Sighting, _ ref: WatchState.OperationRef, _ service: ServiceWatch,
        at now: Timestamp
    ) {
        guard service.attempt != nil, service.objection == nil,
            let candidate = service.candidate, candidate.operation == ref
        else { return }
        let shown = FreshAnswer(sighting: sighting, now: now, sentAt: dependencies.instant())
        service.objection = Gate.fresh(
            candidate.due, freshLook(shown, ref, service), name: state.identity(ref).name)
    }

    /// The fresh answer, decided about as a poll would.
    func freshLook(
        _ fresh: FreshAnswer, _ ref: WatchState.OperationRef, _ service: ServiceWatch
    ) -> FreshLook {
        let remembered = state.remembered(ref, memory: memory, mayRetryCancel: true)
        let decision = Decider.decide(
            fresh.sighting, under: service.plan, mode: plan.policy.mode,
            clocksAgree: service.clock == .agrees, remembered: remembered, at: fresh.now)
        return FreshLook(
            sighting: fresh.sighting, decision: decision,
            age: fresh.sentAt.duration(to: dependencies.instant()),
            knownCreation: remembered.hasCreation ? remembered.since : nil)
    }

    // MARK: The last word

    /// Asks once more, as the permit is about to leave, what stands in the way of any cancel: since
    /// the gate a reload may have been refused, the journal damaged, a clock turned bad.
    func checkOutgoing(_ service: ServiceWatch) {
        guard service.outgoing != nil, let attempt = service.attempt.take() else { return }
        switch consume attempt {
        case .posting(let intent, let queued):
            service.attempt = .posting(intent, queued)
            let refusal =
                state.holds(queued.candidate)
                ? Gate.standing(
                    gateFacts(queued, service, isRecorded: true, isPermitted: true))
                : .notListed
            if let refusal { withdrawPermit(service, reason: refusal.description) }
        case .looking(let recorded, let queued): service.attempt = .looking(recorded, queued)
        case .lookingOnly(let queued): service.attempt = .lookingOnly(queued)
        }
    }
}
