import OpwatchCore
import OpwatchReports
import WireFormat

/// Proves what became of cancels: fetches their operations until a verdict is found.
struct Proofs {
    let facts: Facts
    let roster: Roster
    let conditions: GateConditions
    let reader: AnswerReader
    let breakers: Breakers

    /// After a start or a reload: every cancel that is not proven is fetched before anything else;
    /// fetches that waited may have been dropped. One whose POST is under way waits for the answer
    /// to that.
    func resume() {
        facts.closingFetches = []
        let posted = Set(roster.all.compactMap { $0.attempt.posted?.operation })
        roster.unprovableCount = 0
        let now = facts.now.instant
        for (ref, intent) in facts.openIntents {
            guard let owner = roster.owner(of: facts.state.partition(ref)) else {
                // Nobody can prove it, so nobody waits for it.
                roster.changeCanaries { $0.failed(intent.operation) }
                roster.unprovableCount += 1
                continue
            }
            // Of before the start or the reload: whatever follows waits for its verdict, also where
            // the policy dropped its parent.
            for service in roster.all where service.name == intent.service {
                service.rails.canary.sent(intent.operation)
            }
            guard !posted.contains(intent.operation) else { continue }
            let settings = roster.verifySettings(owner)
            var proof = facts.proofs[ref] ?? OpenProof(settings, since: now)
            proof.verification.adopt(settings)
            proof.wait(until: now)
            facts.proofs[ref] = proof
        }
    }

    /// Sends the fetches whose pause is over, the oldest cancel first.
    func startDue() {
        let now = facts.now.instant
        let due = facts.proofs.filter { $0.value.dueAt.map { $0 <= now } ?? false }
        guard !due.isEmpty else { return }
        for (ref, _) in facts.openIntents {
            guard let proof = due[ref] else { continue }
            if let end = proof.heldEnd {
                conclude(end, ref)
                continue
            }
            facts.proofs[ref]?.begin()
            let owner = roster.owner(of: facts.state.partition(ref))
            owner?.add(.fetch(facts.state.identity(ref), .verify))
        }
    }

    /// Its parent's list shows an end: prove it now.
    func hurry(_ ref: Facts.OperationRef) {
        facts.proofs[ref]?.hurry(facts.now.instant)
    }

    // MARK: The answer

    func take(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ service: LiveService
    ) {
        guard let ref = facts.state.find(operation), let history = facts.state.cancel(ref),
            var proof = facts.proofs[ref]
        else { return }
        let step: Verification.Step
        var now = conditions.serverTime(service)
        var least = Duration.zero
        var type = ""
        var decision: Decision?
        switch reader.operation(answer, operation, service) {
        case .success(let fresh) where !proof.counts(sentAt: fresh.sentAt):
            facts.proofs[ref]?.wait(until: facts.now.instant)
            return
        case .success(let fresh):
            now = fresh.now
            type = fresh.sighting.snapshot.metadataType
            decision = conditions.freshFetch(fresh, ref, service).decision
            proof.noteClocks(agree: service.rails.clock == .agrees, at: now)
            step = self.step(of: &proof, ref, fresh, history, service)
        // Of a fetch before this one, which has not been sent yet.
        case .failure where proof.dueAt != nil: return
        case .failure(let failure) where failure.saysGone:
            step = proof.verification.missing(at: now)
        case .failure(let failure):
            step = proof.verification.unanswered(at: now)
            least = min(failure.retryAfter ?? .zero, service.retryAfterMax)
            noticeUnproven(&proof, operation, service, reason: failure.description)
        }
        switch step {
        case .fetch(let pause):
            proof.wait(until: facts.now.instant.advanced(by: max(least, pause)))
            noticeLate(&proof, ref, operation, service, decision)
            facts.proofs[ref] = proof
            // A no is an answer: nobody waits until it may pass.
            if case .answered(.refused) = history.state {
                roster.changeCanaries { $0.failed(operation) }
            }
            if proof.verification.isWindowOver { windowEnded(ref, operation, service, decision) }
        case .verdict(let verdict):
            facts.proofs[ref] = proof
            conclude(ProvenEnd(verdict: verdict, at: now, metadataType: type), ref)
        }
    }

