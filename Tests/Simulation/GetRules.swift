import OpwatchCore
import WireFormat

/// Whether the GET before it allows the cancel.
enum GetRules {
    static let all: [PostingRule] = [stale, otherwise, clocks]

    /// "GET: at most five seconds old."
    private static func stale(_ posting: Posting) -> Finding? {
        guard let get = posting.get else {
            return Finding(.getMissing, "\(posting.subject), but no GET since its intent answered")
        }
        let age = posting.world.now.duration(since: get.sentAt)
        guard age > Limits.freshnessMax else { return nil }
        return Finding(
            .getStale, "\(posting.subject) \(age) after its GET")
    }

    /// "The same name, byte for byte; the same creation time; not done, no cancel flag, no `ignore`
    /// rule; the same rule, clock, timeout and deadline."
    private static func otherwise(_ posting: Posting) -> Finding? {
        guard let get = posting.get else { return nil }
        guard let shown = get.shown else {
            return Finding(.getOtherwise, "\(posting.subject), but its GET found nothing")
        }
        guard let difference = difference(of: shown, posting) else { return nil }
        return Finding(.getOtherwise, "\(posting.subject), but its GET showed \(difference)")
    }

    private static func difference(of shown: Shown, _ posting: Posting) -> String? {
        if shown.name != posting.identity.name { return "the name \(shown.name)" }
        if shown.isDone { return "its end" }
        if shown.isCancelRequested { return "the cancel flag" }
        if posting.tracked?.isCreation ?? true {
            guard let created = shown.created,
                created.isSameInstant(as: posting.intent.record.created)
            else { return "another creation time" }
        }
        let rule = posting.policy.decidingRule(forTeam: shown.team)
        if rule.map({ posting.policy.rules[$0].name }) != posting.intent.record.rule {
            return "the label \(shown.team ?? "none"), which is another rule's"
        }
        return differenceOfClock(in: shown, posting)
    }

    /// Against what the confirming polls showed; without those `notConfirmed` speaks.
    private static func differenceOfClock(in shown: Shown, _ posting: Posting) -> String? {
        guard let since = posting.life.row.count(of: posting.clock).since else { return nil }
        switch posting.clock {
        case .total, .queued: return nil
        case .running:
            let isSame = shown.started.map { $0.isSameInstant(as: since) } ?? false
            return isSame ? nil : "another start time"
        case .stalled: return shown.updated == since ? nil : "another update time"
        }
    }

    /// "Where `Date` is missing or more than five minutes from the local clock nothing of that
    /// service is cancelled": by the GET where its `Date` is told, and by the last page of the
    /// service since; where it is not told, by the last page.
    private static func clocks(_ posting: Posting) -> Finding? {
        guard let get = posting.get else { return nil }
        if get.date == .disagreed {
            return Finding(.clocksDisagree, "\(posting.subject), but the `Date` of its GET is off")
        }
        let service = posting.world.service(posting.intent.record.service)
        // "Tolerated race: behind the permit's last check."
        guard let off = service.disagreedAt,
            off < posting.world.now,
            get.date == .untold || off > get.at, service.agreedAt.map({ $0 < off }) ?? true
        else { return nil }
        return Finding(.clocksDisagree, "\(posting.subject), but the last `Date` was off")
    }
}
