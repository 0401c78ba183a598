import OperationsClient
import OpwatchCore
import OpwatchJournal
import WireFormat

/// One operation as a GET shows it.
struct FreshAnswer {
    let sighting: Sighting
    /// Server time of the answer, or local time where it has none.
    let now: Timestamp
    let sentAt: ContinuousClock.Instant
}

extension Watcher {
    /// After a start or a reload: every cancel that is not proven is looked at before anything
    /// else; looks that were on their way may have been let go.
    func resumeLooks(at now: ContinuousClock.Instant) {
        closingQueued = []
        for ref in state.openCancels {
            guard let owner = owner(of: ref) else { continue }
            if looks[ref] == nil { looks[ref] = OpenLook(verifySettings(owner), since: now) }
            looks[ref]?.wait(until: now)
        }
    }

    /// Sends the looks whose pause is over.
    func startLooks(at now: ContinuousClock.Instant) {
        for (ref, look) in looks {
            guard let dueAt = look.dueAt, dueAt <= now else { continue }
            if let proof = look.proof {
                takeProof(proof, ref, at: now)
                continue
            }
            looks[ref]?.begin()
            owner(of: ref)?.lane.add(.look(state.identity(ref), .verify), .verify)
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
        service.lane.ended(purpose.priority)
        if case .success(let answer) = answer { noteClock(service, answer.time.date) }
        if case .failure(let failure) = answer { closeLane(of: service, after: failure) }
        switch purpose {
        case .gate: tookGateLook(answer, of: operation, request, service)
        case .verify: tookVerifyLook(answer, of: operation, service)
        case .closing: tookClosingLook(answer, of: operation, service)
        }
    }

    /// Leaves a service alone for as long as it asks.
    func closeLane(of service: ServiceWatch, after failure: CallFailure) {
        guard let retryAfter = failure.retryAfter else { return }
        service.lane.close(until: dependencies.instant().advanced(by: retryAfter))
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
                throw CallFailure.malformed(reason: error.description)
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
        switch read(answer, operation, service) {
        case .success(let fresh) where !look.counts(sentAt: fresh.sentAt):
            return looks[ref]?.wait(until: dependencies.instant()) ?? ()
        case .success(let fresh):
            now = fresh.now
            look.noteClocks(agree: service.clock == .agrees, at: now)
            step = look.verification.found(fresh.sighting.snapshot, history, at: now)
        case .failure(let failure) where failure.saysGone: step = look.verification.missing(at: now)
        case .failure(let failure):
            step = look.verification.unanswered(at: now)
            if let since = look.unprovenToReport() {
                service.canary.failed(operation)
                reporter.report(
                    .unproven(
                        service.label(operation), since: since, reason: failure.description))
            }
        }
        switch step {
        case .look(let pause):
            look.wait(until: dependencies.instant().advanced(by: dependencies.real(pause)))
            looks[ref] = look
            if look.verification.mayRetry { windowEnded(ref, operation, service) }
        case .verdict(let verdict):
            looks[ref] = look
            takeProof(
                OpenLook.Proof(verdict: verdict, at: now), ref, at: dependencies.instant())
        }
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
        proven(proof.verdict, ref, history, service, at: proof.at)
    }

    /// The attempt is over without a verdict: another may follow, and others need not wait for it.
    private func windowEnded(
        _ ref: WatchState.OperationRef, _ operation: OperationIdentity, _ service: ServiceWatch
    ) {
        service.canary.failed(operation)
        guard service.isRetired else { return }
        var batch = Batch()
        apply(.dropped(operation), service, into: &batch)
        commit(batch)
    }

    private func proven(
        _ verdict: Verdict, _ ref: WatchState.OperationRef, _ history: CancelHistory,
        _ service: ServiceWatch, at now: Timestamp
    ) {
        let operation = history.intent.operation
        var isUnimplemented = false
        if case .answered(.refused(isUnimplemented: true)) = history.state {
            isUnimplemented = verdict == .refused
        }
        var batch = Batch()
        if isUnimplemented {
            apply(
                .unsupported(operation.endpoint, collection: operation.collection, at: now),
                service, into: &batch)
        }
        let intent = verdict == .cancelledByOther ? nil : history.intent.id
        apply(.verdict(operation, intent, verdict, late: false, at: now), service, into: &batch)
        commit(batch)
        looks[ref] = nil
        service.canary.proven(operation, verdict)
        let change = service.breaker.verdict(
            verdict, isUnimplemented: isUnimplemented, under: plan.policy.safety)
        if state.breakers[service.name] == nil { apply(change, service, at: now) }
    }

    // MARK: No longer listed

    /// Looks after operations that a complete poll did not list, at the lowest priority.
    func lookAfter(
        _ absent: [WatchState.OperationRef], _ service: ServiceWatch, _ index: Int,
        number: UInt32
    ) {
        for ref in absent where !closingQueued.contains(ref) {
            var absence = memory.absences[ref] ?? PollMemory.Absence(nextGetIn: number)
            guard absence.nextGetIn <= number else { continue }
            absence.nextGetIn = number + 1
            memory.absences[ref] = absence
            closingQueued.insert(ref)
            service.lane.add(.look(state.identity(ref), .closing), .closing)
        }
    }

    private func tookClosingLook(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ service: ServiceWatch
    ) {
        guard let ref = state.find(operation), closingQueued.remove(ref) != nil,
            state.cancel(ref)?.isOpen != true, var absence = memory.absences[ref]
        else { return }
        var batch = Batch()
        switch read(answer, operation, service) {
        case .success(let fresh):
            let snapshot = fresh.sighting.snapshot
            if snapshot.isDone {
                return closeOperation(ref, code: snapshot.outcomeCode, service, at: fresh.now)
            }
            absence.missingSince = nil
            absence.nextGetIn += Self.unlistedPolls
            memory.absences[ref] = absence
            if !state.tables[ref.table].flags(ref.slot).contains(.unlisted) {
                apply(.unlisted(operation), service, into: &batch)
            }
        case .failure(let failure) where failure.saysGone:
            if absence.missingSince != nil {
                apply(vanishing(ref, service), service, into: &batch)
            } else {
                absence.missingSince = serverTime(service)
                memory.absences[ref] = absence
            }
        case .failure: break
        }
        commit(batch)
    }

    /// Complete polls between two looks at an operation that runs unlisted.
    private static let unlistedPolls: UInt32 = 9

    private func vanishing(
        _ ref: WatchState.OperationRef, _ service: ServiceWatch
    ) -> JournalRecord {
        let operation = state.identity(ref)
        guard let history = state.cancel(ref), case .ended = history.state else {
            return .vanished(operation)
        }
        return .verdict(
            operation, history.intent.id, .vanished, late: true, at: serverTime(service))
    }

    func closeOperation(
        _ ref: WatchState.OperationRef, code: Int64, _ service: ServiceWatch, at now: Timestamp
    ) {
        guard state.cancel(ref)?.isOpen != true else { return }
        var batch = Batch()
        let record = state.closing(ref, code: code, at: now)
        apply(record, service, into: &batch)
        commit(batch)
    }
}

extension Request.Purpose {
    /// The place in the lane of a look for this purpose.
    var priority: RequestLane<Request>.Priority {
        switch self {
        case .gate: .gatePair
        case .verify: .verify
        case .closing: .closing
        }
    }
}
