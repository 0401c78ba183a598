import OperationsClient
import OpwatchCore
import WireFormat

extension Watcher {
    /// How the cancels of a service are proven: a dropped one's by the settings it had.
    func verifySettings(_ service: ServiceWatch) -> VerifySettings {
        service.retiredVerify ?? plan.policy.verify
    }

    // MARK: The answer

    func tookCancelAnswer(_ answer: Result<Asked, CallFailure>, _ service: ServiceWatch) {
        guard let attempt = service.attempt.take() else { return }
        guard case .posting(let intent) = consume attempt else { return }
        guard let ref = state.find(intent.operation) else { return }
        if case .failure(.notSent(let reason)) = answer {
            return withdraw(intent, service, reason: reason)
        }
        let (http, status) = answer.journalled
        let accepted = state.cancel(ref)?.accepted ?? 0
        let meaning = CancelAnswer(http: http, status: status, accepted: accepted)
        let reason = answer.failureText
        let label = service.label(intent.operation)
        var batch = Batch()
        apply(.asked(intent.id, http: http, status: status), service, into: &batch)
        let now = dependencies.instant()
        let settings = verifySettings(service)
        var pause = Duration.zero
        switch meaning {
        case .accepted:
            service.cancelPause.end()
            pause = dependencies.real(Verification.firstPause)
            batch.reports.append(
                .cancelAsked(label, intent, attempts: settings.attempts, http: http))
        case .denied:
            service.canary.failed(intent.operation)
            service.denial = ServiceWatch.Denial(
                until: now.advanced(by: dependencies.real(.seconds(3_600))), reason: reason)
            batch.reports.append(.cancelDenied(label, intent, reason: reason))
        case .unanswered:
            service.cancelPause.grow(at: now) { dependencies.real($0) }
            if case .failure(let failure) = answer, let retryAfter = failure.retryAfter {
                service.lane.close(until: now.advanced(by: retryAfter))
            }
            batch.reports.append(.cancelUnanswered(label, intent, reason: reason))
        case .refused, .missing: break
        }
        if state.cancel(ref)?.isOpen == true {
            looks[ref] = OpenLook(settings, since: now, after: pause)
        }
        commit(batch)
    }

    // MARK: Not sent

    /// Gives an intent back whose POST did not leave.
    func withdraw(_ intent: JournalRecord.Intent, _ service: ServiceWatch, reason: String) {
        service.canary.failed(intent.operation)
        var batch = Batch()
        batch.reports.append(
            .withdrawn(service.label(intent.operation), intent, reason: reason))
        apply(.withdrawn(intent.id, reason: reason), service, into: &batch)
        commit(batch)
        guard let ref = state.find(intent.operation), state.cancel(ref)?.isOpen == true else {
            return
        }
        looks[ref] = OpenLook(verifySettings(service), since: dependencies.instant())
    }

    /// A cancel that has not left goes back; one that has is waited for.
    func withdrawUnsent(_ service: ServiceWatch, reason: String) {
        withdrawPermit(service, reason: reason)
        guard let attempt = service.attempt.take() else { return }
        switch consume attempt {
        case .posting(let intent): service.attempt = .posting(intent)
        case .looking(let recorded, _):
            dropGateLook(service)
            withdraw(recorded.intent, service, reason: reason)
        case .lookingOnly: dropGateLook(service)
        }
    }

    /// A cancel that passed the gate and has not left goes back.
    func withdrawPermit(_ service: ServiceWatch, reason: String) {
        guard let permit = service.outgoing.take() else { return }
        discard(permit)
        guard let attempt = service.attempt.take() else { return }
        guard case .posting(let intent) = consume attempt else {
            preconditionFailure("A permit goes with the attempt that it was given to.")
        }
        withdraw(intent, service, reason: reason)
    }

    private func dropGateLook(_ service: ServiceWatch) {
        service.gateLook = nil
        service.lane.clear(.gatePair)
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
