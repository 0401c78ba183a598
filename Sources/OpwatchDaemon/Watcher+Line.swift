import OpwatchCore
import OpwatchJournal
import WireFormat

extension Watcher {
    /// Puts the candidates of a parent's last complete poll in line, oldest deadline first.
    ///
    /// Observe mode leaves out what it has told of before.
    func putInLine(_ candidates: [Poll.Candidate], _ service: ServiceWatch, _ index: Int) {
        let queued = candidates.map { candidate in
            QueuedCandidate(
                candidate: candidate, parent: index, retryAt: retryAt(candidate.operation))
        }
        service.line.replace(
            parent: index,
            with: plan.policy.mode == .enforce
                ? queued : queued.filter { !isKnownWouldCancel($0, service) })
    }

    /// Since when an operation may be tried again; nil for one whose last try did not fail.
    private func retryAt(_ ref: WatchState.OperationRef) -> ContinuousClock.Instant? {
        if let pause = memory.pauses[ref] { return pause.until }
        return state.cancel(ref) == nil ? nil : dependencies.instant()
    }

    /// Opens or closes the service's breaker by the share of operations that would be cancelled.
    func judgeShare(
        _ candidates: [Poll.Candidate], _ service: ServiceWatch, _ index: Int, at now: Timestamp
    ) {
        let cancellable = candidates.count { candidate in
            var facts = gateFacts(
                QueuedCandidate(candidate: candidate, parent: index), service, isRecorded: false)
            // A service that does not answer or denies makes nothing calm.
            if memory.pauses[candidate.operation]?.kind != .differs { facts.operationPause = nil }
            return Gate.standing(facts.withoutStandingShut)?.isRail ?? true
        }
        let clocksAgree = service.clock == .agrees
        service.update(index) {
            $0.count(cancellable: cancellable)
            // What was polled while the clocks disagree makes nothing calm.
            if clocksAgree { $0.round = service.round }
        }
        var picture = Breaker.Picture(
            cancellable: service.cancellableCount, live: service.liveCount,
            endsRound: false, failedCancels: failedCancels(service))
        if picture.isOver(plan.policy.safety) {
            service.beginRound()
        } else {
            picture.endsRound = clocksAgree && service.endRound()
        }
        let change = service.breaker.poll(
            picture, under: plan.policy.safety, open: state.breakers[service.name],
            at: dependencies.instant())
        apply(change, service, at: now)
    }

    func failedCancels(_ service: ServiceWatch) -> Int {
        state.failedCancels[service.name] ?? 0
    }

