/// The one place where a cancel can be permitted.
///
/// Each condition is written down once, in the order in which refusals are told.
package enum Gate {
    /// One condition: the refusal where it does not hold.
    private typealias Condition<Subject> = @Sendable (Subject) -> GateRefusal?

    /// What a GET is compared with.
    private struct Comparison {
        let due: Due
        let fetch: FreshFetch
        let name: String
    }

    /// Uses the recorded intent up and gives the right to send its `:cancel`.
    /// - Parameters:
    ///   - now: the monotonic instant from which the permit's life is counted.
    /// - Throws: the first condition that does not hold.
    package static func permit(
        _ recorded: consuming RecordedIntent, _ facts: GateFacts, _ due: Due, _ fetch: FreshFetch,
        now: ContinuousClock.Instant
    ) throws(GateRefusal) -> CancelPermit {
        if let refusal = refusal(facts, due, fetch, of: recorded.intent.operation.name) {
            throw refusal
        }
        return CancelPermit(
            intent: recorded.intent.id, operation: recorded.intent.operation,
            expires: now.advanced(by: Limits.permitLifetime - fetch.age))
    }

    // MARK: The first refusal, where a cancel is decided about

    /// The first condition that does not hold; nil where a cancel may be sent.
    ///
    /// Overrides of operators (exempt, extend, hold, pause) join the standing conditions when they
    /// exist.
    package static func refusal(
        _ facts: GateFacts, _ due: Due, _ fetch: FreshFetch, of name: String
    ) -> GateRefusal? {
        standing(facts) ?? fresh(due, fetch, name: name) ?? observing(facts)
    }

    /// The conditions that need no GET; what fails here costs no request.
    package static func standing(_ facts: GateFacts) -> GateRefusal? {
        first(of: standingConditions, facts)
    }

    /// What the fetch says against the cancel; nil where it shows what the cancel is meant for.
    package static func fresh(_ due: Due, _ fetch: FreshFetch, name: String) -> GateRefusal? {
        first(of: freshConditions, Comparison(due: due, fetch: fetch, name: name))
    }

    private static func first<Subject>(
        of conditions: [Condition<Subject>], _ subject: Subject
    ) -> GateRefusal? {
        for condition in conditions {
            if let refusal = condition(subject) { return refusal }
        }
        return nil
    }

    // MARK: All of them, for people

    /// Everything that shuts the gate as long as nothing was fetched, in the gate's order.
    package static func refusals(_ facts: GateFacts) -> [GateRefusal] {
        standingConditions.compactMap { $0(facts) } + [observing(facts)].compactMap(\.self)
    }

    /// Everything that shuts the gate after a GET, in the gate's order.
    package static func refusals(
        _ facts: GateFacts, _ due: Due, _ fetch: FreshFetch, of name: String
    ) -> [GateRefusal] {
        let comparison = Comparison(due: due, fetch: fetch, name: name)
        return standingConditions.compactMap { $0(facts) }
            + freshConditions.compactMap { $0(comparison) }
            + [observing(facts)].compactMap(\.self)
    }

    // MARK: The conditions

    private static let standingConditions: [Condition<GateFacts>] = [
        { $0.isPolicyRefused ? .policyRefused : nil },
        { $0.isJournalHealthy ? nil : .journalDown },
        { $0.isJournalDamaged ? .journalDamaged : nil },
        { $0.isListed ? nil : .notListed },
        { $0.isAddressable ? nil : .notAddressable },
        { $0.isWithinParent ? nil : .outsideParent },
        { $0.clock == .agrees ? nil : .clocksDisagree($0.clock) },
        { $0.isWarnOnly ? .warnOnlyPoll : nil },
        { $0.hasOpenAttempt ? .attemptOpen : nil },
        { $0.unsupportedUntil.map { .unsupported(until: $0) } },
        { $0.operationPause.map { .operationPaused($0) } },
        { $0.objection.map { .listedOtherwise($0) } },
        { $0.servicePause.map { .servicePaused($0) } },
        { $0.openBreaker.map { .breakerOpen($0) } },
        // From here on: what a candidate waits for without being in doubt.
        {
            $0.confirmations < $0.confirmationsNeeded
                ? .notConfirmed(polls: $0.confirmations, needed: $0.confirmationsNeeded) : nil
        },
        {
            $0.startedInPoll >= $0.startedInPollMax
                ? .pollCapReached($0.startedInPoll, limit: $0.startedInPollMax) : nil
        },
        { $0.isCanaryOut ? .canaryOut : nil },
        {
            $0.spentInHour >= $0.spentInHourMax
                ? .hourlyBudgetSpent($0.spentInHour, limit: $0.spentInHourMax) : nil
        },
    ]

    private static let freshConditions: [Condition<Comparison>] = [
        { compared in
            let age = compared.fetch.age
            return age >= .zero && age <= Limits.freshnessMax ? nil : .freshFetchTooOld(age)
        },
        { compared in
            compared.fetch.sighting.snapshot.name.utf8.elementsEqual(compared.name.utf8)
                ? nil : .freshNameDiffers
        },
        { $0.fetch.sighting.passesFilter ? nil : .freshFilteredOut },
        { compared in
            guard let known = compared.fetch.knownCreation else { return nil }
            let created = compared.fetch.sighting.snapshot.created.timestamp
            return created?.isSame(as: known) ?? false ? nil : .freshCreationDiffers
        },
        { decision($0) },
    ]

    private static func decision(_ compared: Comparison) -> GateRefusal? {
        guard case .cancel(let again) = compared.fetch.decision else {
            return .decidedOtherwise(compared.fetch.decision)
        }
        let due = compared.due
        // A stalled deadline moves on with every second that no complete poll has watched; a time
        // that the GET tells more exactly than the list moves one by less than a second.
        guard again.rule == due.rule, again.clock == due.clock, again.timeout == due.timeout,
            again.deadline.isSame(as: due.deadline) || due.clock == .stalled
        else { return .ruleOrClockChanged }
        return nil
    }

    /// The last condition: everything else holds, and this is what `enforce` would cancel.
    private static func observing(_ facts: GateFacts) -> GateRefusal? {
        facts.mode == .enforce ? nil : .observing
    }
}
