import OperationsClient
import OpwatchCore
import OpwatchJournal
import OpwatchSystemd
import WireFormat

/// One operation as a GET shows it.
struct FreshAnswer {
    let sighting: Sighting
    /// Server time of the answer, or local time where it has none.
    let now: Timestamp
    let sentAt: ContinuousClock.Instant
}

extension Watcher {
    /// After a start or a reload: every cancel that is not proven is fetched before anything else;
    /// fetches that were on their way may have been let go. One whose POST is under way waits for
    /// the answer to that.
    func resumeLooks(at now: ContinuousClock.Instant) {
        closingQueued = []
        let posted = Set((services + retired).compactMap { $0.attempt?.posted?.operation })
        unprovableCount = 0
        for (ref, intent) in openIntents {
            // Of before the start or the reload: whatever follows waits for its verdict.
            owner(of: ref)?.canary.sent(intent.operation)
            guard !posted.contains(intent.operation) else { continue }
            guard let owner = owner(of: ref) else {
                unprovableCount += 1
                continue
            }
            if looks[ref] == nil { looks[ref] = OpenLook(verifySettings(owner), since: now) }
            looks[ref]?.wait(until: now)
        }
    }

    /// The cancels that are not proven, the first first.
    private var openIntents: [(ref: WatchState.OperationRef, intent: JournalRecord.Intent)] {
        state.openCancels.compactMap { ref in state.cancel(ref).map { (ref, $0.intent) } }
            .sorted { $0.intent.id < $1.intent.id }
    }

    /// Sends the fetches whose pause is over.
    func startLooks(at now: ContinuousClock.Instant) {
        for (ref, look) in looks {
            guard let dueAt = look.dueAt, dueAt <= now else { continue }
            if let proof = look.proof {
                takeProof(proof, ref, at: now)
                continue
            }
            looks[ref]?.begin()
            if let owner = owner(of: ref) { add(.look(state.identity(ref), .verify), to: owner) }
        }
    }

    func owner(of ref: WatchState.OperationRef) -> ServiceWatch? {
        let partition = state.partition(ref)
        return (services + retired).first { $0.partitionIndex(partition) != nil }
    }

    func tookLook(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ purpose: Request.Purpose, _ request: RequestLog.ID, _ service: ServiceWatch
    ) {
        if case .success(let answer) = answer { noteClock(service, answer.time.date) }
        switch purpose {
        case .gate: tookGateLook(answer, of: operation, request, service)
        case .verify: tookVerifyLook(answer, of: operation, service)
        case .closing: tookClosingLook(answer, of: operation, service)
        }
    }

    /// Reads the answer of a GET; anything unreadable is no answer.
    func read(
        _ answer: Result<OperationAnswer, CallFailure>, _ operation: OperationIdentity,
        _ service: ServiceWatch
    ) -> Result<FreshAnswer, CallFailure> {
        do throws(CallFailure) {
            let answer = try answer.get()
            let now = time(of: answer.time, service)
            do throws(WireError) {
                try ObjectReader.read(
                    answer.body, fields: service.plan.fields, limits: .body, into: &row)
            } catch {
                throw CallFailure.malformed(
                    reason: answer.context.complaint(about: answer.body, error))
            }
            let sighting = service.plan.sighting(of: row, at: now)
            guard sighting.snapshot.name.utf8.elementsEqual(operation.name.utf8) else {
                throw CallFailure.malformed(reason: "the answer is about another operation")
            }
            return .success(
                FreshAnswer(sighting: sighting, now: now, sentAt: answer.time.sentAt))
        } catch {
            return .failure(error)
        }
    }

    // MARK: After a cancel

