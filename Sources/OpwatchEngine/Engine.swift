package import OpwatchCore
import OpwatchReports

/// The state machine of the daemon: takes what the outside tells and says what it is to do.
///
/// Pure: it knows no client, no journal, no clock and no task; equal events at equal moments lead
/// to equal effects. Whoever owns it performs the effects of each step in their order before the
/// next step.
package final class Engine {
    let facts: Facts
    let roster: Roster
    let reader: AnswerReader
    let withdrawals: Withdrawals
    let proofs: Proofs
    let absences: Absences
    let turns: CandidateTurns
    let fetches: GateFetches
    let answers: CancelAnswers
    let walks: Walks
    let pages: Pages
    let changes: PolicyChanges
    let standings: Standings
    private var requests: RequestLog
    private var jumps: ClockJumps
    private var isStopping = false

    /// - Parameters:
    ///   - state: what the journal holds.
    ///   - callTime: the longest that a list or GET may take, retries included.
    package init(
        _ plan: PolicyPlan, state: WatchState, jitter: Jitter, callTime: Duration, at now: Moment
    ) {
        facts = Facts(state, at: now)
        roster = Roster(plan, jitter: jitter)
        requests = RequestLog(callTime: callTime)
        jumps = ClockJumps(wall: now.wall, at: now.instant)
        reader = AnswerReader(facts)
        let conditions = GateConditions(facts: facts, roster: roster)
        standings = Standings(
            facts: facts, roster: roster, conditions: conditions, reader: reader)
        withdrawals = Withdrawals(facts: facts, roster: roster)
        let breakers = Breakers(facts: facts, roster: roster, conditions: conditions)
        proofs = Proofs(
            facts: facts, roster: roster, conditions: conditions, reader: reader,
            breakers: breakers)
        absences = Absences(facts: facts, conditions: conditions, reader: reader)
        turns = CandidateTurns(facts, roster, conditions)
        fetches = GateFetches(
            facts: facts, roster: roster, conditions: conditions, reader: reader,
            withdrawals: withdrawals)
        answers = CancelAnswers(
            facts: facts, roster: roster, conditions: conditions, withdrawals: withdrawals)
        walks = Walks(facts: facts, roster: roster)
        let ends = PollEnds(
            facts: facts, turns: turns, breakers: breakers, absences: absences)
        pages = Pages(
            facts: facts, reader: reader, walks: walks, ends: ends, proofs: proofs,
            fetches: fetches)
        changes = PolicyChanges(
            facts: facts, roster: roster, withdrawals: withdrawals, proofs: proofs)
    }

    // MARK: Steps

    /// Begins to watch, under the policy that it was made with.
    /// - Parameter kept: see `EngineEvent.policy`.
    package func start(kept: [PolicyHash: KeptPolicy], at now: Moment) -> Effects {
        facts.begin(at: now)
        adopt(roster.plan, kept: kept)
        answers.resumeDenials()
        for service in roster.services where service.plan.rules.isEmpty {
            facts.note(.info, "\(service.name): no rule matches operations of this service")
        }
        return Effects(facts.takeOutbox())
    }

    /// Takes one event.
    package func take(_ event: EngineEvent, at now: Moment) -> Effects {
        begin(at: now)
        switch event {
        case .page(let request, let partition, let walk, let answer):
            guard let service = ended(request) else { break }
            pages.take(answer, service, partition, walk: walk)
        case .pageRetried(let request, let partition, let walk, let failure):
            guard let service = roster.service(request.service) else { break }
            service.lane.charge(at: now.instant)
            pages.takeRetry(failure, service, partition, walk: walk)
        case .fetchRepeated(let request):
            roster.service(request.service)?.lane.charge(at: now.instant)
        case .fetched(let request, let operation, let purpose, let answer):
            guard let service = ended(request) else { break }
            take(answer, of: operation, purpose, service)
        case .cancelAnswered(let request, let answer):
            guard let service = ended(request) else { break }
            answers.take(answer, service)
        case .intentFailed(let id): dropDraft(of: id)
        case .policy(let plan, let kept): adopt(plan, kept: kept)
        case .policyRefused: changes.refuse()
        case .pausesEnded:
            for service in roster.services { service.endPauses(at: now.instant) }
        case .shutdown:
            isStopping = true
            withdrawAll()
        }
        return Effects(facts.takeOutbox())
    }

    /// Takes the proof that an intent is durable.
    package func take(recorded: consuming RecordedIntent, of id: ServiceID, at now: Moment)
        -> Effects
    {
        begin(at: now)
        guard let service = roster.service(id) else {
            preconditionFailure("An intent belongs to a service that waits for it.")
        }
        if let unwanted = turns.take(recorded, service) {
            withdrawals.withdraw(unwanted, service, reason: "nothing waits for it any more")
        }
        return Effects(facts.takeOutbox())
    }

    /// Does everything whose time has come. Another step has to follow at once where the effects
    /// have records or intents, and else at `nextWake`.
    package func turn(at now: Moment) -> Effects {
        begin(at: now)
        for slow in requests.takeSlow(at: now.instant) {
            roster.service(slow.id.service)?.lane.slowed(slow.1)
        }
        guard !isStopping else { return Effects(facts.takeOutbox()) }
        changes.dropRetired()
        for service in roster.services { walks.startDue(service) }
        proofs.startDue()
        turns.start()
        var leaving: [(id: RequestID, request: Request)] = []
        for service in roster.all {
            while let request = service.lane.next(at: now.instant) {
                leaving.append(
                    (requests.begin(service.id, request.priority, at: now.instant), request))
            }
        }
        // What is durable only after this step may shut the gate.
        guard !facts.hasRecords else {
            return Effects(facts.takeOutbox(), requests: leaving)
        }
        for service in roster.all where service.attempt.permitted != nil {
            if let permit = fetches.release(service) {
                let id = requests.begin(service.id, nil, at: now.instant)
                return Effects(
                    facts.takeOutbox(), requests: leaving, permit: OutgoingPermit(id, permit))
            }
            if facts.hasRecords { break }
        }
        return Effects(facts.takeOutbox(), requests: leaving)
    }

    private func begin(at now: Moment) {
        facts.begin(at: now)
        noticeJump()
    }

    /// After a jump of the local clock the next complete poll of every partition only warns.
    private func noticeJump() {
        jumps.tick(wall: facts.now.wall, at: facts.now.instant)
        guard jumps.takeJump() else { return }
        facts.note(.warning, "the local clock jumped; the next poll of each parent only warns")
        for service in roster.services {
            service.queue.removeAll()
            service.partitions.updateAll { $0.isWarnOnly = true }
        }
        facts.memory.resetStalls { _ in true }
    }

    private func take(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ purpose: FetchPurpose, _ service: LiveService
    ) {
        if case .success(let answer) = answer {
            reader.noteClock(service, answer.time)
        }
        switch purpose {
        case .gate(let attempt):
            fetches.take(answer, of: operation, attempt: attempt, service)
        case .verify: proofs.take(answer, of: operation, service)
        case .closing: absences.take(answer, of: operation, service)
        }
    }

    /// Takes a request off the books; nil where its service is gone.
    private func ended(_ id: RequestID) -> LiveService? {
        let place = requests.end(id)
        let service = roster.service(id.service)
        if let place { service?.lane.ended(place.priority, wasSlow: place.wasSlow) }
        return service
    }

    private func dropDraft(of id: ServiceID) {
        guard let service = roster.service(id), service.attempt.recording != nil else { return }
        service.attempt = .idle
    }

    private func adopt(_ plan: PolicyPlan, kept: [PolicyHash: KeptPolicy]) {
        let policy = plan.policy
        let accepted = WatchState.AcceptedPolicy(
            hash: policy.hash, mode: policy.mode, semantics: Policy.semantics)
        if facts.state.policy != accepted {
            facts.recordQuietly(
                .policy(hash: policy.hash, mode: policy.mode, semantics: Policy.semantics))
        }
        let isSame = plan.policy.hash == roster.plan.policy.hash && !roster.services.isEmpty
        if isSame {
            roster.isPolicyRefused = false
        } else {
            changes.adopt(plan, kept: kept)
        }
    }

    private func withdrawAll() {
        for service in roster.all {
            withdrawals.withdrawUnsent(service, reason: "the daemon stops")
        }
    }
}

