import OpwatchCore
import WireFormat

/// What a rule's action needs and what it has no use for.
struct ActionCheck {
    let problems: ProblemList

    /// - Parameter section: the rule, for what it has and where.
    func check(_ draft: RuleDraft, _ section: Section, warnBefore: Located<Duration>?) {
        guard let action = draft.action else { return }
        if action.value != .ignore, section["timeouts"] == nil {
            problems.error(
                "\(draft.label) has action \(action.value.rawValue) and needs timeouts",
                at: action.mark)
        }
        if action.value != .cancel, let entry = section["warn_before"] {
            problems.error(
                "warn_before is for rules with action cancel, not \(action.value.rawValue)",
                at: entry.keyMark)
        }
        switch action.value {
        case .cancel:
            checkCancel(draft, section, action: action.mark)
            if let warnBefore { checkNotice(warnBefore, of: draft) }
        case .warn:
            break
        case .ignore:
            if let entry = section["timeouts"] {
                problems.error(
                    "timeouts has no effect in a rule with action ignore", at: entry.keyMark)
            }
            if let match = draft.match { NotEqualCheck(problems: problems).check(match) }
        }
    }

    private func checkCancel(_ draft: RuleDraft, _ section: Section, action: Mark) {
        if section["match"] == nil {
            problems.error(
                "\(draft.label) has action cancel and needs a match; "
                    + "'name:*' takes every operation", at: action)
        }
        if section["warn_before"] == nil {
            problems.warning(
                "\(draft.label) cancels without a warning; warn_before gives people notice",
                at: action)
        }
    }

    private func checkNotice(_ warnBefore: Located<Duration>, of draft: RuleDraft) {
        let shortest = draft.timeouts.min { $0.limit.value < $1.limit.value }
        guard let shortest, warnBefore.value >= shortest.limit.value else { return }
        problems.error(
            "warn_before must be shorter than the rule's shortest timeout (\(shortest.clock) "
                + "\(DurationText.short(shortest.limit.value)))", at: warnBefore.mark)
    }
}