    private func tookVerifyLook(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ service: ServiceWatch
    ) {
        guard let ref = state.find(operation), let history = state.cancel(ref),
            var look = looks[ref]
        else { return }
        let step: Verification.Step
        var now = serverTime(service)
        var least = Duration.zero
        var type = ""
        var decision: Decision?
        switch read(answer, operation, service) {
        case .success(let fresh) where !look.counts(sentAt: fresh.sentAt):
            return looks[ref]?.wait(until: dependencies.instant()) ?? ()
        case .success(let fresh):
            now = fresh.now
            type = fresh.sighting.snapshot.metadataType
            decision = freshLook(fresh, ref, service).decision
            look.noteClocks(agree: service.clock == .agrees, at: now)
            step = self.step(of: &look, ref, fresh, history, service)
        // Of a look before this one, which has not been sent yet.
        case .failure where look.dueAt != nil: return
        case .failure(let failure) where failure.saysGone:
            step = look.verification.missing(at: now)
        case .failure(let failure):
            step = look.verification.unanswered(at: now)
            least = min(failure.retryAfter ?? .zero, retryAfterMax(service))
            if let since = look.unprovenToReport() {
                service.canary.failed(operation)
                reporter.report(
                    .unproven(
                        service.label(operation), since: since, reason: failure.description))
            }
        }
        switch step {
        case .fetch(let pause):
            look.wait(until: dependencies.instant().advanced(by: max(least, pause)))
            noticeLate(&look, ref, operation, service, decision)
            looks[ref] = look
            // A no is an answer: nobody waits until it may pass.
            if case .answered(.refused) = history.state { service.canary.failed(operation) }
            if look.verification.isWindowOver {
                windowEnded(ref, operation, service, decision)
            }
        case .verdict(let verdict):
            looks[ref] = look
            takeProof(
                OpenLook.Proof(verdict: verdict, at: now, metadataType: type), ref,
                at: dependencies.instant())
        }
    }

    /// What is not proven although it should be is told once, with what it waits for.
    private func noticeLate(
        _ look: inout OpenLook, _ ref: WatchState.OperationRef, _ operation: OperationIdentity,
        _ service: ServiceWatch, _ decision: Decision?
    ) {
        let limit = lateAfter(service)
        guard look.isLateToReport(at: dependencies.instant(), limit: limit) else { return }
        let reason =
            look.verification.unprovenSince == nil
            ? whyNoAttempt(ref, service, decision)
            : "its GETs are not answered, see the messages about its service"
        reporter.note(
            .warning,
            "\(service.label(operation).text): what became of its cancel is still not proven after "
                + "\(DurationText.short(limit)): \(reason); going on to ask")
    }

    /// By then every cancel of which answers count has ended, or somebody was told why not.
    private func lateAfter(_ service: ServiceWatch) -> Duration {
        let settings = verifySettings(service)
        return settings.within * (settings.attempts + 1)
    }

    /// A younger operation under this name, by list and GET: the one that was cancelled is gone. By
    /// the GET alone nothing is proven.
    private func step(
        of look: inout OpenLook, _ ref: WatchState.OperationRef, _ fresh: FreshAnswer,
        _ history: CancelHistory, _ service: ServiceWatch
    ) -> Verification.Step {
        guard isRenewed(ref, in: fresh) else {
            return look.verification.found(fresh.sighting.snapshot, history, at: fresh.now)
        }
        guard memory.renewed.contains(ref) || !isListed(ref, by: service) else {
            let step = look.verification.unanswered(at: fresh.now)
            if let since = look.unprovenToReport() {
                service.canary.failed(history.intent.operation)
                reporter.report(
                    .unproven(
                        service.label(history.intent.operation), since: since,
                        reason: "creation time differs between list and GET"))
            }
            return step
        }
        return look.verification.missing(at: fresh.now)
    }

    /// Whether its parent's last complete poll listed it.
    func isListed(_ ref: WatchState.OperationRef, by service: ServiceWatch) -> Bool {
        guard let index = service.partitionIndex(state.partition(ref)) else { return false }
        let walk = service.partitions[index].completeWalk
        return walk != 0 && memory.listedIn(ref, serial: state.serial(ref)) >= walk
    }

    func isRenewed(_ ref: WatchState.OperationRef, in fresh: FreshAnswer) -> Bool {
        state.remembered(ref, memory: memory, mayRetryCancel: false)
            .isRenewed(in: fresh.sighting.snapshot)
    }

    /// Ends a cancel with its verdict; one that cannot be written waits until the journal is back.
    private func takeProof(
        _ proof: OpenLook.Proof, _ ref: WatchState.OperationRef, at now: ContinuousClock.Instant
    ) {
        guard let service = owner(of: ref), let history = state.cancel(ref) else { return }
        guard journal.health == .healthy else {
            let retry = journalWatch.retryAt ?? now
            looks[ref]?.hold(proof, until: max(retry, now.advanced(by: .seconds(1))))
            return
        }
        proven(proof, ref, history, service)
    }

