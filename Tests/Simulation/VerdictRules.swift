import OpwatchCore
import WireFormat

/// The fields of a `verdict` record that are judged.
struct Proof: Sendable {
    let identity: OperationIdentity
    let id: IntentID?
    let verdict: Verdict
    let isLate: Bool
}

/// What must be true of a verdict: it is the one end of its intents, and it is true.
enum VerdictRules {
    static func findings(_ proof: Proof, in world: JudgedWorld) -> [Finding] {
        let subject = "\(proof.identity.name) is recorded as \(proof.verdict.rawValue)"
        guard let tracked = world.tracked(proof.identity) else {
            return TrackingRules.untracked(subject, in: world)
        }
        let intents = tracked.intents.compactMap { world.intents[$0] }
        let checks: [(RuleName, String?)] = [
            (.verdictWithoutIntent, strange(proof, world)),
            (.verdictTwice, second(proof, tracked)),
            (.lateWithoutFirst, unfounded(proof, tracked)),
            (.verdictBeforeAsked, unasked(intents)),
            (.verdictFalse, falsehood(proof, tracked, intents, world)),
        ]
        return checks.compactMap { rule, story in
            story.map { Finding(rule, "\(subject), \($0)") }
        }
    }

    /// "No `intent` where none of ours led to it": then it is `cancelledByOther`, or a late end.
    private static func strange(_ proof: Proof, _ world: JudgedWorld) -> String? {
        guard let id = proof.id else {
            let isAllowed = proof.verdict == .cancelledByOther || proof.isLate
            return isAllowed ? nil : "with no intent"
        }
        guard let intent = world.intents[id] else {
            return world.wasDamaged ? nil : "with intent \(id.number), which is not durable"
        }
        if intent.record.operation == proof.identity { return nil }
        return "with intent \(id.number) of \(intent.record.operation.name)"
    }

    /// Exactly one verdict for what was asked of an operation, and one late end behind it.
    private static func second(_ proof: Proof, _ tracked: TrackedLife) -> String? {
        if proof.isLate { return proof.verdict.leavesRunning ? "which is no late end" : nil }
        if let settled = tracked.settled { return "but it was \(settled.rawValue) before" }
        guard let id = proof.id, !tracked.openIntents.contains(id) else { return nil }
        // What was asked before the latest intent was withdrawn ends under the number of that.
        if id == tracked.intents.last, !tracked.openIntents.isEmpty { return nil }
        return "but intent \(id.number) is not open"
    }

    /// "`refused` and `defied` stay; the real end is still written, as `late`."
    private static func unfounded(_ proof: Proof, _ tracked: TrackedLife) -> String? {
        proof.isLate && tracked.settled == nil ? "late, but was not refused or defied" : nil
    }

    /// `asked` before `verdict` where an answer came to this daemon.
    private static func unasked(_ intents: [IntentLife]) -> String? {
        let one = intents.first {
            switch $0.answer {
            case .accepted, .error: $0.isOpen && !$0.isAskedDurable
            case .lost, .wordless, .notSent, nil: false
            }
        }
        return one.map { "but the answer to intent \($0.record.id.number) is not durable" }
    }

    /// The table of section 4: what a GET must show for each verdict.
    private static func falsehood(
        _ proof: Proof, _ tracked: TrackedLife, _ intents: [IntentLife], _ world: JudgedWorld
    ) -> String? {
        let place = proof.id.flatMap { world.intents[$0]?.life } ?? tracked.life
        guard let place, let name = world.name(proof.identity) else { return nil }
        let life = world.lives[place]
        let end = life.endedAt == nil ? "has not ended" : "ended with code \(life.code)"
        let isEndedWith = { (code: Int) in life.endedAt != nil && life.code == code }
        switch proof.verdict {
        case .cancelled:
            // A refusal may be taken for asked where a GET shows the flag or the end.
            let isOurs = intents.contains {
                switch $0.outcome {
                case .accepted, .unanswered, .refused, .refusedForNow: !$0.isWithdrawn
                case .denied, .notSent: false
                }
            }
            if !isEndedWith(1) { return "but \(end)" }
            return isOurs || world.wasDamaged ? nil : "but no cancel of ours can have arrived"
        case .cancelledByOther:
            if !isEndedWith(1) { return "but \(end)" }
            return intents.contains(where: \.mayHaveArrived)
                ? "but a cancel of ours may have arrived" : nil
        case .finishedAnyway: return isEndedWith(0) ? nil : "but \(end)"
        case .failedOtherwise:
            return life.endedAt != nil && life.code != 0 && life.code != 1 ? nil : "but \(end)"
        case .vanished: return notGone(proof, place, name, world)
        case .refused: return notRefused(name, intents, world)
        case .defied: return notDefied(name, life, intents, world)
        }
    }

