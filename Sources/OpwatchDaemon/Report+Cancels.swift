import OpwatchCore
import OpwatchSystemd
import WireFormat

extension Report {
    static func warned(
        _ operation: OperationLabel, _ warned: JournalRecord.Warned, action: Action,
        notice: Duration?
    ) -> Report {
        let grounds = Grounds(
            rule: warned.rule, clock: warned.clock, age: warned.age, timeout: warned.timeout,
            deadline: warned.deadline)
        let consequence =
            switch (action, notice) {
            case (.cancel, let notice?):
                "cancelled no earlier than "
                    + max(warned.deadline, warned.at.advanced(by: notice)).description
            case (.cancel, nil): "to be cancelled"
            case (.warn, _), (.ignore, _): "the rule only warns"
            }
        let tense = warned.age > warned.timeout ? "is overdue" : "nears its deadline"
        return Report(
            .warned, "\(operation.text): \(tense) (\(grounds.text)); \(consequence)",
            operation.fields + grounds.fields + [(.mode, warned.mode.rawValue)])
    }

    static func wouldCancel(
        _ operation: OperationLabel, _ would: JournalRecord.WouldCancel, number: Int, limit: Int
    ) -> Report {
        let grounds = Grounds(
            rule: would.rule, clock: would.clock, age: would.age, timeout: would.timeout)
        return Report(
            .wouldCancel,
            "\(operation.text): would be cancelled (\(grounds.text)), "
                + "number \(number) of this hour, limit \(limit)",
            operation.fields + grounds.fields)
    }

    static func cancelAsked(
        _ operation: OperationLabel, _ intent: JournalRecord.Intent, attempts: Int, http: Int
    ) -> Report {
        let grounds = Grounds(intent)
        return Report(
            .cancelAsked,
            "\(operation.text): asked to cancel (\(grounds.text)), "
                + "attempt \(intent.attempt) of \(attempts)",
            operation.fields + grounds.fields + intentFields(intent)
                + [(.httpStatus, String(http))])
    }

    static func withdrawn(
        _ operation: OperationLabel, _ intent: JournalRecord.Intent, reason: String
    ) -> Report {
        Report(
            .withdrawn, "\(operation.text): not cancelled after all: \(reason)",
            operation.fields + Grounds(intent).fields + intentFields(intent)
                + [(.reason, reason)])
    }

    static func deferred(
        _ operation: OperationLabel, _ grounds: Grounds, reason: String
    ) -> Report {
        Report(
            .deferred, "\(operation.text): cancel deferred (\(grounds.text)): \(reason)",
            operation.fields + grounds.fields + [(.reason, reason)])
    }

    static func cancelUnanswered(
        _ operation: OperationLabel, _ intent: JournalRecord.Intent, reason: String
    ) -> Report {
        Report(
            .cancelUnanswered,
            "\(operation.text): the request to cancel got no answer that counts (\(reason)); "
                + "looking at the operation before anything else",
            operation.fields + intentFields(intent) + [(.reason, reason)])
    }

    static func cancelDenied(
        _ operation: OperationLabel, _ intent: JournalRecord.Intent, reason: String
    ) -> Report {
        Report(
            .cancelDenied,
            "\(operation.text): the service denies the cancel (\(reason)); "
                + "its cancels are shut, one trial an hour",
            operation.fields + intentFields(intent) + [(.reason, reason)])
    }

    static func unsupported(_ operation: OperationLabel, collection: String) -> Report {
        Report(
            .unsupported,
            "\(operation.service) \(collection): cancel is not implemented here; "
                + "not asked again for 7 days",
            operation.fields + [(.reason, "UNIMPLEMENTED")])
    }

    static func unproven(_ operation: OperationLabel, since: Timestamp, reason: String) -> Report {
        Report(
            .unproven,
            "\(operation.text): what became of the cancel is unproven since \(since): \(reason)",
            operation.fields + [(.reason, reason)])
    }

    static func foreignCancel(_ operation: OperationLabel) -> Report {
        Report(
            .foreignCancel,
            "\(operation.text): somebody else asked to cancel it; only watching",
            operation.fields)
    }

    static func breakerOpen(service: String, reason: String) -> Report {
        Report(
            .breakerOpen, "\(service): breaker opened, no cancels: \(reason)",
            [(.service, service), (.reason, reason)])
    }

    static func breakerClosed(service: String) -> Report {
        Report(
            .breakerClosed, "\(service): breaker closed, cancels are allowed again",
            [(.service, service)])
    }

    /// The proven end; one kind a verdict.
    static func verdict(
        _ verdict: Verdict, _ operation: OperationLabel, _ intent: JournalRecord.Intent?
    ) -> Report {
        let sentence =
            switch verdict {
            case .cancelled: "cancelled, proven by its code 1"
            case .finishedAnyway: "finished anyway, although asked to cancel"
            case .failedOtherwise: "failed with another code, although asked to cancel"
            case .vanished: "vanished after it was asked to cancel: 404 twice"
            case .refused: "the service refused to cancel it and it still runs"
            case .defied:
                "still runs after \(intent?.attempt ?? 0) accepted attempts to cancel it; "
                    + "a human must look"
            case .cancelledByOther: "cancelled by somebody else"
            }
        return Report(
            verdict.kind, "\(operation.text): \(sentence)",
            operation.fields + (intent.map { Grounds($0).fields + intentFields($0) } ?? [])
                + [(.verdict, verdict.rawValue)])
    }

    /// The real end of an operation that was refused or defied.
    static func late(_ operation: OperationLabel, _ verdict: Verdict) -> Report {
        Report(
            .late, "\(operation.text): ended after all: \(verdict.rawValue)",
            operation.fields + [(.verdict, verdict.rawValue)])
    }

    private static func intentFields(
        _ intent: JournalRecord.Intent
    ) -> [(name: LogField, value: String)] {
        [
            (.attempt, String(intent.attempt)), (.intent, String(intent.id.number)),
            (.policy, intent.policy.description),
        ]
    }
}

extension Verdict {
    /// The message that tells of it.
    fileprivate var kind: MessageKind {
        switch self {
        case .cancelled: .cancelled
        case .finishedAnyway: .finishedAnyway
        case .failedOtherwise: .failedOtherwise
        case .vanished: .vanished
        case .refused: .refused
        case .defied: .defied
        case .cancelledByOther: .cancelledByOther
        }
    }
}