    /// The attempt is over without a verdict: another may follow, and others need not wait for it.
    private func windowEnded(
        _ ref: WatchState.OperationRef, _ operation: OperationIdentity, _ service: ServiceWatch,
        _ decision: Decision?
    ) {
        service.canary.failed(operation)
        if looks[ref]?.verification.mayRetry == true {
            if service.isRetired {
                // What is known of its attempts goes on with whoever watches it now.
                if let heir = heir(of: state.partition(ref)) {
                    return commit(.moved(operation, to: heir), service)
                }
                reporter.note(
                    .warning,
                    "\(service.label(operation).text): the policy no longer watches it, and what "
                        + "became of its cancel is not proven; no longer watched")
                return commit(.dropped(operation), service)
            }
            guard looks[ref]?.isIdleToReport() == true else { return }
            reporter.note(
                .warning,
                "\(service.label(operation).text): still runs, and no other attempt to cancel it "
                    + "has left for \(DurationText.short(verifySettings(service).within)): "
                    + whyNoAttempt(ref, service, decision))
        } else if looks[ref]?.isLongFlagToReport() == true {
            reporter.note(
                .warning,
                "\(service.label(operation).text): shows that its cancel was asked for and has not "
                    + "ended within \(DurationText.short(verifySettings(service).within)); going "
                    + "on to wait, others no longer wait for it")
        }
    }

    /// What keeps the next attempt of an operation whose window is over from leaving.
    ///
    /// - Parameter decision: what its last GET led to; nil where it had no answer.
    private func whyNoAttempt(
        _ ref: WatchState.OperationRef, _ service: ServiceWatch, _ decision: Decision?
    ) -> String {
        switch decision {
        case .ignore(let rule)?:
            return "the rule \(service.plan.rules[rule].rule.name) protects it"
        case .keep(.noRule)?: return "no rule matches it now"
        case .keep(.unusable(let reason))?: return "its \(reason)"
        case .keep?, .warn?: return "its rule does not ask for a cancel now"
        case .cancel?, .verify?, .finished?, nil: break
        }
        if memory.renewed.contains(ref) {
            return "its creation time is a younger one's by the list, and not by its GET"
        }
        if plan.policy.mode == .observe { return "mode is observe" }
        if refusal != nil { return GateRefusal.policyRefused.description }
        if let breaker = state.breakers[service.name] {
            return GateRefusal.breakerOpen(breaker.cause.words).description
        }
        if let pause = servicePause(service, at: dependencies.instant()) { return pause }
        if let pause = memory.pauses[ref], pause.holds(at: dependencies.instant()) {
            return pause.reason
        }
        if !isListed(ref, by: service) { return "it is no longer listed" }
        let safety = plan.policy.safety
        let spent = state.spent.count(at: serverTime(service))
        if spent >= safety.cancelsPerHour {
            return GateRefusal.hourlyBudgetSpent(spent, limit: safety.cancelsPerHour).description
        }
        if safety.canary, service.canary.isOut(besides: state.identity(ref)) {
            return GateRefusal.canaryOut.description
        }
        return "it waits for its turn, at the next complete poll that finds it overdue"
    }

    private func proven(
        _ proof: OpenLook.Proof, _ ref: WatchState.OperationRef, _ history: CancelHistory,
        _ service: ServiceWatch
    ) {
        let (verdict, now) = (proof.verdict, proof.at)
        let operation = history.intent.operation
        let isUnimplemented =
            verdict == .refused && history.state == .answered(.refused(.unimplemented))
        var batch = Batch()
        if isUnimplemented {
            apply(
                .unsupported(
                    operation.endpoint, collection: operation.collection,
                    type: proof.metadataType, at: now),
                service, into: &batch)
        }
        let intent = verdict == .cancelledByOther ? nil : history.intent.id
        let reason = verdict == .refused ? history.words : ""
        apply(
            .verdict(operation, intent, verdict, late: false, at: now, reason: reason), service,
            into: &batch)
        commit(batch)
        looks[ref] = nil
        service.canary.proven(operation, verdict)
        guard verdict.leavesRunning, !isUnimplemented, state.breakers[service.name] == nil else {
            return
        }
        let change = service.breaker.failed(
            failedCancels(service), under: plan.policy.safety, at: dependencies.instant())
        apply(change, service, at: now)
    }
}
