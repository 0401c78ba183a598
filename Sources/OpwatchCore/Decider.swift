package import WireFormat

/// What the journal and the polls hold of one operation; nothing for a new one.
package struct Remembered: Sendable {
    /// The creation time journalled at first sight, or the time first seen.
    package var since: Timestamp
    /// Whether `since` came from the API.
    package var hasCreation: Bool
    package var warning: Warning?
    package var cancel: CancelHistory?
    /// Whether the open cancel was looked up and may be followed by a new intent.
    package var mayRetryCancel: Bool
    package var stall: StallMemory?

    package init(
        since: Timestamp, hasCreation: Bool = true, warning: Warning? = nil,
        cancel: CancelHistory? = nil, mayRetryCancel: Bool = false, stall: StallMemory? = nil
    ) {
        self.since = since
        self.hasCreation = hasCreation
        self.warning = warning
        self.cancel = cancel
        self.mayRetryCancel = mayRetryCancel
        self.stall = stall
    }

    /// A name whose creation time changed may stand for another operation now.
    fileprivate func conflict(with snapshot: OperationSnapshot) -> String? {
        guard hasCreation, let created = snapshot.created.timestamp, created != since
        else { return nil }
        return "creation time changed from \(since) to \(created)"
    }
}

/// Decides what is to be done with one operation.
///
/// Pure: equal arguments give equal decisions; reads no clock. Live polls, the gate's fresh GET and
/// `plan` all call this one function.
package enum Decider {
    /// - Parameters:
    ///   - sighting: what the answer says and which rule speaks for it.
    ///   - plan: the service's part of the policy in force.
    ///   - mode: of the policy; a warning of observe mode is no notice in enforce.
    ///   - remembered: nil for an operation never seen before.
    ///   - now: server time of the answer (`Date` header).
    package static func decide(
        _ sighting: Sighting, under plan: ServicePlan, mode: Mode, remembered: Remembered?,
        at now: Timestamp
    ) -> Decision {
        let snapshot = sighting.snapshot
        if snapshot.isDone { return .finished(code: snapshot.outcomeCode) }
        let isOurs = remembered?.cancel?.isOpen ?? false
        if case .ended(let verdict, _)? = remembered?.cancel?.state {
            return .keep(.ended(verdict))
        }
        if isOurs, remembered?.mayRetryCancel != true { return .verify }
        switch sighting.ruling {
        case .unmatched: return .keep(.noRule)
        case .ignored(let rule): return .ignore(rule: rule)
        case .matched(let rule):
            if let problem = snapshot.problem ?? remembered?.conflict(with: snapshot) {
                return .keep(.unusable(problem))
            }
            // With our own flag visible only the waiting repeats, whatever window has ended.
            if snapshot.isCancelRequested {
                return isOurs ? .verify : .keep(.cancelRequestedByOther)
            }
            let due = earliestDue(snapshot, rule: rule, under: plan, remembered, at: now)
            guard let due else { return .keep(.noClock) }
            return decide(due, rule: plan.rules[rule].rule, mode, remembered, at: now)
        }
    }

    private static func decide(
        _ due: Due, rule: Rule, _ mode: Mode, _ remembered: Remembered?, at now: Timestamp
    ) -> Decision {
        let given = remembered.flatMap { warning(of: $0, for: due, of: rule, in: mode) }
        switch rule.action {
        case .ignore: return .keep(.noRule)
        case .warn:
            guard due.isOverdue else { return .keep(.notYet(due)) }
            return given == nil ? .warn(due) : .keep(.warned(due))
        case .cancel:
            guard let notice = rule.warnBefore else {
                return due.isOverdue ? .cancel(due) : .keep(.notYet(due))
            }
            guard let given else {
                return due.age + notice >= due.timeout ? .warn(due) : .keep(.notYet(due))
            }
            guard due.isOverdue else { return .keep(.notYet(due)) }
            let end = given.at.advanced(by: notice)
            return now >= end ? .cancel(due) : .keep(.noticeUntil(end, due))
        }
    }

    /// The written warning, if it is one of this deadline.
    ///
    /// It is void when the rule, its clock or timeout is another, or when the clock was reset.
    /// A stalled deadline moves with every gap, so for it a reset is a later change.
    private static func warning(
        of remembered: Remembered, for due: Due, of rule: Rule, in mode: Mode
    ) -> Warning? {
        guard let warning = remembered.warning, warning.rule == rule.name,
            warning.clock == due.clock, warning.timeout == due.timeout
        else { return nil }
        if rule.action == .cancel, mode == .enforce, warning.mode != .enforce { return nil }
        let isSameRun =
            due.clock == .stalled
            ? remembered.stall.map { warning.at > $0.changedAt } ?? false
            : warning.deadline == due.deadline
        return isSameRun ? warning : nil
    }

    /// The clock of the rule whose deadline comes first; nil when none of them runs.
    private static func earliestDue(
        _ snapshot: OperationSnapshot, rule: Int, under plan: ServicePlan,
        _ remembered: Remembered?, at now: Timestamp
    ) -> Due? {
        var earliest: Due?
        for clock in Clock.allCases {
            guard let timeout = plan.rules[rule].rule.timeouts[clock],
                let age = age(clock, snapshot, of: plan.service, remembered, at: now)
            else { continue }
            let deadline = now.advanced(by: timeout - age)
            if let best = earliest, best.deadline <= deadline { continue }
            earliest = Due(
                rule: rule, clock: clock, timeout: timeout, deadline: deadline, age: age)
        }
        return earliest
    }

    /// What a clock shows; nil where it does not run.
    private static func age(
        _ clock: Clock, _ snapshot: OperationSnapshot, of service: WatchedService,
        _ remembered: Remembered?, at now: Timestamp
    ) -> Duration? {
        switch clock {
        case .total:
            if let created = snapshot.created.timestamp { return now.duration(since: created) }
            guard let remembered, !remembered.hasCreation else { return nil }
            return now.duration(since: remembered.since)
        case .queued:
            guard !service.fields.startTime.isEmpty, snapshot.started == .absent,
                let created = snapshot.created.timestamp
            else { return nil }
            return now.duration(since: created)
        case .running:
            return snapshot.started.timestamp.map { now.duration(since: $0) }
        case .stalled:
            guard let stall = remembered?.stall, stall.isRunning, stall.isUnchanged(in: snapshot)
            else { return nil }
            return stall.stalledFor
        }
    }
}
