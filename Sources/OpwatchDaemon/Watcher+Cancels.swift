import OperationsClient
import OpwatchCore
import OpwatchJournal
import WireFormat

extension Watcher {
    // MARK: The line

    /// Puts the candidates of a parent's last complete poll in line, oldest deadline first.
    func line(up candidates: [Poll.Candidate], _ service: ServiceWatch, _ index: Int) {
        service.line.removeAll { $0.parent == index }
        service.line += candidates.map { QueuedCandidate(candidate: $0, parent: index) }
        service.line.sort { $0.candidate.due.deadline < $1.candidate.due.deadline }
    }

    /// Opens or closes the service's breaker by the share of operations that would be cancelled.
    func judgeShare(
        _ candidates: [Poll.Candidate], _ service: ServiceWatch, _ index: Int, at now: Timestamp
    ) {
        service.partitions[index].cancellableCount = candidates.count { candidate in
            var facts = gateFacts(
                QueuedCandidate(candidate: candidate, parent: index), service, isRecorded: false)
            facts.openBreaker = nil
            facts.isWarnOnly = false
            switch Gate.standing(facts) {
            case nil, .notConfirmed, .canaryOut, .hourlyBudgetSpent, .pollCapReached: return true
            default: return false
            }
        }
        let change = service.breaker.poll(
            cancellable: service.partitions.reduce(0) { $0 + $1.cancellableCount },
            live: service.liveCount, under: plan.policy.safety,
            open: state.breakers[service.name], at: now)
        apply(change, service, at: now)
    }

    func apply(_ change: Breaker.Change?, _ service: ServiceWatch, at now: Timestamp) {
        var batch = Batch()
        switch change {
        case .open(let reason)?:
            apply(.breaker(service: service.name, opened: reason, at: now), service, into: &batch)
        case .close?:
            service.canary.restart()
            apply(.breaker(service: service.name, opened: nil, at: now), service, into: &batch)
        case nil: return
        }
        commit(batch)
    }

    // MARK: From the line to the gate

    /// Lets the next candidate of each service begin, one at a time, services taking turns.
    func startAttempts(at now: ContinuousClock.Instant) {
        guard !services.isEmpty else { return }
        for offset in services.indices {
            let service = services[(nextTurn + offset) % services.count]
            if service.cancelPause.until.map({ $0 > now }) ?? false { continue }
            while service.attempt == nil, service.outgoing == nil, let first = service.line.first {
                guard advance(first, service, at: now) else { break }
                service.line.removeFirst()
            }
        }
        nextTurn = (nextTurn + 1) % services.count
    }

    /// - Returns: whether the candidate leaves the line.
    private func advance(
        _ queued: QueuedCandidate, _ service: ServiceWatch, at now: ContinuousClock.Instant
    ) -> Bool {
        let ref = queued.candidate.operation
        guard state.tables[ref.table].isLive(ref.slot) else { return true }
        let operation = state.identity(ref)
        let facts = gateFacts(queued, service, isRecorded: false)
        switch Gate.standing(facts) {
        case nil:
            if plan.policy.mode == .enforce {
                recordIntent(queued, operation, service)
            } else if !isKnownWouldCancel(queued, service) {
                service.attempt = .lookingOnly(queued)
                service.lane.add(.look(operation, .gate), .gatePair)
            }
            return true
        case .canaryOut?: return false
        case .pollCapReached?, .hourlyBudgetSpent?:
            deferCancel(queued, operation, service, facts)
            return true
        default: return true
        }
    }

    private func recordIntent(
        _ queued: QueuedCandidate, _ operation: OperationIdentity, _ service: ServiceWatch
    ) {
        let ref = queued.candidate.operation
        let due = queued.candidate.due
        let intent = JournalRecord.Intent(
            id: IntentID(UInt64(clamping: journal.lastSeq + 1)), operation: operation, service: service.name,
            serverTime: serverTime(service), created: state.tables[ref.table].since(ref.slot),
            clock: due.clock, age: due.age, timeout: due.timeout, deadline: due.deadline,
            rule: service.plan.rules[due.rule].rule.name, policy: plan.policy.hash,
            attempt: (state.cancel(ref)?.accepted ?? 0) + 1)
        do throws(JournalError) {
            let recorded = try journal.record(intent: intent, at: dependencies.now())
            applyToState(.intent(intent))
            service.attempt = .looking(recorded, queued)
            looks[ref] = nil
            service.lane.add(.look(operation, .gate), .gatePair)
        } catch {
            journalFailed(error)
        }
    }

