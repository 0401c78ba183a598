import OpwatchCore
import WireFormat

/// What must be true of the records about operations that are watched: `seen` once, then facts,
/// then one end.
enum TrackingRules {
    /// No record is about an operation that is not tracked. After damage the trail is not whole.
    static func untracked(_ subject: String, in world: JudgedWorld) -> [Finding] {
        world.wasDamaged ? [] : [Finding(.untracked, "\(subject), which is not tracked")]
    }

    /// "An operation was listed for the first time by this partition": once until its end. "Done at
    /// first sight: not tracked."
    static func seen(_ seen: JournalRecord.Seen, in world: JudgedWorld) -> [Finding] {
        let identity = OperationIdentity(endpoint: seen.partition.endpoint, name: seen.name)
        if world.tracked(identity) != nil, !world.wasDamaged {
            return [Finding(.seenTwice, "\(seen.name) is seen while it is tracked")]
        }
        // The journal may take it late, when a younger one has the name.
        let lives = world.name(identity)?.lives ?? []
        if lives.contains(where: { world.lives[$0].wasShownRunning }) { return [] }
        return [Finding(.seenFalse, "\(seen.name) is seen, but no page showed it running")]
    }

    /// A fact that is written about what is tracked, and not again while it holds.
    static func once(
        _ identity: OperationIdentity, _ record: JournalRecord, in world: JudgedWorld,
        holds: (TrackedLife) -> Bool
    ) -> [Finding] {
        guard let tracked = world.tracked(identity) else {
            return untracked("\(identity.name) has a record", in: world)
        }
        guard holds(tracked) else { return [] }
        return [Finding(.repeated, "\(identity.name): \(record) says what is written already")]
    }

    /// "A warning is due D before the deadline"; notice: "written in `enforce`, by a `cancel`
    /// rule".
    static func warned(_ warned: JournalRecord.Warned, in world: JudgedWorld) -> [Finding] {
        let name = warned.operation.name
        guard let tracked = world.tracked(warned.operation) else {
            return untracked("\(name) is warned of", in: world)
        }
        var findings: [Finding] = []
        guard let rule = world.rule(named: warned.rule, timeout: warned.timeout, of: warned.clock)
        else {
            return [Finding(.warnedFigures, "\(name) is warned of by a rule that no policy has")]
        }
        let due = warned.deadline.advanced(by: .zero - (rule.warnBefore ?? .zero))
        if warned.at < due.advanced(by: .seconds(-1)) {
            findings.append(Finding(.warnedFigures, "\(name) is warned of before it is due"))
        }
        let end = tracked.since.advanced(by: warned.timeout)
        let off = warned.deadline.duration(since: end)
        // "The creation time that the answer tells": one that was shown otherwise than it is, or
        // left out at first sight, has the deadline of what was shown.
        let isOdd = world.isShownOddly(warned.operation)
        if warned.clock == .total, !isOdd, off < .seconds(-1) || off > .seconds(1) {
            findings.append(Finding(.warnedFigures, "\(name) has a deadline that is \(off) off"))
        }
        let isEnforced = world.policies.contains { policy in
            policy.mode == .enforce && policy.rules.contains(rule)
        }
        if warned.isNotice, !(warned.mode == .enforce && rule.action == .cancel && isEnforced) {
            findings.append(
                Finding(.noticeFalse, "\(name) has notice by \(rule.name) in \(warned.mode)"))
        }
        return findings
    }

    /// "Done without a cancel of ours being open; `code` is 0 for success"; code 1 without any
    /// cancel of ours is `cancelledByOther`.
    static func finished(
        _ identity: OperationIdentity, code: Int64, in world: JudgedWorld
    ) -> [Finding] {
        guard let tracked = world.tracked(identity) else {
            return untracked("\(identity.name) is finished", in: world)
        }
        var findings = openCancel(identity, tracked, in: world)
        if let life = tracked.life.map({ world.lives[$0] }) {
            // Without a creation time nobody can tell whose end it is that a list shows: that of
            // another operation of the name, too.
            let lives = world.name(identity)?.lives ?? []
            let isOdd = lives.contains { world.lives[$0].wasShownOddly }
            if !tracked.isCreation || life.wasShownOddly || isOdd { return findings }
            if life.endedAt == nil {
                findings.append(Finding(.endFalse, "\(identity.name) is finished, but runs"))
            } else if Int64(life.code) != code {
                let story = "\(identity.name) is finished with \(code), truly with \(life.code)"
                findings.append(Finding(.endFalse, story))
            } else if code == 1 {
                let story = "\(identity.name) is finished with 1, which is cancelledByOther"
                findings.append(Finding(.endFalse, story))
            }
        }
        return findings
    }

    /// "Gone without a cancel of ours being open": 404 twice, or a younger one has its name.
    static func vanished(_ identity: OperationIdentity, in world: JudgedWorld) -> [Finding] {
        guard let tracked = world.tracked(identity), let name = world.name(identity) else {
            return untracked("\(identity.name) is vanished", in: world)
        }
        var findings = openCancel(identity, tracked, in: world)
        // Shown with another creation time than its own, it may pass for a younger one.
        let isOdd = tracked.life.map { life in
            world.lives[life].wasShownOddly
                || world.lives[life].operation.created > tracked.since
        }
        if isOdd != true, let story = tracked.life.flatMap({ notGone($0, name) }) {
            findings.append(Finding(.endFalse, "\(identity.name) is vanished, \(story)"))
        }
        return findings
    }

    /// "Dropped from the policy: an open attempt is verified to its end, the rest closes."
    static func dropped(_ identity: OperationIdentity, in world: JudgedWorld) -> [Finding] {
        guard let tracked = world.tracked(identity) else {
            return untracked("\(identity.name) is dropped", in: world)
        }
        // What was refused or defied has its verdict: that its end is not waited for is no loss.
        // Nor is anybody left to wait where the policy no longer watches its parent.
        let operation = tracked.life.map { world.lives[$0].operation }
        let isWatched = operation.map {
            world.policy?.service(at: $0.endpoint, parent: $0.parent) != nil
        }
        return tracked.settled == nil && isWatched != false
            ? openCancel(identity, tracked, in: world) : []
    }

    /// What became of a cancel that may have arrived is told by a verdict, and the end of what was
    /// refused or defied by a late one.
    private static func openCancel(
        _ identity: OperationIdentity, _ tracked: TrackedLife, in world: JudgedWorld
    ) -> [Finding] {
        let isOpen = tracked.openIntents.contains { world.intents[$0]?.mayHaveArrived ?? false }
        guard isOpen || tracked.settled != nil else { return [] }
        return [Finding(.endOpenCancel, "\(identity.name) is closed without its verdict")]
    }

    /// nil where it is gone by what the daemon was shown.
    static func notGone(_ place: Int, _ name: NameView) -> String? {
        if let last = name.lives.last, last != place { return nil }
        let count = name.notFound?.count ?? 0
        return count < 2 ? "after \(count) answers of 404 in a row" : nil
    }
}