    private func noticeUnproven(
        _ proof: inout OpenProof, _ operation: OperationIdentity, _ service: LiveService,
        reason: String
    ) {
        guard proof.verification.unprovenSince != nil else { return }
        // Each time: a reload may have made it a canary again.
        roster.changeCanaries { $0.failed(operation) }
        guard let since = proof.unprovenToReport() else { return }
        facts.tell(.unproven(service.plan.label(operation), since: since, reason: reason))
    }

    /// What is not proven although it should be is told once, with what it waits for.
    private func noticeLate(
        _ proof: inout OpenProof, _ ref: Facts.OperationRef, _ operation: OperationIdentity,
        _ service: LiveService, _ decision: Decision?
    ) {
        let settings = roster.verifySettings(service)
        // By then every cancel of which answers count has ended, or somebody was told why not.
        let limit = settings.within * (settings.attempts + 1)
        guard proof.isLateToReport(at: facts.now.instant, limit: limit) else { return }
        let reason =
            proof.verification.unprovenSince == nil
            ? whyNoAttempt(ref, service, decision)
            : "its GETs are not answered, see the messages about its service"
        facts.note(
            .warning, of: service.plan.label(operation),
            "what became of its cancel is still not proven after "
                + "\(DurationText.short(limit)): \(reason); going on to ask")
    }

    /// A younger operation under this name, by list and GET: the one that was cancelled is gone. By
    /// the GET alone nothing is proven, unless nobody reads the list any more.
    private func step(
        of proof: inout OpenProof, _ ref: Facts.OperationRef, _ fresh: FreshAnswer,
        _ history: CancelHistory, _ service: LiveService
    ) -> Verification.Step {
        let listTellsOther = facts.memory.doubts[ref] == .otherCreation
        let isListed = !service.isRetired && conditions.isListed(ref, by: service)
        let isListRead = conditions.isListRead(ref, by: service)
        let reason: String
        if facts.mayBeEndOfAnother(ref, in: fresh, isListRead: isListRead) {
            reason = "its GET shows an end that tells no creation time, which may be another one's"
        } else if facts.isRenewed(ref, in: fresh) {
            if listTellsOther || !isListed { return proof.verification.missing(at: fresh.now) }
            reason = "creation time differs between list and GET"
        } else if facts.isEarlier(ref, in: fresh), !listTellsOther {
            // What became of this one an older one cannot tell.
            reason =
                isListed
                ? "creation time differs between list and GET"
                : "its GET shows an older one of its name"
        } else {
            return proof.verification.found(fresh.sighting.snapshot, history, at: fresh.now)
        }
        let step = proof.verification.unanswered(at: fresh.now)
        noticeUnproven(&proof, history.intent.operation, service, reason: reason)
        return step
    }

    // MARK: Without a verdict

    /// The attempt is over without a verdict: another may follow, and others need not wait for it.
    private func windowEnded(
        _ ref: Facts.OperationRef, _ operation: OperationIdentity, _ service: LiveService,
        _ decision: Decision?
    ) {
        roster.changeCanaries { $0.failed(operation) }
        let within = DurationText.short(roster.verifySettings(service).within)
        let label = service.plan.label(operation)
        if facts.mayRetryCancel(ref) {
            guard !service.isRetired else { return leaveRetired(ref, operation, service) }
            guard facts.proofs[ref]?.isIdleToReport() == true else { return }
            facts.note(
                .warning, of: label,
                "still runs, and no other attempt to cancel it has left for \(within): "
                    + whyNoAttempt(ref, service, decision))
        } else if facts.proofs[ref]?.isLongFlagToReport() == true {
            facts.note(
                .warning, of: label,
                "shows that its cancel was asked for and has not ended within "
                    + "\(within); going on to wait, others no longer wait for it")
        }
    }