// MARK: What is so

extension Engine {
    /// What was decided so far, in figures.
    package var tally: Tally { facts.tally }

    /// How things are, as of the last step.
    package var standing: Standing { standings.all }

    /// How things are with a tracked operation, as a GET of a moment ago shows it; changes nothing.
    /// - Returns: nil for one that is not watched, and where the answer is none about it.
    package func standing(
        of operation: OperationIdentity, as answer: OperationAnswer
    ) -> OperationStanding? {
        standings.of(operation, as: answer)
    }

    /// The fold of all records so far.
    package var state: WatchState { facts.state }

    /// Whether records become durable; without that nothing is cancelled.
    package func noteJournal(isHealthy: Bool) {
        guard isHealthy != facts.isJournalHealthy else { return }
        facts.isJournalHealthy = isHealthy
        guard isHealthy else { return }
        for ref in facts.proofs.keys where facts.proofs[ref]?.heldEnd != nil {
            facts.proofs[ref]?.wait(until: facts.now.instant)
        }
    }

    /// Where the journal was found damaged; the next checkpoint tells of it.
    package func noteDamage(file: String, offset: Int64) {
        facts.apply(.damage(file: file, offset: offset))
    }

    /// Whether the clock of some service is far from ours.
    package var isAnyClockOff: Bool {
        roster.all.contains { service in
            if case .differs = service.rails.clock { true } else { false }
        }
    }

    /// Whether some POST is under way.
    package var isPosting: Bool { roster.all.contains { $0.attempt.posted != nil } }

    /// Whether some request is past its own time limit, which none can be.
    package func isHung(at now: ContinuousClock.Instant) -> Bool { requests.isHung(at: now) }

    /// The policies under which open cancels began that neither the plan nor a service of now
    /// watches.
    package func unwatchedPolicies(under plan: PolicyPlan) -> [PolicyHash] {
        let known = Set(plan.services.flatMap(\.partitions))
        var hashes: [PolicyHash] = []
        for (ref, intent) in facts.openIntents {
            let partition = facts.state.partition(ref)
            guard !known.contains(partition), roster.owner(of: partition) == nil,
                !hashes.contains(intent.policy)
            else { continue }
            hashes.append(intent.policy)
        }
        return hashes
    }

    /// When there is something to do that no event tells of; later than now, but where a permit
    /// waits. nil where only events matter.
    package func nextWake(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard !isStopping else { return nil }
        var wake = requests.nextSlowAt
        func consider(_ instant: ContinuousClock.Instant?) {
            if let instant { wake = min(instant, wake ?? instant) }
        }
        for proof in facts.proofs.values { consider(proof.dueAt) }
        for service in roster.services {
            consider(service.partitions.schedule.next)
            if let end = service.turnEndsAt, end > now { consider(end) }
            if service.attempt.isIdle, !service.queue.isEmpty,
                let until = service.rails.pause.until, until > now
            {
                consider(until)
            }
        }
        for service in roster.all {
            consider(service.lane.wake(at: now))
            if service.attempt.permitted != nil { consider(now) }
        }
        return wake
    }
}
