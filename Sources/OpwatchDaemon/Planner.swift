package import OpwatchCore
package import WireFormat

/// What would happen to one operation now.
package struct PlannedOperation: Sendable {
    package let service: String
    package let name: String
    /// nil where no rule speaks for it.
    package let rule: String?
    package let decision: Decision
    package let due: Due?
    /// What the deciding clock shows, else the time since creation; nil when done or not known.
    package let age: Duration?
    /// Says why, and what a cancel would still wait for.
    package let reason: String
}

/// Applies a policy to listed operations without changing anything.
///
/// Takes confirmations and rails as met; calls the same decider as the daemon.
package struct Planner {
    private let policy: Policy
    private let plan: ServicePlan
    private let state: WatchState
    private var row = FieldRow()
    private var sightings: [Sighting] = []
    /// Places whose operations the pages say are missing.
    package private(set) var unreachableCount = 0

    /// - Parameter state: what the journal holds; an empty state knows no warning and no cancel.
    package init(_ plan: PolicyPlan, serviceIndex: Int, state: WatchState) {
        policy = plan.policy
        self.plan = plan.services[serviceIndex]
        self.state = state
    }

    /// Reads one list answer.
    /// - Returns: the token of the next page, nil after the last.
    /// - Throws: where the page is not what the API promises; nothing of it counts then.
    package mutating func read(
        _ page: [UInt8], limits: ReadLimits, at now: Timestamp
    ) throws(WireError) -> String? {
        var reader = ListPageReader(page, fields: plan.fields, limits: limits)
        var found: [Sighting] = []
        while try reader.next(into: &row) { found.append(plan.sighting(of: row, at: now)) }
        sightings += found
        unreachableCount += reader.unreachableCount
        return reader.nextPageToken
    }

    /// Every operation read, in the order of the list.
    package func operations(at now: Timestamp) -> [PlannedOperation] {
        sightings.map { planned($0, at: now) }
    }

    private func planned(_ sighting: Sighting, at now: Timestamp) -> PlannedOperation {
        let identity = OperationIdentity(
            endpoint: plan.service.endpoint, name: sighting.snapshot.name)
        let ref = state.find(identity)
        let remembered = ref.map {
            state.remembered($0, memory: PollMemory(), mayRetryCancel: false)
        }
        let decision =
            sighting.passesFilter || sighting.snapshot.isDone
            ? Decider.decide(
                sighting, under: plan, mode: policy.mode, remembered: remembered, at: now)
            : .keep(.noRule)
        let reason =
            sighting.passesFilter || sighting.snapshot.isDone
            ? text(decision, isSeen: ref != nil, identity)
            : "the service's filter does not hold for it"
        let due = due(decision)
        return PlannedOperation(
            service: plan.service.name, name: sighting.snapshot.name,
            rule: rule(sighting.ruling, decision), decision: decision, due: due,
            age: due?.age ?? sighting.snapshot.age(at: now), reason: reason)
    }

    private func rule(_ ruling: Ruling, _ decision: Decision) -> String? {
        if case .finished = decision { return nil }
        switch ruling {
        case .unmatched: return nil
        case .ignored(let index), .matched(let index): return plan.rules[index].rule.name
        }
    }

    private func due(_ decision: Decision) -> Due? {
        switch decision {
        case .warn(let due), .cancel(let due): due
        case .keep(let reason): reason.due
        case .verify, .finished, .ignore: nil
        }
    }

    private func text(
        _ decision: Decision, isSeen: Bool, _ operation: OperationIdentity
    ) -> String {
        switch decision {
        case .finished(code: 0): "done"
        case .finished(let code): "done with code \(code)"
        case .ignore(let rule): "protected by \(plan.rules[rule].rule.name)"
        case .verify: "a cancel of ours is not proven yet"
        case .warn(let due): warning(due)
        case .cancel(let due): "\(figures(due)); \(waits(operation))"
        case .keep(let reason): text(reason, isSeen: isSeen)
        }
    }

    private func text(_ reason: KeepReason, isSeen: Bool) -> String {
        switch reason {
        case .noRule: "no rule matches"
        case .noClock:
            isSeen
                ? "none of the rule's clocks runs"
                : "none of the rule's clocks runs yet; without a creation time it counts from "
                    + "when the daemon first sees it"
        case .notYet(let due):
            "\(due.clock) \(DurationText.short(due.age)) of \(DurationText.short(due.timeout))"
        case .noticeUntil(let end, let due): "\(figures(due)); warned, notice until \(end)"
        case .warned(let due): "\(figures(due)); warned already"
        case .unusable(let problem): problem
        case .cancelRequestedByOther: "somebody else asked to cancel it"
        case .ended(let verdict): "\(verdict.rawValue): ends only by itself"
        }
    }

    private func figures(_ due: Due) -> String {
        "\(due.clock) \(DurationText.short(due.age)) > \(DurationText.short(due.timeout))"
    }

    private func warning(_ due: Due) -> String {
        let rule = plan.rules[due.rule].rule
        let figures =
            due.isOverdue
            ? figures(due)
            : "\(due.clock) \(DurationText.short(due.age)) of \(DurationText.short(due.timeout))"
        guard rule.action == .cancel, let notice = rule.warnBefore else { return figures }
        return "\(figures); a cancel waits for a notice of \(DurationText.short(notice))"
    }

    /// What stands between a candidate and its cancel beside what the plan takes as met.
    private func waits(_ operation: OperationIdentity) -> String {
        if !operation.isAddressable { return "never cancelled: its name cannot stand in a URL" }
        var waits = policy.mode == .observe ? ["mode enforce"] : []
        waits.append("\(policy.safety.confirmations) complete polls in a row")
        if policy.safety.canary { waits.append("canary") }
        waits.append("caps")
        return "waits for " + waits.joined(separator: ", ")
    }
}

extension OperationSnapshot {
    /// Time since creation, for one that runs.
    fileprivate func age(at now: Timestamp) -> Duration? {
        isDone ? nil : created.timestamp.map { now.duration(since: $0) }
    }
}
