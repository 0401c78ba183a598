import OpwatchCore
import WireFormat

/// What must be true of `intent`, `withdrawn` and `asked`.
enum IntentRules {
    static func intent(_ intent: JournalRecord.Intent, in world: JudgedWorld) -> [Finding] {
        let subject = "intent \(intent.id.number) of \(intent.operation.name)"
        var findings: [Finding] = []
        // "Counts up over the life of a journal, never reused."
        if let last = world.lastIntent, intent.id <= last {
            findings.append(Finding(.intentID, "\(subject) is behind \(last.number)"))
        }
        guard let tracked = world.tracked(intent.operation) else {
            return findings + TrackingRules.untracked(subject, in: world)
        }
        if let verdict = tracked.settled {
            findings.append(
                Finding(.intentAfterVerdict, "\(subject) follows \(verdict.rawValue)"))
        }
        if let other = beside(intent, in: world) {
            findings.append(
                Finding(.intentBesideOther, "\(subject) while \(other) is on its way"))
        }
        if let wrong = wrongFigure(of: intent, tracked, in: world) {
            findings.append(Finding(.intentFigures, "\(subject) has a wrong \(wrong)"))
        }
        return findings
    }

    /// "For each service one cancel at a time goes this way: intent, GET, gate, POST."
    private static func beside(_ intent: JournalRecord.Intent, in world: JudgedWorld) -> String? {
        world.openIntents.lazy.compactMap { world.intents[$0] }.first {
            $0.daemon == world.daemon && $0.postedAt == nil && $0.record.service == intent.service
        }?.record.operation.name
    }

    /// "What will be cancelled, why, and under which policy."
    private static func wrongFigure(
        of intent: JournalRecord.Intent, _ tracked: TrackedLife, in world: JudgedWorld
    ) -> String? {
        guard
            let rule = world.rule(named: intent.rule, timeout: intent.timeout, of: intent.clock),
            rule.action == .cancel
        else { return "rule" }
        if intent.age <= intent.timeout || intent.serverTime <= intent.deadline { return "age" }
        let latest = world.latestServerTime(of: intent.operation.endpoint.description)
        if intent.serverTime > latest.advanced(by: .seconds(1)) { return "server time" }
        if intent.service != tracked.partition.service { return "service" }
        if !intent.created.isSameInstant(as: tracked.since) { return "creation time" }
        // Left out at first sight, or shown otherwise than it is: the deadline of what was shown.
        let isOdd = world.isShownOddly(intent.operation)
        if intent.clock == .total, !isOdd {
            let off = intent.deadline.duration(
                since: tracked.since.advanced(by: intent.timeout))
            // "Stored times are rounded up."
            if off < .seconds(-1) || off > .seconds(1) { return "deadline" }
        }
        let accepted = tracked.intents.count { world.intents[$0]?.outcome == .accepted }
        let first = tracked.openIntents.first.flatMap { world.intents[$0] }
        let allowed = max(first?.attempts ?? 0, world.policy?.verifyAttempts ?? 0)
        return intent.attempt <= accepted || intent.attempt > allowed ? "attempt" : nil
    }

    /// "The intent was not sent."
    static func withdrawn(_ id: IntentID, _ reason: String, in world: JudgedWorld) -> [Finding] {
        guard let intent = world.intents[id] else {
            if world.wasDamaged { return [] }
            return [Finding(.withdrawnFalse, "intent \(id.number) was withdrawn and never durable")]
        }
        let subject = "intent \(id.number) of \(intent.record.operation.name) was withdrawn"
        if !intent.isOpen {
            return [Finding(.withdrawnFalse, "\(subject) and is not open")]
        }
        guard intent.postedAt != nil, intent.answer != .notSent else { return [] }
        return [Finding(.withdrawnFalse, "\(subject) (\(reason)), but its POST left")]
    }

    /// "What came back for the POST of the intent; `http` is 0 where nothing did."
    static func asked(_ id: IntentID, http: Int, in world: JudgedWorld) -> [Finding] {
        guard let intent = world.intents[id] else {
            if world.wasDamaged { return [] }
            return [Finding(.askedFalse, "intent \(id.number) was asked and never durable")]
        }
        let subject = "asked \(http) for intent \(id.number) of \(intent.record.operation.name)"
        if intent.postedAt == nil, !intent.isOrphan {
            return [Finding(.askedFalse, "\(subject), which was not sent")]
        }
        if intent.isAnswerDurable {
            return [Finding(.askedFalse, "\(subject) a second time")]
        }
        let isSuccess = (200..<300).contains(http)
        let isFalse =
            switch intent.answer {
            case .accepted: !isSuccess
            case .error: false
            case .notSent: true
            case .wordless: isSuccess
            case .lost: isSuccess
            case nil: http != 0
            }
        guard isFalse else { return [] }
        return [Finding(.askedFalse, "\(subject), but the answer was otherwise")]
    }
}