    /// What is known of its attempts goes on with whoever watches it now.
    private func leaveRetired(
        _ ref: Facts.OperationRef, _ operation: OperationIdentity, _ service: LiveService
    ) {
        if let heir = roster.heir(of: facts.state.partition(ref)) {
            return facts.record(.moved(operation, to: heir), of: service.plan)
        }
        facts.note(
            .warning, of: service.plan.label(operation),
            "the policy no longer watches it, and what became of its cancel is not proven; no "
                + "longer watched")
        facts.record(.dropped(operation), of: service.plan)
    }

    /// What keeps the next attempt of an operation whose window is over from leaving.
    ///
    /// - Parameter decision: what its last GET led to; nil where it had no answer.
    private func whyNoAttempt(
        _ ref: Facts.OperationRef, _ service: LiveService, _ decision: Decision?
    ) -> String {
        switch decision {
        case .ignore(let rule)?:
            return "the rule \(service.plan.rules[rule].rule.name) protects it"
        case .keep(.noRule)?: return "no rule matches it now"
        case .keep(.unusable(let reason))?: return "its \(reason)"
        case .keep?, .warn?: return "its rule does not ask for a cancel now"
        case .cancel?, .verify?, .finished?, nil: break
        }
        if let doubt = facts.memory.doubts[ref] {
            return "its \(doubt.words), and its GET shows it running"
        }
        let refusals = Gate.refusals(
            conditions.facts(of: ref, service, due: nil, type: ""))
        let lasting = refusals.compactMap { refusal in refusal.idleRank.map { ($0, refusal) } }
        switch lasting.min(by: { $0.0 < $1.0 })?.1 {
        case .notListed?: return "it is no longer listed"
        case .attemptOpen?: return "the window of its last attempt is not over"
        case let refusal?: return refusal.description
        case nil: return "it waits for its turn, at the next complete poll that finds it overdue"
        }
    }

    // MARK: The verdict

    /// Ends a cancel with its verdict; one that cannot be written waits until the journal is back.
    private func conclude(_ end: ProvenEnd, _ ref: Facts.OperationRef) {
        guard let service = roster.owner(of: facts.state.partition(ref)),
            let history = facts.state.cancel(ref)
        else { return }
        guard facts.isJournalHealthy else {
            facts.proofs[ref]?.hold(end, until: facts.now.instant.advanced(by: .seconds(1)))
            return
        }
        let operation = history.intent.operation
        let isUnimplemented =
            end.verdict == .refused && history.state == .answered(.refused(.unimplemented))
        if isUnimplemented {
            facts.record(
                .unsupported(
                    operation.endpoint, collection: operation.collection,
                    type: end.metadataType, at: end.at),
                of: service.plan)
        }
        let intent = end.verdict == .cancelledByOther ? nil : history.intent.id
        let reason = end.verdict == .refused ? history.words : ""
        facts.record(
            .verdict(operation, intent, end.verdict, late: false, at: end.at, reason: reason),
            of: service.plan)
        facts.proofs[ref] = nil
        roster.changeCanaries { $0.proven(operation, end.verdict) }
        if end.verdict.leavesRunning, !isUnimplemented {
            breakers.cancelFailed(service, at: end.at)
        }
    }
}

extension GateRefusal {
    /// Which of several refusals tells best why no attempt leaves, the lowest first: what people
    /// did or can mend, then what belongs to the operation, then what only makes it wait. Nil for
    /// what passes with the next complete poll, or is told by itself.
    fileprivate var idleRank: Int? {
        switch self {
        case .observing: 0
        case .policyRefused: 1
        case .breakerOpen: 2
        case .servicePaused: 3
        case .operationPaused: 4
        case .notListed: 5
        case .hourlyBudgetSpent: 6
        case .canaryOut: 7
        case .clocksDisagree: 8
        case .unsupported: 9
        case .journalDown, .journalDamaged: 10
        case .attemptOpen: 11
        case .notAddressable, .outsideParent, .warnOnlyPoll, .listedOtherwise,
            .notConfirmed, .pollCapReached, .freshFetchTooOld, .freshNameDiffers,
            .freshFilteredOut, .freshCreationDiffers, .decidedOtherwise, .ruleOrClockChanged:
            nil
        }
    }
}