    private func deferCancel(
        _ queued: QueuedCandidate, _ operation: OperationIdentity, _ service: ServiceWatch,
        _ facts: GateFacts
    ) {
        let ref = queued.candidate.operation
        guard plan.policy.mode == .enforce, let refusal = Gate.standing(facts),
            !state.tables[ref.table].flags(ref.slot).contains(.deferred)
        else { return }
        var batch = Batch()
        batch.reports.append(
            .deferred(
                service.label(operation), grounds(queued, service), reason: refusal.description))
        apply(.deferred(operation, reason: refusal.description), service, into: &batch)
        commit(batch)
    }

    private func isKnownWouldCancel(_ queued: QueuedCandidate, _ service: ServiceWatch) -> Bool {
        let ref = queued.candidate.operation
        guard let known = state.tables[ref.table].wouldCancels[ref.slot] else { return false }
        let due = queued.candidate.due
        return known.rule == service.plan.rules[due.rule].rule.name && known.clock == due.clock
    }

    func grounds(_ queued: QueuedCandidate, _ service: ServiceWatch) -> Grounds {
        let due = queued.candidate.due
        return Grounds(
            rule: service.plan.rules[due.rule].rule.name, clock: due.clock, age: due.age,
            timeout: due.timeout, deadline: due.deadline)
    }

    // MARK: The gate

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
        var facts = GateFacts()
        facts.mode = plan.policy.mode
        facts.isPolicyRefused = refusal != nil
        facts.isJournalHealthy = journal.health == .healthy
        facts.isJournalDamaged = state.damage != nil
        facts.isListed =
            state.partition(ref) == partition.partition
            && memory.listedIn(ref, serial: state.tables[ref.table].serial(ref.slot)) != 0
            && !state.tables[ref.table].flags(ref.slot).contains(.unlisted)
        facts.isAddressable = operation.isAddressable
        facts.isWarnOnly = partition.wasWarnOnly
        facts.confirmations = queued.candidate.confirmations
        facts.confirmationsNeeded = safety.confirmations
        facts.clocksAgree = service.clock == .agrees
        facts.openBreaker = state.breakers[service.name]?.reason
        facts.spentInHourMax = safety.cancelsPerHour
        facts.startedInPoll = partition.startedInPoll
        facts.startedInPollMax = safety.cancelsPerPoll
        facts.unsupportedUntil = state.unsupportedUntil(operation, at: now)
        facts.isDenied = service.deniedUntil.map { $0 > dependencies.instant() } ?? false
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

    /// The service's clock now, reckoned from its last `Date`.
    func serverTime(_ service: ServiceWatch) -> Timestamp {
        dependencies.now().advanced(by: service.clockDifference)
    }

    /// The fresh GET of a candidate came back.
    func tookGateLook(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ service: ServiceWatch
    ) {
        guard let attempt = service.attempt.take() else { return }
        switch consume attempt {
        case .posting(let intent): service.attempt = .posting(intent)
        case .lookingOnly(let queued):
            guard case .success(let fresh) = read(answer, operation, service) else { return }
            tookObserverLook(fresh, queued, operation, service)
        case .looking(let recorded, let queued):
            let intent = recorded.intent
            switch read(answer, operation, service) {
            case .failure(let failure):
                withdraw(intent, queued, service, reason: failure.description)
            case .success(let fresh):
                passGate(recorded, fresh, queued, service)
            }
        }
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
            withdraw(intent, queued, service, reason: error.description)
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
        let facts = gateFacts(queued, service, isRecorded: false)
        let look = freshLook(fresh, queued.candidate.operation, service)
        let due = queued.candidate.due
        guard Gate.refusal(facts, due, look, of: operation.name) == .observing else { return }
        let would = JournalRecord.WouldCancel(
            operation: operation, rule: service.plan.rules[due.rule].rule.name, clock: due.clock,
            age: due.age, timeout: due.timeout)
        wouldCancelTimes.removeAll { fresh.now.duration(since: $0) > SpentBudget.window }
        wouldCancelTimes.append(fresh.now)
        var batch = Batch()
        apply(.wouldCancel(would), service, into: &batch)
        commit(batch)
    }

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

