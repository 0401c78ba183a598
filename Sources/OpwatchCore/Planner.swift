package import WireFormat

/// How things would be with the operations of one service.
package struct PlannedService: Sendable {
    /// Every operation read, in the order of the lists.
    package fileprivate(set) var operations: [OperationStanding]
    /// Why its breaker is open, or would open over these: then none of them is cancelled.
    package let breaker: String?
}

/// Applies a policy to listed operations of one service without changing anything.
///
/// Takes as met what only a daemon can know; calls the same decider and gate.
package struct Planner {
    private let policy: Policy
    private let plan: ServicePlan
    private let state: WatchState
    /// Of the policy's parents.
    private let scopes: [ParentScope]
    private var row = FieldRow()
    private var lists: [ListedParent] = []
    /// What is known of the service's clock. A saved list tells nothing of it.
    package var clock = ServiceClock.unknown

    /// What the pages of one parent said.
    private struct ListedParent {
        /// Nil where nobody knows whose list it is.
        let parent: String?
        var rows: [(sighting: Sighting, rules: [RuleStanding])] = []
        /// Of the last page, or the caller's.
        var time: Timestamp
    }

    /// An operation that the gate was not asked about yet.
    private struct Draft {
        var standing: OperationStanding
        let metadataType: String
        let time: Timestamp
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
        let service = plan.services[serviceIndex]
        self.plan = service
        self.state = state
        scopes = service.service.parents.map { ParentScope($0, service.service.names) }
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
        var found: [(Sighting, [RuleStanding])] = []
        while try reader.next(into: &row) {
            let sighting = plan.sighting(of: row, at: now)
            found.append(
                (sighting, sighting.snapshot.isDone ? [] : plan.standings(on: row, sighting.ruling))
            )
        }
        if lists.isEmpty { begin(nil, at: now) }
        lists[lists.count - 1].rows += found
        lists[lists.count - 1].time = now
        return PageEnd(
            nextPageToken: reader.nextPageToken, operationCount: found.count,
            unreachable: reader.unreachable, unreachableCount: reader.unreachableCount)
    }

    /// What was made of all that was read.
    package func planned() -> PlannedService {
        let drafts = lists.flatMap { list in
            Self.onceEach(
                list.rows.map { draft($0.sighting, $0.rules, listedBy: list.parent, at: list.time) }
            )
        }
        let breaker = breaker(over: drafts)
        return PlannedService(
            operations: drafts.map { draft in
                var standing = draft.standing
                if standing.isLive {
                    standing.refusals = Gate.refusals(facts(of: draft, openBreaker: breaker))
                }
                return standing
            }, breaker: breaker)
    }

    /// Pages that shift show an operation twice: it is cancelled only if all its rows say so.
    private static func onceEach(_ drafts: [Draft]) -> [Draft] {
        var places: [String: Int] = [:]
        var kept: [Draft] = []
        for draft in drafts {
            let name = draft.standing.name
            guard let place = places[name], !name.isEmpty else {
                places[name] = kept.count
                kept.append(draft)
                continue
            }
            if kept[place].standing.isCancelled { kept[place] = draft }
        }
        return kept
    }

    private func breaker(over drafts: [Draft]) -> String? {
        if let open = state.breakers[plan.service.name] {
            return "its breaker is open since \(open.since): \(open.cause.words)"
        }
        let safety = policy.safety
        let live = drafts.count { $0.standing.isLive }
        let cancellable = drafts.count { $0.standing.isCancelled }
        let picture = Breaker.Picture(
            cancellable: cancellable, live: live, endsRound: false, failedCancels: 0)
        guard picture.isOver(safety) else { return nil }
        return "its breaker would open: \(cancellable) of \(live) live operations would be "
            + "cancelled, limit \(safety.maxOverdueSharePercent)%"
    }

    private func draft(
        _ sighting: Sighting, _ rules: [RuleStanding], listedBy parent: String?, at now: Timestamp
    ) -> Draft {
        let identity = OperationIdentity(
            endpoint: plan.service.endpoint, name: sighting.snapshot.name)
        var standing = OperationStanding(
            sighting, rules: rules, listedBy: parent, under: plan, mode: policy.mode,
            clocksAgree: true,
            remembered: state.find(identity).map {
                state.remembered($0, memory: PollMemory(), mayRetryCancel: false)
            }, at: now)
        // What can never be cancelled is kept, and says why.
        switch standing.decision {
        case .warn(let due), .cancel(let due):
            guard plan.rules[due.rule].rule.action == .cancel, !identity.isAddressable else {
                break
            }
            standing.decision = .keep(
                .unusable("its name cannot stand in a URL, so that it cannot be cancelled"))
        case .keep, .verify, .finished, .ignore: break
        }
        return Draft(
            standing: standing, metadataType: sighting.snapshot.metadataType, time: now)
    }

    /// What is known here, and what is taken as met. Of the confirmations and the caps nobody can
    /// say anything: unstated, they refuse.
    private func facts(of draft: Draft, openBreaker: String?) -> GateFacts {
        let operation = OperationIdentity(
            endpoint: plan.service.endpoint, name: draft.standing.name)
        let history = state.find(operation).flatMap { state.cancel($0) }
        var facts = GateFacts()
        facts.mode = policy.mode
        facts.isPolicyRefused = false
        facts.isJournalHealthy = true
        facts.isJournalDamaged = state.damage != nil
        facts.isListed = true
        facts.isAddressable = operation.isAddressable
        facts.isWithinParent = scopes.contains { $0.contains(operation.name) }
        facts.isWarnOnly = false
        facts.confirmationsNeeded = policy.safety.confirmations
        facts.clock = clock == .unknown ? .agrees : clock
        facts.openBreaker = openBreaker
        facts.isCanaryOut = policy.safety.canary
        facts.hasOpenAttempt = history?.shutsNext(mayRetry: false) ?? false
        facts.unsupportedUntil = state.unsupported.until(
            operation, type: draft.metadataType, at: draft.time)
        facts.servicePause = nil
        facts.operationPause = denial(history)
        facts.objection = nil
        return facts
    }

    private func denial(_ history: CancelHistory?) -> String? {
        guard let history, history.state == .answered(.denied) else { return nil }
        let said = history.words.isEmpty ? "without a word" : history.words
        return "its last cancel was denied (\(said)), one trial an hour"
    }
}

extension OperationStanding {
    fileprivate var isCancelled: Bool { if case .cancel = decision { true } else { false } }
}
