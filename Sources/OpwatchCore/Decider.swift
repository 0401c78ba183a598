package import WireFormat

/// What the journal and the polls hold of one operation; nothing for a new one.
package struct Remembered: Sendable {
    /// The creation time journalled at first sight, or the time first seen.
    package var since: Timestamp
    /// Whether `since` came from the API.
    package var hasCreation: Bool
    /// Whether its start time was told.
    package var isStarted: Bool
    package var warning: Warning?
    package var cancel: CancelHistory?
    /// Whether the open cancel was fetched and may be followed by a new intent.
    package var mayRetryCancel: Bool
    package var stall: StallMemory?

    package init(
        since: Timestamp, hasCreation: Bool = true, isStarted: Bool = false,
        warning: Warning? = nil, cancel: CancelHistory? = nil, mayRetryCancel: Bool = false,
        stall: StallMemory? = nil
    ) {
        self.since = since
        self.hasCreation = hasCreation
        self.isStarted = isStarted
        self.warning = warning
        self.cancel = cancel
        self.mayRetryCancel = mayRetryCancel
        self.stall = stall
    }

    /// What the answer denies of what was known.
    fileprivate func conflict(
        with snapshot: OperationSnapshot, of service: WatchedService
    ) -> String? {
        // A name whose creation time changed may stand for another operation now.
        if hasCreation, let created = snapshot.created.timestamp, !created.isSame(as: since) {
            return "creation time changed from \(since) to \(created)"
        }
        if isStarted, snapshot.started == .absent, !service.fields.startTime.isEmpty {
            return "start time is no longer told, though it had started"
        }
        return nil
    }

    /// The creation time that the answer tells, as far as it tells one operation from another.
    /// Where none is known, one that is still to come may have been so at first sight.
    package func creation(in snapshot: OperationSnapshot) -> Timestamp? {
        hasCreation ? snapshot.created.told : snapshot.created.timestamp
    }

    /// Whether the name has been given to a younger operation.
    package func isRenewed(in snapshot: OperationSnapshot) -> Bool {
        // Without a creation time it is known since when it was there: nothing younger is the same.
        guard let created = creation(in: snapshot) else { return false }
        return created > since && !created.isSame(as: since)
    }

    /// Why the answer may be about another operation of the name.
    /// - Parameters:
    ///   - now: the service's time; nil where that is not known.
    ///   - before: the doubt that the poll before this one left.
    package func doubt(
        in snapshot: OperationSnapshot, at now: Timestamp?, before: IdentityDoubt?
    ) -> IdentityDoubt? {
        if isRenewed(in: snapshot) || isContradicted(by: snapshot, at: now) {
            return .otherCreation
        }
        guard let created = creation(in: snapshot) else {
            // What showed another one may still do so.
            if before == .otherCreation { return before }
            return snapshot.isDone && hasCreation ? .endWithoutCreation : nil
        }
        guard snapshot.isDone, hasCreation else { return nil }
        return created.isSame(as: since) ? nil : .otherCreation
    }

    /// Whether the known creation time was a lie, by an answer that tells another one: it is still
    /// to come. The answer is about another operation, or tells the truth about this one.
    /// - Parameter now: the service's time; nil where that is not known.
    package func isContradicted(by snapshot: OperationSnapshot, at now: Timestamp?) -> Bool {
        guard let now, since > now.advanced(by: Limits.clockDifferenceMax) else { return false }
        return isEarlier(in: snapshot)
    }

    /// Whether the answer is about an older operation of the name: an image that lags.
    package func isEarlier(in snapshot: OperationSnapshot) -> Bool {
        guard hasCreation, let created = snapshot.created.told else { return false }
        return created < since && !created.isSame(as: since)
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
    ///   - clocksAgree: whether `now` is the service's time and close to ours; without that no
    ///     warning is given a second time.
    ///   - remembered: nil for an operation never seen before.
    ///   - now: server time of the answer (`Date` header).
    package static func decide(
        _ sighting: Sighting, under plan: ServicePlan, mode: Mode, clocksAgree: Bool = true,
        remembered: Remembered?, at now: Timestamp
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
            let conflict = remembered?.conflict(with: snapshot, of: plan.service)
            if let problem = snapshot.problem ?? conflict {
                return .keep(.unusable(problem))
            }
            // With our own flag visible only the waiting repeats, whatever window has ended.
            if snapshot.isCancelRequested {
                return isOurs ? .verify : .keep(.cancelRequestedByOther)
            }
            let due = earliestDue(snapshot, rule: rule, under: plan, remembered, at: now)
            guard let due else { return .keep(.noClock) }
            let given = remembered.flatMap {
                notice(
                    in: $0, for: due, of: plan.rules[rule], mode, clocksAgree: clocksAgree, at: now)
            }
            return decide(due, rule: plan.rules[rule].rule, given, at: now)
        }
    }

    private static func decide(
        _ due: Due, rule: Rule, _ given: Notice?, at now: Timestamp
    ) -> Decision {
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
            guard case .promised(let since) = given else { return .keep(.warned(due)) }
            let end = since.advanced(by: notice)
            return now >= end ? .cancel(due) : .keep(.noticeUntil(end, due))
        }
    }

    /// What people were told of a deadline.
    private enum Notice: Equatable {
        /// Of this deadline, but not in a way that a cancel may follow.
        case told
        /// As the rule promises, at this server time.
        case promised(Timestamp)
    }

    /// The written warning, if it is one of this deadline.
    ///
    /// It is void when the rule, its clock or timeout is another, or when the clock was reset.
    /// A stalled deadline moves with every gap, so for it a reset is a later change.
    private static func notice(
        in remembered: Remembered, for due: Due, of bound: ServicePlan.BoundRule, _ mode: Mode,
        clocksAgree: Bool, at now: Timestamp
    ) -> Notice? {
        let rule = bound.rule
        guard let warning = remembered.warning, warning.rule == rule.name,
            warning.clock == due.clock, warning.timeout == due.timeout,
            warning.ruleHash == nil || warning.ruleHash == bound.hash
        else { return nil }
        let isSameRun =
            due.clock == .stalled
            ? remembered.stall.map { warning.at > $0.changedAt } ?? false
            : warning.deadline.isSame(as: due.deadline)
        guard isSameRun else { return nil }
        // A clock that was ahead wrote it: until then it would promise, and tell nobody.
        if clocksAgree, warning.at > now.advanced(by: Limits.clockDifferenceMax) { return nil }
        // Observe mode cancels nothing, whatever was promised.
        if rule.action != .cancel || mode == .observe || warning.isNotice {
            return .promised(warning.at)
        }
        // Whoever can promise now does so once more; until then it was told.
        return clocksAgree ? nil : .told
    }

    /// The clock of the rule whose deadline comes first; nil when none of them runs.
    private static func earliestDue(
        _ snapshot: OperationSnapshot, rule: Int, under plan: ServicePlan,
        _ remembered: Remembered?, at now: Timestamp
    ) -> Due? {
        var earliest: Due?
        for clock in Clock.allCases {
            guard let due = due(clock, snapshot, rule: rule, under: plan, remembered, at: now)
            else { continue }
            if let best = earliest, best.deadline <= due.deadline { continue }
            earliest = due
        }
        return earliest
    }

    /// The deadline of one clock; nil where it has no timeout or does not run.
    private static func due(
        _ clock: Clock, _ snapshot: OperationSnapshot, rule: Int, under plan: ServicePlan,
        _ remembered: Remembered?, at now: Timestamp
    ) -> Due? {
        guard let timeout = plan.rules[rule].rule.timeouts[clock],
            let age = age(clock, snapshot, of: plan.service, remembered, at: now)
        else { return nil }
        return Due(
            rule: rule, clock: clock, timeout: timeout,
            deadline: now.advanced(by: timeout - age), age: age)
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
            guard let stall = remembered?.stall, stall.isUnchanged(in: snapshot) else {
                return nil
            }
            return stall.stalledFor
        }
    }
}

