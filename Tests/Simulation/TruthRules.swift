import OpwatchCore
import WireFormat

/// Whether the truth allows the cancel.
enum TruthRules {
    static let all: [PostingRule] = [namesake, protected, wrongRule, notOverdue]

    /// "The same creation time": the operation that has the name now is the one that was decided
    /// on.
    private static func namesake(_ posting: Posting) -> Finding? {
        guard let now = posting.world.trueLife(of: posting.identity),
            now.operation.number != posting.life.operation.number
        else { return nil }
        return Finding(
            .namesakeHit, "\(posting.subject), but the name is \(now.operation.number)'s now")
    }

    /// "An `ignore` rule that matches wins, wherever it stands."
    private static func protected(_ posting: Posting) -> Finding? {
        guard let rule = posting.rule, rule.action == .ignore else { return nil }
        return Finding(.protectedHit, "\(posting.subject), but \(rule.name) protects it")
    }

    /// "The same rule wins, action `cancel`, the same clock and timeout."
    private static func wrongRule(_ posting: Posting) -> Finding? {
        let record = posting.intent.record
        guard let rule = posting.rule else {
            return Finding(.wrongRule, "\(posting.subject), but no rule matches it")
        }
        if rule.action == .ignore { return nil }
        if rule.action == .cancel, rule.name == record.rule,
            rule.timeout(of: record.clock) == record.timeout
        {
            return nil
        }
        return Finding(
            .wrongRule,
            "\(posting.subject) by \(record.rule) (\(record.clock) \(record.timeout)), but "
                + "\(rule.name) (\(rule.action.rawValue)) decides")
    }

    /// "An operation is overdue strictly after the deadline"; "times count by server time".
    ///
    /// The tolerance is what the service's own `Date`s allow: the `Date` of the GET where the trace
    /// tells it, else true time and the most that a `Date` was ahead of it so far. What `stalled`
    /// has counted is known by the polls alone: see `PollRules`.
    private static func notOverdue(_ posting: Posting) -> Finding? {
        let life = posting.life
        let since: Timestamp?
        switch posting.clock {
        case .total where posting.tracked?.isCreation == false && life.row.created == nil:
            since = life.row.firstDate.map { max($0, life.operation.created) }
        case .total: since = life.operation.created.orCoarser(life.row.created)
        case .running: since = life.startedAt?.orCoarser(life.row.count(of: .running).since)
        case .stalled: return nil
        case .queued: since = nil
        }
        let timeout = posting.intent.record.timeout
        guard let since else {
            return Finding(.notOverdue, "\(posting.subject), but its \(posting.clock) never ran")
        }
        let age = posting.serverTime.duration(since: since)
        guard age <= timeout else { return nil }
        return Finding(
            .notOverdue, "\(posting.subject) at \(posting.clock) \(age), timeout \(timeout)")
    }
}
