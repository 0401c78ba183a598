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
        guard let intent = posted(attempt), let ref = state.find(intent.operation) else { return }
        if case .failure(let failure) = answer, failure.isUnsent {
            return wasNotSent(failure, intent, ref, service)
        }
        let (http, status, words) = answer.journalled
        guard let meaning = state.cancel(ref)?.meaning(http: http, status: status) else { return }
        var batch = Batch()
        let record = JournalRecord.asked(intent.id, http: http, status: status, words: words)
        guard apply(record, service, into: &batch) else { return }
        let now = dependencies.instant()
        let settings = verifySettings(service)
        var fetchAfter = Duration.zero
        switch meaning {
        case .accepted:
            service.cancelPause.end()
            service.denial.end()
            memory.pauses[ref] = nil
            fetchAfter = Verification.firstPause
        case .denied:
            service.cancelPause.end()
            service.canary.failed(intent.operation)
            isDenied(intent.operation, ref, service, reason: words, for: Self.denialPause)
        case .unanswered:
            service.cancelPause.noAnswer(about: intent.operation, at: now)
            if case .failure(let failure) = answer, let asked = failure.retryAfter {
                fetchAfter = min(asked, retryAfterMax(service))
            }
        case .refused, .missing:
            service.cancelPause.end()
            service.denial.end()
        }
        batch.reports += [report(of: answer, meaning, intent, ref, service, settings)]
        if state.cancel(ref)?.isOpen == true {
            looks[ref] = OpenLook(settings, since: now, after: fetchAfter)
        }
        commit(batch)
    }

    private func posted(_ attempt: consuming Attempt) -> JournalRecord.Intent? {
        // No `guard case`: bound by that, the payload is released once too often (Swift 6.3).
        switch consume attempt {
        case .posting(let intent, _): intent
        case .looking: nil
        case .lookingOnly: nil
        }
    }

    /// Nothing has left, so nothing is to be proven, and no cap is used up.
    private func wasNotSent(
        _ failure: CallFailure, _ intent: JournalRecord.Intent, _ ref: WatchState.OperationRef,
        _ service: ServiceWatch
    ) {
        // A reload may have put its parent elsewhere.
        if let index = service.partitionIndex(state.partition(ref)) { giveBack(index, service) }
        var isNews = true
        if failure.isOfService {
            service.cancelPause.noAnswer(about: intent.operation, at: dependencies.instant())
            isNews = pause(
                ref, service, .noAnswer, reason: "its cancel could not be sent: \(failure)")
        }
        withdraw(intent, service, reason: failure.cause, isNews: isNews)
    }

    /// That operation is tried once an hour; the service's cancels are shut only where another
    /// operation's was denied, too.
    private func isDenied(
        _ operation: OperationIdentity, _ ref: WatchState.OperationRef, _ service: ServiceWatch,
        reason: String, for pause: Duration
    ) {
        let said = reason.isEmpty ? "without a word" : reason
        self.pause(
            ref, service, .denied, reason: "its cancel was denied (\(said))", atLeast: pause)
        service.denial.deny(
            operation, reason: said, until: dependencies.instant().advanced(by: pause))
    }

    /// From one trial to the next.
    private static let denialPause = Duration.seconds(3_600)

    /// After a start: what was denied less than an hour ago waits as it would have. What lay
    /// between two denials is not known any more, so that only one more shuts the service.
    func resumeDenials() {
        let denied = state.operations.compactMap { ref in
            state.cancel(ref).flatMap { $0.state == .answered(.denied) ? (ref, $0) : nil }
        }
        for (ref, history) in denied.sorted(by: { $0.1.intent.id < $1.1.intent.id }) {
            guard let service = owner(of: ref) else { continue }
            let passed = dependencies.now().duration(since: history.intent.serverTime)
            let left = min(Self.denialPause - passed, Self.denialPause)
            guard left > .zero else { continue }
            service.denial.end()
            isDenied(
                history.intent.operation, ref, service, reason: history.words, for: left)
        }
    }

    /// What the answer is told as.
    private func report(
        of answer: Result<Asked, CallFailure>, _ meaning: CancelAnswer,
        _ intent: JournalRecord.Intent, _ ref: WatchState.OperationRef, _ service: ServiceWatch,
        _ settings: VerifySettings
    ) -> Report {
        let label = service.label(intent.operation)
        let reason = answer.failureText
        switch meaning {
        case .accepted:
            return .cancelAsked(
                label, intent, settings, refusal: reason.isEmpty ? nil : reason,
                http: answer.journalled.http)
        case .denied:
            let isShut = service.denial.until.map { dependencies.instant() < $0 } ?? false
            return .cancelDenied(label, intent, reason: reason, isShut: isShut)
        case .unanswered: return .cancelUnanswered(label, intent, reason: reason)
        case .refused, .missing:
            let count = state.cancel(ref)?.earlier.refusals ?? 0
            let mayPass = meaning == .refused(.passing) && count < settings.attempts
            return .cancelRefused(
                label, intent, reason: reason, next: mayPass ? settings.within * count : nil)
        }
    }

    // MARK: Not sent

    /// Gives an intent back whose POST did not leave.
    /// - Parameter isNews: whether the log is to tell of it, beside the journal.
    func withdraw(
        _ intent: JournalRecord.Intent, _ service: ServiceWatch, reason: String,
        isNews: Bool = true
    ) {
        service.canary.failed(intent.operation)
        var batch = Batch()
        if isNews {
            batch.reports.append(
                .withdrawn(service.label(intent.operation), intent, reason: reason))
        }
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
        case .posting(let intent, let queued): service.attempt = .posting(intent, queued)
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
        // No `guard case`: bound by that, the payload is released once too often (Swift 6.3).
        switch consume attempt {
        case .posting(let intent, let queued):
            giveBack(queued.parent, service)
            withdraw(intent, service, reason: reason)
        case .looking: preconditionFailure("A permit goes with its own attempt.")
        case .lookingOnly: preconditionFailure("A permit goes with its own attempt.")
        }
    }

    /// What was not sent counts not among the cancels of its parent's poll.
    private func giveBack(_ index: Int, _ service: ServiceWatch) {
        service.update(index) { $0.startedInPoll = max(0, $0.startedInPoll - 1) }
    }

    private func dropGateLook(_ service: ServiceWatch) {
        service.gateLook = nil
        service.lane.clear(.gatePair)
    }

    private func discard(_ permit: consuming CancelPermit) {}
}

extension Result where Success == Asked, Failure == CallFailure {
    fileprivate var journalled: (http: Int, status: String, words: String) {
        switch self {
        case .success(let asked): (asked.httpStatus, AskedStatus.ok, "")
        case .failure(let failure): AskedStatus.of(failure)
        }
    }

    fileprivate var failureText: String {
        switch self {
        case .success: ""
        case .failure(let failure): failure.error?.description ?? failure.description
        }
    }
}
