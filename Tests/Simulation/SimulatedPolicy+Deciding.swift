import OpwatchCore
import WireFormat

extension SimulatedPolicy {
    /// The rule that decides for an operation with this label, by its place; nil where none
    /// matches.
    ///
    /// "An `ignore` rule that matches wins, wherever it stands. Else the first rule that matches
    /// decides, whatever its action."
    func decidingRule(forTeam team: String?) -> Int? {
        var first: Int?
        for index in rules.indices where rules[index].matches(team: team) {
            if rules[index].action == .ignore { return index }
            if first == nil { first = index }
        }
        return first
    }

    /// nil where the policy has no such service.
    func service(named name: String) -> SimulatedServicePolicy? {
        services.first { $0.name == name }
    }

    /// The service that lists this parent, if any.
    func service(at endpoint: String, parent: String) -> SimulatedServicePolicy? {
        services.first { $0.endpoint == endpoint && $0.parents.contains(parent) }
    }
}

extension SimulatedRule {
    /// Whether the rule looks at operations with this label.
    func matches(team label: String?) -> Bool {
        team == nil || team == label
    }

    /// The timeout of one clock, nil where it is not set.
    func timeout(of clock: Clock) -> Duration? {
        switch clock {
        case .total: total
        case .queued: nil
        case .running: running
        case .stalled: stalled
        }
    }

    /// "For the same clock and timeout, by a rule of the same action, match and notice": whether a
    /// warning of the other rule counts as notice for this one.
    func sharesNotice(with other: SimulatedRule, of clock: Clock) -> Bool {
        name == other.name && action == other.action && team == other.team
            && warnBefore == other.warnBefore && timeout(of: clock) == other.timeout(of: clock)
    }
}
