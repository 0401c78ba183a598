import OpwatchCore
import WireFormat

/// Queues the candidates of complete polls and lets them begin, one at a time a service.
final class CandidateTurns {
    private let facts: Facts
    private let roster: Roster
    private let conditions: GateConditions
    private var nextService = 0
    private var lastAttempt: UInt32 = 0

    init(_ facts: Facts, _ roster: Roster, _ conditions: GateConditions) {
        self.facts = facts
        self.roster = roster
        self.conditions = conditions
    }

    /// Queues the candidates of a parent's last complete poll, oldest deadline first.
    ///
    /// Observe mode leaves out what it has told of before.
    func queue(_ candidates: [Poll.Candidate], _ service: LiveService, _ id: PartitionID) {
        let queued = candidates.map { candidate in
            QueuedCandidate(
                candidate: candidate, partition: id, retryAt: retryAt(candidate.operation))
        }
        service.queue.replace(
            id,
            with: roster.plan.policy.mode == .enforce
                ? queued : queued.filter { !isKnownWouldCancel($0, service) })
    }

    /// Since when an operation may be tried again; nil for one whose last try did not fail.
    private func retryAt(_ ref: Facts.OperationRef) -> ContinuousClock.Instant? {
        if let pause = facts.memory.pauses[ref] { return pause.until }
        return facts.state.cancel(ref) == nil ? nil : facts.now.instant
    }

    /// Observe mode tells once an operation, rule and clock.
    private func isKnownWouldCancel(_ queued: QueuedCandidate, _ service: LiveService) -> Bool {
        let ref = queued.candidate.operation
        guard let known = facts.state.tables[ref.table].wouldCancels[ref.slot] else {
            return false
        }
        let due = queued.candidate.due
        return known.rule == service.plan.rules[due.rule].rule.name && known.clock == due.clock
    }

    // MARK: From the queue to the gate

    /// Lets the next candidate of each service begin, services taking turns. One intent a step:
    /// the next one counts it in the budget.
    func start() {
        let services = roster.services
        guard !services.isEmpty else { return }
        for offset in services.indices {
            let service = services[(nextService + offset) % services.count]
            guard isReady(service) else { continue }
            while service.attempt.isIdle, let first = service.queue.first {
                guard isTurn(of: service), advance(first, service) else { break }
                service.queue.removeFirst()
            }
            if service.attempt.recording != nil { break }
        }
        nextService = (nextService + 1) % services.count
    }

    private func isReady(_ service: LiveService) -> Bool {
        let now = facts.now.instant
        return !service.queue.isEmpty && !service.lane.isClosed(at: now)
            && service.rails.pause.until.map { $0 <= now } ?? true
    }

    /// Where the hour's budget is too small for all, a service that has had more of it waits for
    /// the others, as long as these have a candidate that only waits for its turn, and no request
    /// that hangs.
    private func isTurn(of service: LiveService) -> Bool {
        let services = roster.services
        guard roster.plan.policy.mode == .enforce, services.count > 1 else { return true }
        let time = conditions.serverTime(service)
        let left = roster.plan.policy.safety.cancelsPerHour - facts.state.spent.count(at: time)
        guard left > 0, left < services.reduce(0, { $0 + $1.queue.count }) else { return true }
        let own = spent(by: service, at: time)
        return !services.contains { other in
            guard other !== service, spent(by: other, at: time) < own, isReady(other),
                other.turnEndsAt.map({ facts.now.instant < $0 }) ?? true,
                let first = other.queue.first, facts.state.holds(first.candidate)
            else { return false }
            return Gate.standing(conditions.facts(of: first, other, .queued)) == nil
        }
    }

    private func spent(by service: LiveService, at time: Timestamp) -> Int {
        facts.state.spent.entries.count { entry in
            entry.service == service.name
                && time.duration(since: entry.at) <= SpentBudget.window
        }
    }