    /// "404 twice, the lesser of 60 s and `within`/2 apart", or a younger operation has its name.
    private static func notGone(
        _ proof: Proof, _ place: Int, _ name: NameView, _ world: JudgedWorld
    ) -> String? {
        // Shown with another creation time than its own, it may pass for a younger one.
        if world.lives[place].wasShownOddly { return nil }
        if let story = TrackingRules.notGone(place, name) { return story }
        guard name.lives.last == place, !proof.isLate, let notFound = name.notFound else {
            return nil
        }
        let within = proof.id.flatMap { world.intents[$0]?.within } ?? .zero
        let least = min(.seconds(60), min(within, world.policy?.verifyWithin ?? within) / 2)
        let apart = notFound.lastAt.duration(since: notFound.firstAt)
        let swing = world.endpoint(proof.identity.endpoint.description).swing + .seconds(2)
        return apart < least - swing ? "but its answers of 404 are \(apart) apart" : nil
    }

    /// A GET behind the last attempt showed it running, and none its end until the verdict: one
    /// that the disk did not take waits, and the end comes behind it as a late one.
    private static func notRunning(
        _ name: NameView, _ intents: [IntentLife], _ world: JudgedWorld
    ) -> String? {
        if let last = name.lastAnswer, last.shown?.isDone ?? false,
            world.heldSince.map({ last.at < $0 }) ?? true
        {
            return "but the last GET showed its end"
        }
        let last = intents.last { $0.postedAt != nil }?.postedAt ?? .earliest
        let isShown = name.shownRunningAt.map { $0 >= last } ?? false
        return isShown ? nil : "but no GET since showed it running"
    }

    /// "A refusal; and a GET says still running": at once, or after `attempts` that may pass.
    private static func notRefused(
        _ name: NameView, _ intents: [IntentLife], _ world: JudgedWorld
    ) -> String? {
        if let story = notRunning(name, intents, world) { return story }
        if intents.contains(where: { $0.outcome == .refused }) { return nil }
        let count = intents.count { $0.outcome == .refusedForNow }
        let due = leastAttempts(intents, world)
        return count < due ? "after \(count) refusals of \(due)" : nil
    }

    /// "Still running after `within` and a 2xx, `attempts` times"; unanswered: ten times. A window
    /// with the cancel flag counts as an attempt, and so does a refusal behind what may have
    /// arrived.
    private static func notDefied(
        _ name: NameView, _ life: TrueLife, _ intents: [IntentLife], _ world: JudgedWorld
    ) -> String? {
        if let story = notRunning(name, intents, world) { return story }
        func count(_ meanings: [AnswerMeaning]) -> Int {
            intents.count { !$0.isWithdrawn && meanings.contains($0.outcome) }
        }
        guard let last = intents.last(where: { $0.postedAt != nil || $0.isOrphan }) else {
            return "but was never asked"
        }
        let within = min(last.within, world.policy?.verifyWithin ?? last.within)
        let swing = world.endpoint(life.operation.endpoint).swing + .seconds(2)
        let waited = world.now.duration(since: last.postedAt ?? last.durableAt)
        if last.outcome == .accepted, waited < within - swing {
            return "\(waited) after its last attempt, due \(within)"
        }
        if life.wasShownFlagged || count([.unanswered]) >= 10 { return nil }
        let isAsIf = count([.unanswered]) > 0 || count([.accepted]) > 0
        let accepted =
            isAsIf ? count([.accepted, .refused, .refusedForNow]) : count([.accepted])
        let due = leastAttempts(intents, world)
        return accepted < due ? "after \(accepted) accepted attempts of \(due)" : nil
    }

    private static func leastAttempts(_ intents: [IntentLife], _ world: JudgedWorld) -> Int {
        let first = intents.first?.attempts ?? 1
        return min(first, world.policy?.verifyAttempts ?? first)
    }
}
