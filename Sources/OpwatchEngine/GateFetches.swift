import OpwatchCore
import OpwatchReports
import WireFormat

/// The fresh GET of the cancel in hand, the gate after it, and the last word before a permit
/// leaves.
struct GateFetches {
    let facts: Facts
    let roster: Roster
    let conditions: GateConditions
    let reader: AnswerReader
    let withdrawals: Withdrawals

    /// The GET of the candidate in hand came back; it was sent after the intent was durable.
    func take(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        attempt: UInt32, _ service: LiveService
    ) {
        guard service.attempt.subject?.attempt == attempt else { return }
        switch service.attempt.take() {
        case .idle: service.attempt = .idle
        case .recording(let queued): service.attempt = .recording(queued)
        case .posting(let intent, let queued): service.attempt = .posting(intent, queued)
        // The gate had its answer before.
        case .permitted(let permit, let intent, let subject):
            service.attempt = .permitted(permit, intent, subject)
        case .observing(let subject):
            observed(reader.operation(answer, operation, service), operation, subject, service)
        case .fetching(let recorded, let subject):
            switch reader.operation(answer, operation, service) {
            case .failure(let failure):
                let isNews = noFreshAnswer(failure, subject.queued, operation, service)
                withdrawals.withdraw(
                    recorded.intent, service, reason: failure.description, isNews: isNews)
            case .success(let fresh): passGate(recorded, fresh, subject, service)
            }
        }
    }

    /// An operation that cannot be fetched is not asked for poll after poll; the others are.
    private func noFreshAnswer(
        _ failure: CallFailure, _ queued: QueuedCandidate, _ operation: OperationIdentity,
        _ service: LiveService
    ) -> Bool {
        if failure.isOfService {
            service.rails.pause.noAnswer(about: operation, at: facts.now.instant)
        }
        guard facts.state.holds(queued.candidate) else { return true }
        return conditions.pause(
            queued.candidate.operation, service, .noAnswer, reason: "its GET failed: \(failure)",
            atLeast: min(failure.retryAfter ?? .zero, service.retryAfterMax))
    }

    private func passGate(
        _ recorded: consuming RecordedIntent, _ fresh: FreshAnswer,
        _ subject: CancelAttempt.Subject, _ service: LiveService
    ) {
        let intent = recorded.intent
        let queued = subject.queued
        let fetch = conditions.freshFetch(fresh, queued.candidate.operation, service)
        var gate = conditions.facts(
            of: queued, service, .recorded, objection: subject.objection)
        // A list may leave the type out.
        gate.unsupportedUntil =
            gate.unsupportedUntil
            ?? facts.state.unsupported.until(
                intent.operation, type: fresh.sighting.snapshot.metadataType, at: fresh.now)
        do throws(GateRefusal) {
            let permit = try Gate.permit(
                recorded, gate, queued.candidate.due, fetch, now: facts.now.instant)
            service.partitions.update(queued.partition) { $0.startedInPoll += 1 }
            service.rails.canary.sent(intent.operation)
            service.attempt = .permitted(permit, intent, subject)
        } catch {
            facts.tally.refuse(error)
            if case .finished(let code) = fetch.decision {
                withdrawals.withdraw(intent, service, reason: error.description)
                facts.close(
                    queued.candidate.operation, code: code, at: fresh.now, of: service.plan)
            } else {
                let isNews = !error.isOfFreshFetch || pauseRefused(queued, service, error)
                withdrawals.withdraw(
                    intent, service, reason: error.description, isNews: isNews)
            }
        }
    }

    /// List and GET tell different things, or the GET nothing that counts: that may last.
    private func pauseRefused(
        _ queued: QueuedCandidate, _ service: LiveService, _ refusal: GateRefusal
    ) -> Bool {
        let kind: OperationPause.Kind =
            switch refusal {
            case .freshFetchTooOld, .clocksDisagree: .noAnswer
            default: .differs
            }
        return conditions.pause(
            queued.candidate.operation, service, kind, reason: refusal.description)
    }

    // MARK: Observe mode