// MARK: For people

extension Decider {
    /// What the clocks of the deciding rule show, and the notice of the first deadline: what a
    /// decision was made from. Nothing of an operation that no rule may decide about.
    /// - Parameters: those of `decide`.
    static func grounds(
        _ sighting: Sighting, under plan: ServicePlan, mode: Mode, clocksAgree: Bool,
        remembered: Remembered?, at now: Timestamp
    ) -> (clocks: [ClockStanding], notice: NoticeStanding) {
        let snapshot = sighting.snapshot
        guard !snapshot.isDone, case .matched(let rule) = sighting.ruling,
            snapshot.problem == nil,
            remembered?.conflict(with: snapshot, of: plan.service) == nil
        else { return ([], .none) }
        let bound = plan.rules[rule]
        let clocks = Clock.allCases.compactMap { clock in
            bound.rule.timeouts[clock].map { timeout in
                ClockStanding(
                    clock: clock, timeout: timeout,
                    due: due(clock, snapshot, rule: rule, under: plan, remembered, at: now))
            }
        }
        guard bound.rule.action == .cancel, let length = bound.rule.warnBefore,
            let first = earliestDue(snapshot, rule: rule, under: plan, remembered, at: now)
        else { return (clocks, .none) }
        let given = remembered.flatMap {
            notice(in: $0, for: first, of: bound, mode, clocksAgree: clocksAgree, at: now)
        }
        switch given {
        case nil: return (clocks, .owed(length))
        case .told: return (clocks, .told)
        case .promised(let since):
            return (clocks, .given(until: since.advanced(by: length)))
        }
    }
}