    // MARK: The answer

    func tookCancelAnswer(_ answer: Result<Asked, CallFailure>, _ service: ServiceWatch) {
        guard let attempt = service.attempt.take() else { return }
        guard case .posting(let intent) = consume attempt else { return }
        guard let ref = state.find(intent.operation) else { return }
        if case .failure(.notSent(let reason)) = answer {
            return withdraw(intent, nil, service, reason: reason)
        }
        let (http, status) = answer.journalled
        let accepted = state.cancel(ref)?.accepted ?? 0
        let meaning = CancelAnswer(http: http, status: status, accepted: accepted)
        let reason = answer.failureText
        let label = service.label(intent.operation)
        var batch = Batch()
        apply(.asked(intent.id, http: http, status: status), service, into: &batch)
        let now = dependencies.instant()
        var look = OpenLook(verification: Verification(plan.policy.verify), dueAt: now)
        switch meaning {
        case .accepted:
            service.cancelPause.end()
            look.dueAt = now.advanced(by: dependencies.real(Verification.firstPause))
            batch.reports.append(
                .cancelAsked(label, intent, attempts: plan.policy.verify.attempts, http: http))
        case .denied:
            service.canary.failed(intent.operation)
            service.deniedUntil = now.advanced(by: dependencies.real(.seconds(3_600)))
            batch.reports.append(.cancelDenied(label, intent, reason: reason))
        case .unanswered:
            service.cancelPause.grow(at: now) { dependencies.real($0) }
            if case .failure(let failure) = answer, let retryAfter = failure.retryAfter {
                service.lane.close(until: now.advanced(by: retryAfter))
            }
            batch.reports.append(.cancelUnanswered(label, intent, reason: reason))
        case .refused, .missing: break
        }
        if state.cancel(ref)?.isOpen == true { looks[ref] = look }
        commit(batch)
    }

    // MARK: Not sent

    /// Gives an intent back whose POST did not leave.
    func withdraw(
        _ intent: JournalRecord.Intent, _ queued: QueuedCandidate?, _ service: ServiceWatch,
        reason: String
    ) {
        service.canary.failed(intent.operation)
        var batch = Batch()
        batch.reports.append(
            .withdrawn(service.label(intent.operation), intent, reason: reason))
        apply(.withdrawn(intent.id, reason: reason), service, into: &batch)
        commit(batch)
        guard let ref = state.find(intent.operation), state.cancel(ref)?.isOpen == true else {
            return
        }
        looks[ref] = OpenLook(
            verification: Verification(plan.policy.verify), dueAt: dependencies.instant())
    }

    /// At shutdown: a cancel that has not left goes back; one that has is waited for.
    func withdrawUnsent(_ service: ServiceWatch, reason: String) {
        guard let attempt = service.attempt.take() else { return }
        switch consume attempt {
        case .posting(let intent):
            if let permit = service.outgoing.take() {
                withdraw(intent, nil, service, reason: reason)
                discard(permit)
            } else {
                service.attempt = .posting(intent)
            }
        case .looking(let recorded, let queued):
            withdraw(recorded.intent, queued, service, reason: reason)
        case .lookingOnly: break
        }
    }

    private func discard(_ permit: consuming CancelPermit) {}
}

extension Result where Success == Asked, Failure == CallFailure {
    fileprivate var journalled: (http: Int, status: String) {
        switch self {
        case .success(let asked): (asked.httpStatus, AskedStatus.ok)
        case .failure(let failure): AskedStatus.of(failure)
        }
    }

    fileprivate var failureText: String {
        switch self {
        case .success: ""
        case .failure(let failure): failure.description
        }
    }
}
