import OperationsClient
import OpwatchCore
import WireFormat

/// One operation as a GET shows it.
struct FreshAnswer {
    let sighting: Sighting
    /// Server time of the answer, or local time where it has none.
    let now: Timestamp
    let sentAt: ContinuousClock.Instant
}

extension Watcher {
    /// After a start: every cancel that is not proven is looked at before anything else.
    func resumeOpenCancels() {
        let now = dependencies.instant()
        for ref in state.openCancels {
            looks[ref] = OpenLook(
                verification: Verification(owner(of: ref)?.verify ?? plan.policy.verify), dueAt: now)
        }
    }

    /// Sends the looks whose pause is over.
    func startLooks(at now: ContinuousClock.Instant) {
        for (ref, look) in looks {
            guard let dueAt = look.dueAt, dueAt <= now, let service = owner(of: ref) else {
                continue
            }
            looks[ref]?.dueAt = nil
            service.lane.add(.look(state.identity(ref), .verify), .verify)
        }
    }

    func owner(of ref: WatchState.OperationRef) -> ServiceWatch? {
        let partition = state.partition(ref)
        return (services + retired).first { $0.partitionIndex(partition) != nil }
    }

    func tookLook(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ purpose: Request.Purpose, _ service: ServiceWatch
    ) {
        service.lane.ended()
        if case .success(let answer) = answer { noteClock(service, answer.time.date) }
        if case .failure(let failure) = answer, let retryAfter = failure.retryAfter {
            service.lane.close(until: dependencies.instant().advanced(by: retryAfter))
        }
        switch purpose {
        case .gate: tookGateLook(answer, of: operation, service)
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
            let now = answer.time.date ?? dependencies.now()
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
        case .success(let fresh):
            now = fresh.now
            step = look.verification.found(fresh.sighting.snapshot, history, at: now)
        case .failure(.notFound): step = look.verification.missing(at: now)
        case .failure(let failure):
            step = look.verification.unanswered(at: now)
            tellUnproven(&look, operation, service, reason: failure.description)
        }
        switch step {
        case .look(let pause):
            look.dueAt = dependencies.instant().advanced(by: dependencies.real(pause))
            looks[ref] = look
        case .verdict(let verdict):
            proven(verdict, ref, history, service, at: now)
        }
    }

    private func tellUnproven(
        _ look: inout OpenLook, _ operation: OperationIdentity, _ service: ServiceWatch,
        reason: String
    ) {
        guard !look.isUnprovenReported, let since = look.verification.unprovenSince else { return }
        look.isUnprovenReported = true
        service.canary.failed(operation)
        reporter.report(.unproven(service.label(operation), since: since, reason: reason))
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
        status.proved(verdict)
        service.canary.proven(operation, verdict)
        let change = service.breaker.verdict(
            verdict, isUnimplemented: isUnimplemented, under: plan.policy.safety)
        if state.breakers[service.name] == nil { apply(change, service, at: now) }
        dropRetired()
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
        case .failure(.notFound):
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
        if case .verdict(_, _, let verdict, false, _) = record { status.proved(verdict) }
        commit(batch)
    }
}