    func apply(_ change: Breaker.Change?, _ service: ServiceWatch, at now: Timestamp) {
        var batch = Batch()
        switch change {
        case .open(let cause)?:
            service.beginRound()
            // What the policy moved out of it has a breaker of its own, and the same name.
            for other in services where other.name == service.name && other !== service {
                other.breaker.rest(at: dependencies.instant())
            }
            apply(.breaker(service: service.name, opened: cause, at: now), service, into: &batch)
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
        var batch = Batch()
        for offset in services.indices {
            let service = services[(nextTurn + offset) % services.count]
            guard isReady(service, at: now) else { continue }
            while service.attempt == nil, let first = service.line.first {
                guard isTurn(of: service, at: now), advance(first, service, into: &batch)
                else { break }
                service.line.removeFirst()
            }
        }
        nextTurn = (nextTurn + 1) % services.count
        commit(batch)
    }

    private func isReady(_ service: ServiceWatch, at now: ContinuousClock.Instant) -> Bool {
        !service.line.isEmpty && !service.lane.isClosed(at: now)
            && service.cancelPause.until.map { $0 <= now } ?? true
    }

    /// Where the hour's budget is too small for all, a service that has had more of it waits for
    /// the others, as long as these have a candidate that only waits for its turn.
    private func isTurn(of service: ServiceWatch, at now: ContinuousClock.Instant) -> Bool {
        guard plan.policy.mode == .enforce, services.count > 1 else { return true }
        let time = serverTime(service)
        let left = plan.policy.safety.cancelsPerHour - state.spent.count(at: time)
        guard left > 0, left < services.reduce(0, { $0 + $1.line.count }) else { return true }
        let own = spent(by: service, at: time)
        return !services.contains { other in
            guard other !== service, spent(by: other, at: time) < own, isReady(other, at: now),
                let first = other.line.first, state.holds(first.candidate)
            else { return false }
            return Gate.standing(gateFacts(first, other, isRecorded: false)) == nil
        }
    }

    private func spent(by service: ServiceWatch, at time: Timestamp) -> Int {
        state.spent.entries.count { entry in
            entry.service == service.name
                && time.duration(since: entry.at) <= SpentBudget.window
        }
    }

    /// - Returns: whether the candidate leaves the line.
    private func advance(
        _ queued: QueuedCandidate, _ service: ServiceWatch, into batch: inout Batch
    ) -> Bool {
        guard state.holds(queued.candidate) else { return true }
        // From here on what a list shows of the candidate counts beside its GET.
        service.objection = nil
        let operation = state.identity(queued.candidate.operation)
        let refusal = Gate.standing(gateFacts(queued, service, isRecorded: false))
        switch refusal {
        case nil:
            if plan.policy.mode == .enforce {
                recordIntent(queued, operation, service)
            } else {
                service.candidate = queued.candidate
                service.attempt = .lookingOnly(queued)
                add(.look(operation, .gate), to: service)
            }
            return true
        case .canaryOut?: return false
        case .pollCapReached?, .hourlyBudgetSpent?:
            deferCancel(
                queued, operation, service, reason: refusal?.description ?? "", into: &batch)
            return true
        case .notAddressable?, .outsideParent?:
            if memory.reported.insert(queued.candidate.operation).inserted {
                batch.reports.append(
                    .uncancellable(
                        service.label(operation), grounds(queued, service),
                        reason: refusal?.description ?? ""))
            }
            return true
        default: return true
        }
    }

    func add(_ request: Request, to service: ServiceWatch) {
        service.lane.add(request, request.priority)
    }

    private func recordIntent(
        _ queued: QueuedCandidate, _ operation: OperationIdentity, _ service: ServiceWatch
    ) {
        // Its hash stands in the intent.
        keepPolicyText()
        let ref = queued.candidate.operation
        let due = queued.candidate.due
        let history = state.cancel(ref)
        let intent = JournalRecord.Intent(
            id: IntentID(UInt64(clamping: journal.lastSeq + 1)), operation: operation,
            service: service.name, serverTime: serverTime(service),
            created: state.tables[ref.table].since(ref.slot), clock: due.clock, age: due.age,
            timeout: due.timeout, deadline: due.deadline,
            rule: service.plan.rules[due.rule].rule.name, policy: plan.policy.hash,
            attempt: (history?.accepted ?? 0) + 1, earlier: history?.told ?? EarlierIntents())
        do throws(JournalError) {
            let recorded = try journal.record(intent: intent, at: dependencies.now())
            applyToState(.intent(intent))
            checkFold(behind: 1)
            service.candidate = queued.candidate
            service.attempt = .looking(recorded, queued)
            looks[ref] = nil
            add(.look(operation, .gate), to: service)
        } catch {
            journalFailed(error)
        }
    }

    /// Once an operation: the next deferral is no news.
    private func deferCancel(
        _ queued: QueuedCandidate, _ operation: OperationIdentity, _ service: ServiceWatch,
        reason: String, into batch: inout Batch
    ) {
        let ref = queued.candidate.operation
        guard plan.policy.mode == .enforce,
            !state.tables[ref.table].flags(ref.slot).contains(.deferred)
        else { return }
        batch.reports.append(
            .deferred(service.label(operation), grounds(queued, service), reason: reason))
        apply(.deferred(operation, reason: reason), service, into: &batch)
    }

    /// Observe mode tells once an operation, rule and clock.
    private func isKnownWouldCancel(_ queued: QueuedCandidate, _ service: ServiceWatch) -> Bool {
        let ref = queued.candidate.operation
        guard let known = state.tables[ref.table].wouldCancels[ref.slot] else { return false }
        let due = queued.candidate.due
        return known.rule == service.plan.rules[due.rule].rule.name && known.clock == due.clock
    }

    private func grounds(_ queued: QueuedCandidate, _ service: ServiceWatch) -> Grounds {
        let due = queued.candidate.due
        return Grounds(
            rule: service.plan.rules[due.rule].rule.name, clock: due.clock, age: due.age,
            timeout: due.timeout, deadline: due.deadline)
    }
}
