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
    package fileprivate(set) var reason: String
    /// Whether it still runs and the service's filter holds for it.
    package let isLive: Bool
}

/// What would happen to the operations of one service.
package struct PlannedService: Sendable {
    /// Every operation read, in the order of the lists.
    package fileprivate(set) var operations: [PlannedOperation]
    /// Why its breaker is open, or would open over these: then none of them is cancelled.
    package fileprivate(set) var breaker: String?
}

/// Applies a policy to listed operations of one service without changing anything.
///
/// Takes confirmations and rails as met; calls the same decider as the daemon.
package struct Planner {
    private let policy: Policy
    private let plan: ServicePlan
    private let state: WatchState
    private var row = FieldRow()
    private var lists: [ListedParent] = []
    /// Why the service's clock and ours are not known to agree: then it gets no cancels.
    package var clockTrouble: String?

    /// What the pages of one parent said.
    private struct ListedParent {
        /// Nil where nobody knows whose list it is.
        let parent: String?
        var sightings: [Sighting] = []
        /// Of the last page, or the caller's.
        var time: Timestamp
    }

    /// What a page says of the list that it is a part of.
    package struct PageEnd: Sendable {
        /// Nil after the last page.
        package let nextPageToken: String?
        /// How many operations the page holds.
        package let operationCount: Int
        /// The first places whose operations are missing.
        package let unreachable: [String]
        /// How many such places the page names.
        package let unreachableCount: Int
    }

    /// - Parameter state: what the journal holds; an empty state knows no warning and no cancel.
    package init(_ plan: PolicyPlan, serviceIndex: Int, state: WatchState) {
        policy = plan.policy
        self.plan = plan.services[serviceIndex]
        self.state = state
    }

    /// Begins the list of a parent; one that was begun before and not finished is forgotten.
    package mutating func begin(_ parent: String?, at now: Timestamp) {
        if let parent, lists.last?.parent == parent { lists.removeLast() }
        lists.append(ListedParent(parent: parent, time: now))
    }

    /// Reads one list answer of the parent that was begun last.
    /// - Throws: where the page is not what the API promises; nothing of it counts then.
    package mutating func read(
        _ page: [UInt8], limits: ReadLimits, at now: Timestamp
    ) throws(WireError) -> PageEnd {
        // What a tool saved names no parent.
        let isSaved = lists.last?.parent == nil
        var reader = ListPageReader(
            page, fields: plan.fields, limits: limits, takesArray: isSaved)
        var found: [Sighting] = []
        while try reader.next(into: &row) { found.append(plan.sighting(of: row, at: now)) }
        if lists.isEmpty { begin(nil, at: now) }
        lists[lists.count - 1].sightings += found
        lists[lists.count - 1].time = now
        return PageEnd(
            nextPageToken: reader.nextPageToken, operationCount: found.count,
            unreachable: reader.unreachable, unreachableCount: reader.unreachableCount)
    }

    /// What was made of all that was read.
    package func planned() -> PlannedService {
        let operations = lists.flatMap { list in
            list.sightings.map { planned($0, listedBy: list.parent, at: list.time) }.onceEach()
        }
        var service = PlannedService(operations: operations, breaker: breaker(over: operations))
        guard service.breaker != nil else { return service }
        for index in service.operations.indices {
            guard case .cancel = service.operations[index].decision else { continue }
            service.operations[index].reason += ", the breaker"
        }
        return service
    }

    private func breaker(over operations: [PlannedOperation]) -> String? {
        if let open = state.breakers[plan.service.name] {
            return "its breaker is open since \(open.since): \(open.cause.words)"
        }
        let safety = policy.safety
        let live = operations.count { $0.isLive }
        let cancellable = operations.count { operation in
            if case .cancel = operation.decision { true } else { false }
        }
        let picture = Breaker.Picture(
            cancellable: cancellable, live: live, endsRound: false, failedCancels: 0)
        guard picture.isOver(safety) else { return nil }
        return "its breaker would open: \(cancellable) of \(live) live operations would be "
            + "cancelled, limit \(safety.maxOverdueSharePercent)%"
    }

    private func planned(
        _ sighting: Sighting, listedBy parent: String?, at now: Timestamp
    ) -> PlannedOperation {
        let name = sighting.snapshot.name
        let identity = OperationIdentity(endpoint: plan.service.endpoint, name: name)
        let ref = state.find(identity)
        let remembered = ref.map {
            state.remembered($0, memory: PollMemory(), mayRetryCancel: false)
        }
        let isFiltered = !sighting.passesFilter && !sighting.snapshot.isDone
        let decision =
            isFiltered
            ? .keep(.noRule)
            : kept(
                Decider.decide(
                    sighting, under: plan, mode: policy.mode, remembered: remembered, at: now),
                identity, listedBy: parent)
        let reason =
            isFiltered
            ? "the service's filter does not hold for it"
            : text(decision, isSeen: ref != nil, name) + shut(decision, sighting, ref, at: now)
        let due = due(decision)
        return PlannedOperation(
            service: plan.service.name, name: name, rule: rule(sighting.ruling, decision),
            decision: decision, due: due, age: due?.age ?? sighting.snapshot.age(at: now),
            reason: reason, isLive: !isFiltered && !sighting.snapshot.isDone)
    }

    /// What can never be cancelled is kept, and says why.
    private func kept(
        _ decision: Decision, _ operation: OperationIdentity, listedBy parent: String?
    ) -> Decision {
        let rule: Int
        switch decision {
        case .warn(let due), .cancel(let due): rule = due.rule
        case .keep, .verify, .finished, .ignore: return decision
        }
        if let parent, !ParentScope(parent, plan.service.names).contains(operation.name) {
            return .keep(.unusable("name lies outside \(parent), which lists it"))
        }
        guard plan.rules[rule].rule.action == .cancel, !operation.isAddressable else {
            return decision
        }
        return .keep(.unusable("its name cannot stand in a URL, so that it cannot be cancelled"))
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
        _ decision: Decision, isSeen: Bool, _ name: String
    ) -> String {
        switch decision {
        case .finished(code: 0): "done"
        case .finished(let code): "done with code \(code)"
        case .ignore(let rule): "protected by \(plan.rules[rule].rule.name)"
        case .verify: "a cancel of ours is not proven yet"
        case .warn(let due): warning(due)
        case .cancel(let due): "\(figures(due)); \(waits(name))"
        case .keep(let reason): text(reason, isSeen: isSeen)
        }
    }

    /// What is remembered of cancels of its kind, and of its own.
    private func shut(
        _ decision: Decision, _ sighting: Sighting, _ ref: WatchState.OperationRef?,
        at now: Timestamp
    ) -> String {
        guard case .cancel = decision else { return "" }
        let operation = OperationIdentity(
            endpoint: plan.service.endpoint, name: sighting.snapshot.name)
        let until = state.unsupported.until(
            operation, type: sighting.snapshot.metadataType, at: now)
        if let until { return "; \(GateRefusal.unsupported(until: until))" }
        guard let history = ref.flatMap({ state.cancel($0) }), history.state == .answered(.denied)
        else { return "" }
        let said = history.words.isEmpty ? "without a word" : history.words
        return "; its last cancel was denied (\(said)), one trial an hour"
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
    private func waits(_ name: String) -> String {
        var waits = policy.mode == .observe ? ["mode enforce"] : []
        if let clockTrouble { waits.append("clocks that agree (\(clockTrouble))") }
        let isAtHome = plan.service.parents.contains {
            ParentScope($0, plan.service.names).contains(name)
        }
        if !isAtHome { waits.append("a parent that its name lies in") }
        waits.append("\(policy.safety.confirmations) complete polls in a row")
        if policy.safety.canary { waits.append("canary") }
        waits.append("caps")
        return "waits for " + waits.joined(separator: ", ")
    }
}

extension [PlannedOperation] {
    /// Pages that shift show an operation twice: it is cancelled only if all its rows say so.
    fileprivate func onceEach() -> [PlannedOperation] {
        var places: [String: Int] = [:]
        var kept: [PlannedOperation] = []
        for operation in self {
            guard let place = places[operation.name], !operation.name.isEmpty else {
                places[operation.name] = kept.count
                kept.append(operation)
                continue
            }
            if case .cancel = kept[place].decision { kept[place] = operation }
        }
        return kept
    }
}

extension OperationSnapshot {
    /// Time since creation, for one that runs.
    fileprivate func age(at now: Timestamp) -> Duration? {
        isDone ? nil : created.timestamp.map { now.duration(since: $0) }
    }
}
