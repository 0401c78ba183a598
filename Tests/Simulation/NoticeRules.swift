import OpwatchCore
import WireFormat

/// Whether people had their notice.
enum NoticeRules {
    static let all: [PostingRule] = [notice]

    /// "No cancel before D has passed since the warning. It counts as notice only if it was written
    /// in `enforce`, by a `cancel` rule of the same action, match and notice, for the same clock
    /// and timeout, while the clocks agreed."
    private static func notice(_ posting: Posting) -> Finding? {
        guard let rule = posting.rule, let wait = rule.warnBefore else { return nil }
        let record = posting.intent.record
        let notice = posting.tracked?.notices.first {
            $0.rule.sharesNotice(with: rule, of: record.clock) && $0.warned.clock == record.clock
                && (record.clock == .stalled
                    || $0.warned.deadline.isSameInstant(as: record.deadline))
        }
        guard let notice else {
            return Finding(.noNotice, "\(posting.subject) without a durable notice by \(rule.name)")
        }
        let waited = posting.serverTime.duration(since: notice.warned.at)
        guard waited < wait else { return nil }
        return Finding(.noNotice, "\(posting.subject) \(waited) after its notice, due \(wait)")
    }
}
