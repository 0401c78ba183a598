package import WireFormat

/// How things are with one operation: what every rule makes of it, how far its clocks are, and all
/// that stands between it and a cancel.
package struct OperationStanding: Sendable {
    /// The service's name.
    package let service: String
    package let name: String
    /// Every rule that looks at the service, in the order of the policy; empty for one that is
    /// done.
    package let rules: [RuleStanding]
    /// The clocks of the deciding rule that have a timeout.
    package let clocks: [ClockStanding]
    package let notice: NoticeStanding
    /// Whether the journal holds it.
    package let isTracked: Bool
    /// Whether it runs and the service's `filter` does not hold for it.
    package let isFilteredOut: Bool
    /// Time since creation; nil when done or not told.
    private let sinceCreation: Duration?
    package internal(set) var decision: Decision
    /// Everything that shuts the gate, in the gate's order, whether a cancel is wanted or not.
    package var refusals: [GateRefusal] = []

    /// What the daemon would make of an answer.
    /// - Parameters:
    ///   - rules: of the row that was read, on the same plan.
    ///   - parent: lists it; nil where nobody knows.
    ///   - remembered: nil for an operation never seen before.
    ///   - now: server time of the answer.
    package init(
        _ sighting: Sighting, rules: [RuleStanding], listedBy parent: String?,
        under plan: ServicePlan, mode: Mode, clocksAgree: Bool, remembered: Remembered?,
        at now: Timestamp
    ) {
        let snapshot = sighting.snapshot
        service = plan.service.name
        name = snapshot.name
        self.rules = rules
        isTracked = remembered != nil
        isFilteredOut = !sighting.passesFilter && !snapshot.isDone
        sinceCreation =
            snapshot.isDone ? nil : snapshot.created.timestamp.map { now.duration(since: $0) }
        guard !isFilteredOut else {
            (clocks, notice) = ([], .none)
            decision = .keep(.noRule)
            return
        }
        (clocks, notice) = Decider.grounds(
            sighting, under: plan, mode: mode, clocksAgree: clocksAgree, remembered: remembered,
            at: now)
        let decided = Decider.decide(
            sighting, under: plan, mode: mode, clocksAgree: clocksAgree, remembered: remembered,
            at: now)
        decision =
            parent.map { parent in
                decided.kept(
                    outside: ParentScope(parent, plan.service.names), snapshot.name,
                    reason: "name lies outside \(parent), which lists it")
            } ?? decided
    }

    /// The rule that speaks for it; nil where none does.
    package var rule: String? {
        (rules.first { $0.part.isProtection } ?? rules.first { $0.part == .decides })?.rule
    }

    /// What the deciding clock shows, else the time since creation; nil when done or not known.
    package var age: Duration? { decision.due?.age ?? sinceCreation }

    /// Whether it still runs and the service's filter holds for it.
    package var isLive: Bool {
        if case .finished = decision { return false }
        return !isFilteredOut
    }
}
