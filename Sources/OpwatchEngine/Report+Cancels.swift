import OpwatchCore
import OpwatchReports
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
            case (.cancel, _) where warned.mode == .observe:
                "mode is observe: nothing is cancelled"
            case (.cancel, _?) where !warned.isNotice:
                "the clocks disagree: it is warned of again before it is cancelled"
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
        _ operation: OperationLabel, _ intent: JournalRecord.Intent, _ settings: VerifySettings,
        refusal: String?, http: Int
    ) -> Report {
        let grounds = Grounds(intent)
        let within = DurationText.short(settings.within)
        let answer = refusal.map { "; it was asked before, hence the answer (\($0))" } ?? ""
        return Report(
            .cancelAsked,
            "\(operation.text): asked to cancel (\(grounds.text)), "
                + "attempt \(intent.attempt) of \(settings.attempts), waiting \(within) for its "
                + "end\(answer)",
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
                + "it may have arrived, so the operation is fetched before anything else",
            operation.fields + intentFields(intent) + [(.reason, reason)])
    }

    /// - Parameter next: after how long it is asked again, if it still runs and the refusal may
    ///   pass.
    static func cancelRefused(
        _ operation: OperationLabel, _ intent: JournalRecord.Intent, reason: String,
        next: Duration?
    ) -> Report {
        let consequence = next.map {
            "if it still runs it is asked again after \(DurationText.short($0))"
        }
        return Report(
            .cancelRefused,
            "\(operation.text): the service refused the cancel (\(reason)); "
                + (consequence ?? "fetching it to see whether it still runs"),
            operation.fields + intentFields(intent) + [(.reason, reason)])
    }

    /// Overdue under a cancel rule, and nothing can ever be sent for it.
    static func uncancellable(
        _ operation: OperationLabel, _ grounds: Grounds, reason: String
    ) -> Report {
        Report(
            .contradiction,
            "\(operation.text): is overdue (\(grounds.text)) and never cancelled: \(reason)",
            operation.fields + grounds.fields + [(.reason, reason)])
    }

    static func cancelDenied(
        _ operation: OperationLabel, _ intent: JournalRecord.Intent, reason: String, isShut: Bool
    ) -> Report {
        Report(
            .cancelDenied,
            "\(operation.text): the service denies the cancel (\(reason)); "
                + (isShut
                    ? "all its cancels are shut, one trial an hour"
                    : "it is tried again in an hour, others go on"),
            operation.fields + intentFields(intent) + [(.reason, reason)])
    }

    static func unsupported(_ collection: OperationLabel, type: String) -> Report {
        let kind = type.isEmpty ? "" : " for \(Untrusted.text(type))"
        return Report(
            .unsupported,
            "\(collection.text): cancel is not implemented here\(kind); "
                + "not asked again for 7 days",
            collection.fields + [(.reason, "UNIMPLEMENTED")])
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
        _ verdict: Verdict, _ operation: OperationLabel, _ history: CancelHistory?,
        reason: String
    ) -> Report {
        let intent = history?.intent
        let sentence =
            switch verdict {
            case .cancelled: "cancelled, proven by its code 1"
            case .finishedAnyway: "finished anyway, although asked to cancel"
            case .failedOtherwise: "failed with another code, although asked to cancel"
            case .vanished:
                "gone after it was asked to cancel: 404 twice, or a younger one has its name"
            case .refused:
                "the service refused to cancel it and it still runs"
                    + (reason.isEmpty ? "" : ": \(reason)")
            case .defied: defied(history)
            case .cancelledByOther: "cancelled by somebody else"
            }
        return Report(
            verdict.kind, "\(operation.text): \(sentence)",
            operation.fields + (intent.map { Grounds($0).fields + intentFields($0) } ?? [])
                + [(.verdict, verdict.rawValue)])
    }

    private static func defied(_ history: CancelHistory?) -> String {
        let accepted = history?.accepted ?? 0
        let unanswered = history?.earlier.unanswered ?? 0
        let attempts =
            switch (accepted, unanswered) {
            case (0, 0): "a refused attempt that it shows as taken"
            case (0, let count): "\(count) attempts without an answer that counts"
            case (1, _): "1 accepted attempt"
            case (let count, _): "\(count) accepted attempts"
            }
        return "still runs after \(attempts) to cancel it; a human must look"
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
