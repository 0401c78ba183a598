import OpwatchCore
import WireFormat

/// Whether the polls allow the cancel.
enum PollRules {
    static let all: [PostingRule] = [
        notListed, notConfirmed, warnOnly, pageOtherwise, pollCap, hourCap,
    ]

    /// "The operation was listed by the last complete poll of a parent of this policy"; "no
    /// complete poll for three intervals: nothing of that parent is cancelled", and another poll
    /// may take as long as the last one did. A poll that is complete at the very moment of the POST
    /// may come behind the permit's last check.
    private static func notListed(_ posting: Posting) -> Finding? {
        guard let partition = posting.partition, partition.isWatched,
            let poll = posting.life.row.poll, let completedAt = partition.completedAt,
            poll.ordinal >= partition.ordinal - (completedAt == posting.world.now ? 1 : 0),
            poll.gap == partition.gap
        else {
            return Finding(.notListed, "\(posting.subject), but the last complete poll lacks it")
        }
        let age = posting.world.now.duration(since: completedAt)
        let walk = partition.walkTime + Limits.requestTimeout
        guard age - walk > partition.interval * 3 else { return nil }
        return Finding(.notListed, "\(posting.subject) \(age) after the last complete poll")
    }

    /// "`confirmations`: complete polls in a row in which it was overdue", by the clock of the
    /// intent and under the policy in force.
    private static func notConfirmed(_ posting: Posting) -> Finding? {
        let row = posting.life.row
        let isCurrent =
            row.poll?.policy == posting.policyNumber && row.rule == posting.decidingRule
        let count = isCurrent ? row.count(of: posting.clock).confirmations : 0
        guard count < posting.policy.confirmations else { return nil }
        return Finding(
            .notConfirmed,
            "\(posting.subject) after \(count) complete polls in a row that found its "
                + "\(posting.clock) over, due \(posting.policy.confirmations)")
    }

    /// "The first complete poll after a start, a gap or a jump of the local clock only warns." A
    /// jump behind the intent may come behind the permit's last check.
    private static func warnOnly(_ posting: Posting) -> Finding? {
        guard let partition = posting.partition,
            partition.isWarnOnly(forIntentAt: posting.intent.durableAt)
        else { return nil }
        return Finding(
            .warnOnlyPoll,
            "\(posting.subject) on the first complete poll after a start, gap or jump")
    }

    /// "Everything below must hold, on this answer and on any page that was read meanwhile."
    ///
    /// A page of the very moment of the POST is allowed: which was first is not known.
    private static func pageOtherwise(_ posting: Posting) -> Finding? {
        guard let over = posting.life.shownOverAt, over > posting.intent.durableAt,
            over < posting.world.now
        else { return nil }
        return Finding(
            .pageOtherwise, "\(posting.subject), but a page since its intent showed an end or flag")
    }

    /// "`cancels_per_poll`, per parent": counted by the complete poll that came before the intent;
    /// what was not sent is given back.
    private static func pollCap(_ posting: Posting) -> Finding? {
        guard let poll = posting.intent.poll else { return nil }
        let world = posting.world
        let before = world.recentPosts.count { id in
            guard let other = world.intents[id], id != posting.intent.record.id,
                other.outcome != .notSent, let otherPoll = other.poll
            else { return false }
            return otherPoll == poll
        }
        guard before >= posting.policy.cancelsPerPoll else { return nil }
        return Finding(
            .pollCap, "\(posting.subject) behind \(before) of the same poll of its parent")
    }

    /// "`cancels_per_hour` by the server times of the intents; a cancel that was refused costs
    /// nothing."
    private static func hourCap(_ posting: Posting) -> Finding? {
        let world = posting.world
        // The intent is as old as its GET may be.
        let late = Limits.freshnessMax
        let hourAgo = posting.intent.record.serverTime.advanced(by: late - .seconds(3_600))
        let before = world.recentPosts.count { id in
            guard let other = world.intents[id], id != posting.intent.record.id else {
                return false
            }
            return switch other.outcome {
            case .accepted, .unanswered: other.record.serverTime > hourAgo
            case .notSent, .refused, .refusedForNow, .denied: false
            }
        }
        guard before >= posting.policy.cancelsPerHour else { return nil }
        return Finding(.hourCap, "\(posting.subject) behind \(before) in an hour of server time")
    }
}