    /// - Returns: whether the candidate leaves the queue.
    private func advance(_ queued: QueuedCandidate, _ service: LiveService) -> Bool {
        guard facts.state.holds(queued.candidate) else { return true }
        // It may have been told of while it waited.
        let isEnforced = roster.plan.policy.mode == .enforce
        guard isEnforced || !isKnownWouldCancel(queued, service) else { return true }
        let operation = facts.state.identity(queued.candidate.operation)
        let refusal = Gate.standing(conditions.facts(of: queued, service, .queued))
        if let refusal { facts.tally.refuse(refusal) }
        switch refusal {
        case nil:
            service.attemptBeganAt = facts.now.instant
            if isEnforced {
                facts.draft(intent(queued, operation, service))
                service.attempt = .recording(queued)
            } else {
                let subject = fetch(queued, operation, service)
                service.attempt = .observing(subject)
            }
            return true
        case .canaryOut?: return false
        case .pollCapReached?, .hourlyBudgetSpent?, .unsupported?:
            deferCancel(queued, operation, service, reason: refusal?.description ?? "")
            return true
        case .notAddressable?, .outsideParent?:
            if facts.memory.reported.insert(queued.candidate.operation).inserted {
                facts.tell(
                    .uncancellable(
                        service.plan.label(operation), grounds(queued, service),
                        reason: refusal?.description ?? ""))
            }
            return true
        default: return true
        }
    }

    private func intent(
        _ queued: QueuedCandidate, _ operation: OperationIdentity, _ service: LiveService
    ) -> DraftIntent {
        let ref = queued.candidate.operation
        let due = queued.candidate.due
        let history = facts.state.cancel(ref)
        return DraftIntent(
            JournalRecord.Intent(
                id: IntentID(1), operation: operation, service: service.name,
                serverTime: conditions.serverTime(service),
                created: facts.state.tables[ref.table].since(ref.slot), clock: due.clock,
                age: due.age, timeout: due.timeout, deadline: due.deadline,
                rule: service.plan.rules[due.rule].rule.name, policy: roster.plan.policy.hash,
                attempt: (history?.accepted ?? 0) + 1,
                earlier: history?.told ?? EarlierIntents()),
            of: service.id)
    }

    /// The fresh GET of a candidate.
    private func fetch(
        _ queued: QueuedCandidate, _ operation: OperationIdentity, _ service: LiveService
    ) -> CancelAttempt.Subject {
        lastAttempt &+= 1
        service.add(.fetch(operation, .gate(attempt: lastAttempt)))
        return CancelAttempt.Subject(queued: queued, attempt: lastAttempt)
    }

    /// The intent is durable.
    /// - Returns: the intent, where nobody waits for it any more.
    func take(
        _ recorded: consuming RecordedIntent, _ service: LiveService
    ) -> JournalRecord.Intent? {
        let intent = recorded.intent
        facts.apply(.intent(intent))
        guard let queued = service.attempt.recording else { return intent }
        facts.proofs[queued.candidate.operation] = nil
        let subject = fetch(queued, intent.operation, service)
        service.attempt = .fetching(recorded, subject)
        return nil
    }

    /// Once an operation: the next deferral is no news.
    private func deferCancel(
        _ queued: QueuedCandidate, _ operation: OperationIdentity, _ service: LiveService,
        reason: String
    ) {
        let ref = queued.candidate.operation
        guard !facts.state.tables[ref.table].flags(ref.slot).contains(.deferred) else { return }
        facts.tell(
            .deferred(service.plan.label(operation), grounds(queued, service), reason: reason))
        facts.record(.deferred(operation, reason: reason), of: service.plan)
    }

    private func grounds(_ queued: QueuedCandidate, _ service: LiveService) -> Grounds {
        let due = queued.candidate.due
        return Grounds(
            rule: service.plan.rules[due.rule].rule.name, clock: due.clock, age: due.age,
            timeout: due.timeout, deadline: due.deadline)
    }
}