    /// The same gate, and a record of what enforce would have done.
    private func observed(
        _ answer: Result<FreshAnswer, CallFailure>, _ operation: OperationIdentity,
        _ subject: CancelAttempt.Subject, _ service: LiveService
    ) {
        switch answer {
        case .failure(let failure):
            guard noFreshAnswer(failure, subject.queued, operation, service) else { return }
            facts.note(
                .warning, of: service.plan.label(operation),
                "overdue, and cannot be fetched (\(failure)), so that nobody knows whether it "
                    + "would be cancelled; trying again")
        case .success(let fresh):
            // No cancel follows whose answer would end it.
            service.rails.pause.end()
            wouldCancel(fresh, operation, subject, service)
        }
    }

    private func wouldCancel(
        _ fresh: FreshAnswer, _ operation: OperationIdentity, _ subject: CancelAttempt.Subject,
        _ service: LiveService
    ) {
        let queued = subject.queued
        // No intent holds the operation here, so it may have ended during the GET.
        guard facts.state.holds(queued.candidate) else { return }
        let gate = conditions.facts(of: queued, service, .queued, objection: subject.objection)
        let fetch = conditions.freshFetch(fresh, queued.candidate.operation, service)
        let due = queued.candidate.due
        let refusal = Gate.refusal(gate, due, fetch, of: operation.name)
        if let refusal { facts.tally.refuse(refusal) }
        guard refusal == .observing else {
            if let refusal, refusal.isOfFreshFetch { _ = pauseRefused(queued, service, refusal) }
            return
        }
        let would = JournalRecord.WouldCancel(
            operation: operation, rule: service.plan.rules[due.rule].rule.name, clock: due.clock,
            age: due.age, timeout: due.timeout)
        facts.tell(
            .wouldCancel(
                service.plan.label(operation), would,
                number: facts.countWouldCancel(at: fresh.now),
                limit: roster.plan.policy.safety.cancelsPerHour))
        facts.record(.wouldCancel(would), of: service.plan)
    }

    // MARK: Meanwhile

    /// A page that is read after the poll that confirmed counts beside the GET: it may show what
    /// the GET was too early for. Of two answers nobody knows the later one.
    ///
    /// A candidate that waits leaves the queue until a complete poll finds it overdue again; of the
    /// cancel in hand the gate hears it.
    func noteObjection(
        in sighting: Sighting, _ ref: Facts.OperationRef, _ service: LiveService,
        at now: Timestamp
    ) {
        if let queued = service.queue.find(ref),
            objection(to: queued.candidate.due, in: sighting, ref, service, at: now) != nil
        {
            service.queue.remove(ref)
        }
        guard let subject = service.attempt.subject, subject.objection == nil,
            subject.queued.candidate.operation == ref
        else { return }
        service.attempt.object(
            objection(to: subject.queued.candidate.due, in: sighting, ref, service, at: now))
    }

    private func objection(
        to due: Due, in sighting: Sighting, _ ref: Facts.OperationRef, _ service: LiveService,
        at now: Timestamp
    ) -> GateRefusal? {
        let shown = FreshAnswer(sighting: sighting, now: now, sentAt: facts.now.instant)
        return Gate.fresh(
            due, conditions.freshFetch(shown, ref, service), name: facts.state.identity(ref).name)
    }

    // MARK: The last word

    /// Asks once more, as the permit is about to leave, what stands in the way of any cancel: since
    /// the gate a reload may have been refused, the journal damaged, a clock turned bad.
    /// - Returns: the permit, whose POST is under way from now on; nil where none leaves.
    func release(_ service: LiveService) -> CancelPermit? {
        guard let subject = service.attempt.permitted else { return nil }
        let queued = subject.queued
        let refusal =
            facts.state.holds(queued.candidate)
            ? Gate.standing(
                conditions.facts(
                    of: queued, service, .permitted, objection: subject.objection))
            : .notListed
        if let refusal {
            facts.tally.refuse(refusal)
            withdrawals.withdrawUnsent(service, reason: refusal.description)
            return nil
        }
        switch service.attempt.take() {
        case .permitted(let permit, let intent, let subject):
            service.attempt = .posting(intent, subject.queued)
            return permit
        case .idle: return nil
        case .recording: return nil
        case .fetching: return nil
        case .observing: return nil
        case .posting: return nil
        }
    }
}
