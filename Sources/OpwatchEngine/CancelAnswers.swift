import OpwatchCore
import WireFormat

/// What became of the POST of a cancel, as far as its answer tells.
struct CancelAnswers {
    let facts: Facts
    let roster: Roster
    let conditions: GateConditions
    let withdrawals: Withdrawals

    func take(_ answer: Result<Asked, CallFailure>, _ service: LiveService) {
        guard let intent = service.attempt.posted else { return }
        let partition = postedPartition(service)
        guard let ref = facts.state.find(intent.operation) else { return }
        if case .failure(let failure) = answer, failure.isUnsent {
            return wasNotSent(failure, intent, ref, partition, service)
        }
        let (http, status, words) = answer.journalled
        guard let meaning = facts.state.cancel(ref)?.meaning(http: http, status: status) else {
            return
        }
        facts.record(
            .asked(intent.id, http: http, status: status, words: words), of: service.plan)
        let fetchAfter = counted(meaning, answer, intent, ref, service)
        facts.tell(report(of: answer, meaning, intent, ref, service))
        if facts.state.cancel(ref)?.isOpen == true {
            facts.proofs[ref] = OpenProof(
                roster.verifySettings(service), since: facts.now.instant, after: fetchAfter)
        }
    }

    /// Empties the hand; gives the parent whose candidate was posted.
    private func postedPartition(_ service: LiveService) -> PartitionID? {
        switch service.attempt.take() {
        case .posting(_, let queued): queued.partition
        case .idle: nil
        case .recording: nil
        case .fetching: nil
        case .observing: nil
        case .permitted: nil
        }
    }

    /// What the answer means for the operation's next cancel and for others of the service.
    /// - Returns: when its operation is fetched, from now.
    private func counted(
        _ meaning: CancelAnswer, _ answer: Result<Asked, CallFailure>,
        _ intent: JournalRecord.Intent, _ ref: Facts.OperationRef, _ service: LiveService
    ) -> Duration {
        switch meaning {
        case .accepted:
            service.rails.cancelCounted()
            facts.memory.pauses[ref] = nil
            return Verification.firstPause
        case .denied:
            service.rails.pause.end()
            roster.changeCanaries { $0.failed(intent.operation) }
            isDenied(
                intent.operation, ref, service, reason: answer.journalled.words,
                for: Self.denialPause)
            return .zero
        case .unanswered:
            service.rails.pause.noAnswer(about: intent.operation, at: facts.now.instant)
            guard case .failure(let failure) = answer, let asked = failure.retryAfter else {
                return .zero
            }
            return min(asked, service.retryAfterMax)
        case .refused, .missing:
            service.rails.cancelCounted()
            return .zero
        }
    }

    /// Nothing has left, so nothing is to be proven, and no cap is used up.
    private func wasNotSent(
        _ failure: CallFailure, _ intent: JournalRecord.Intent, _ ref: Facts.OperationRef,
        _ partition: PartitionID?, _ service: LiveService
    ) {
        if let partition { withdrawals.giveBack(partition, service) }
        var isNews = true
        if failure.isOfService {
            service.rails.pause.noAnswer(about: intent.operation, at: facts.now.instant)
            isNews = conditions.pause(
                ref, service, .noAnswer, reason: "its cancel could not be sent: \(failure)")
        }
        withdrawals.withdraw(intent, service, reason: failure.cause, isNews: isNews)
    }

    // MARK: Denied

    /// From one trial to the next.
    private static let denialPause = Duration.seconds(3_600)

    /// That operation is tried once an hour; the service's cancels are shut only where another
    /// operation's was denied, too.
    private func isDenied(
        _ operation: OperationIdentity, _ ref: Facts.OperationRef, _ service: LiveService,
        reason: String, for pause: Duration
    ) {
        let said = reason.isEmpty ? "without a word" : reason
        conditions.pause(
            ref, service, .denied, reason: "its cancel was denied (\(said))", atLeast: pause)
        service.rails.denial.deny(
            operation, reason: said, until: facts.now.instant.advanced(by: pause))
    }

    /// After a start: what was denied less than an hour ago waits as it would have, and the service
    /// with it, where no other cancel is known to lie between two that were denied.
    func resumeDenials() {
        for cancel in pastCancels().sorted(by: { $0.at < $1.at }) {
            guard let ref = cancel.denied, let history = facts.state.cancel(ref) else {
                cancel.service.rails.denial.end()
                continue
            }
            let passed = facts.now.wall.duration(since: cancel.at)
            let left = min(Self.denialPause - passed, Self.denialPause)
            guard left > .zero else { continue }
            isDenied(
                history.intent.operation, ref, cancel.service, reason: history.words, for: left)
        }
    }

    /// A cancel of before the start that had an answer.
    private struct PastCancel {
        /// Server time of its intent.
        let at: Timestamp
        let service: LiveService
        /// Its operation, where it was denied.
        let denied: Facts.OperationRef?
    }

    private func pastCancels() -> [PastCancel] {
        var cancels: [PastCancel] = []
        var known: [SpentBudget.Entry] = []
        for ref in facts.state.operations {
            guard let history = facts.state.cancel(ref),
                let service = roster.owner(of: facts.state.partition(ref))
            else { continue }
            let at = history.intent.serverTime
            known.append(
                SpentBudget.Entry(
                    intent: history.intent.id, service: history.intent.service, at: at))
            switch history.state {
            case .answered(.denied):
                cancels.append(PastCancel(at: at, service: service, denied: ref))
            case .answered(.accepted), .answered(.refused), .answered(.missing), .ended:
                cancels.append(PastCancel(at: at, service: service, denied: nil))
            case .recorded, .answered(.unanswered), .withdrawn: break
            }
        }
        // What was proven is known by the hour's budget alone.
        for entry in facts.state.spent.entries
        where !known.contains(where: { $0.isSame(as: entry) }) {
            for service in roster.services where service.name == entry.service {
                cancels.append(PastCancel(at: entry.at, service: service, denied: nil))
            }
        }
        return cancels
    }

    /// What the answer is told as.
    private func report(
        of answer: Result<Asked, CallFailure>, _ meaning: CancelAnswer,
        _ intent: JournalRecord.Intent, _ ref: Facts.OperationRef, _ service: LiveService
    ) -> Report {
        let label = service.plan.label(intent.operation)
        let reason = answer.failureText
        let settings = roster.verifySettings(service)
        switch meaning {
        case .accepted:
            return .cancelAsked(
                label, intent, settings, refusal: reason.isEmpty ? nil : reason,
                http: answer.journalled.http)
        case .denied:
            let isShut = service.rails.denial.until.map { facts.now.instant < $0 } ?? false
            return .cancelDenied(label, intent, reason: reason, isShut: isShut)
        case .unanswered: return .cancelUnanswered(label, intent, reason: reason)
        case .refused, .missing:
            let count = facts.state.cancel(ref)?.earlier.refusals ?? 0
            let mayPass = meaning == .refused(.passing) && count < settings.attempts
            return .cancelRefused(
                label, intent, reason: reason, next: mayPass ? settings.within * count : nil)
        }
    }
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
