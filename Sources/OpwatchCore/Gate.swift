package import WireFormat

/// Everything that must be true for a cancel, beside the fresh fetch of the operation.
///
/// What nobody has stated refuses.
package struct GateFacts: Sendable {
    /// Of the policy in force.
    package var mode = Mode.observe
    /// The policy file on disk is refused, so the policy in force is not what the operator wants.
    package var isPolicyRefused = true
    /// Records become durable; its lock is ours as long as it is open.
    package var isJournalHealthy = false
    /// Set where the journal was damaged and nobody accepted that yet.
    package var isJournalDamaged = true
    /// The operation's partition is in the policy and listed it in its last complete poll.
    package var isListed = false
    /// Its name can stand in a URL.
    package var isAddressable = false
    /// Its name lies within the parent that lists it, or the service's names may be any.
    package var isWithinParent = false
    /// The partition's poll was the first after a start, a gap or a clock jump.
    package var isWarnOnly = true
    /// Complete polls in a row in which it was overdue by this deadline.
    package var confirmations = 0
    /// `safety.confirmations`.
    package var confirmationsNeeded = 1
    /// The service's `Date` is there and close to the local clock.
    package var clocksAgree = false
    /// Why the service's breaker is open, nil while it is closed.
    package var openBreaker: String? = GateFacts.unstated
    /// Cancels of the whole daemon in the last 60 minutes.
    package var spentInHour = 0
    /// `safety.cancels_per_hour`.
    package var spentInHourMax = 0
    /// Cancels that the parent's last complete poll has led to.
    package var startedInPoll = 0
    /// `safety.cancels_per_poll`.
    package var startedInPollMax = 0
    /// A service's first cancel is on its way and not proven yet.
    package var isCanaryOut = true
    /// Another intent of the operation is unanswered or its window is open.
    package var hasOpenAttempt = true
    /// UNIMPLEMENTED of operations of its kind is remembered until then.
    package var unsupportedUntil: Timestamp? = .latest
    /// Why the service's cancels wait, nil where they do not.
    package var servicePause: String? = GateFacts.unstated
    /// Why the operation is left alone for a while, nil where it is not.
    package var operationPause: String? = GateFacts.unstated

    /// What a list that was read since the intent says against the cancel, nil where none does.
    package var objection: String? = GateFacts.unstated

    private static let unstated = "not known"

    package init() {}

    /// The same without whatever shuts the whole daemon or the whole service: what is left speaks
    /// of this operation alone.
    package var withoutStandingShut: GateFacts {
        var facts = self
        facts.isPolicyRefused = false
        facts.isJournalHealthy = true
        facts.isJournalDamaged = false
        facts.isWarnOnly = false
        facts.clocksAgree = true
        facts.openBreaker = nil
        facts.servicePause = nil
        return facts
    }
}

/// The operation as a GET of a moment ago shows it.
package struct FreshFetch: Sendable {
    package var sighting: Sighting
    /// The same decider's word on it.
    package var decision: Decision
    /// From the moment the GET was sent until now.
    package var age: Duration
    /// What the journal holds of its creation; nil where the API tells none.
    package var knownCreation: Timestamp?

    package init(
        sighting: Sighting, decision: Decision, age: Duration, knownCreation: Timestamp?
    ) {
        self.sighting = sighting
        self.decision = decision
        self.age = age
        self.knownCreation = knownCreation
    }
}

/// Why a cancel is not sent, with its figures.
package enum GateRefusal: Error, Sendable, Equatable {
    case policyRefused
    case journalDown
    case journalDamaged
    case notListed
    case notAddressable
    case warnOnlyPoll
    case notConfirmed(polls: Int, needed: Int)
    case clocksDisagree
    case breakerOpen(String)
    case hourlyBudgetSpent(Int, limit: Int)
    case pollCapReached(Int, limit: Int)
    case canaryOut
    case attemptOpen
    case outsideParent
    case unsupported(until: Timestamp)
    /// The service's cancels wait.
    case servicePaused(String)
    /// This operation is left alone for a while.
    case operationPaused(String)
    /// A list that was read while the GET was under way shows what no cancel may follow.
    case listedOtherwise(String)
    case freshFetchTooOld(Duration)
    case freshNameDiffers
    /// The service's `filter` no longer holds for it.
    case freshFilteredOut
    case freshCreationDiffers
    /// Decided again on the fresh GET, the word is another.
    case decidedOtherwise(Decision)
    case ruleOrClockChanged
    /// Everything else holds: this is what `enforce` would cancel.
    case observing
}

/// The one place where a cancel can be permitted.
package enum Gate {
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

    /// The first condition that does not hold; nil where a cancel may be sent.
    ///
    /// Overrides of operators (exempt, extend, hold, pause) join the standing conditions when they
    /// exist.
    package static func refusal(
        _ facts: GateFacts, _ due: Due, _ fetch: FreshFetch, of name: String
    ) -> GateRefusal? {
        standing(facts) ?? fresh(due, fetch, name: name)
            ?? (facts.mode == .enforce ? nil : .observing)
    }

    /// The conditions that need no GET; what fails here costs no request.
    package static func standing(_ facts: GateFacts) -> GateRefusal? {
        if facts.isPolicyRefused { return .policyRefused }
        if !facts.isJournalHealthy { return .journalDown }
        if facts.isJournalDamaged { return .journalDamaged }
        if !facts.isListed { return .notListed }
        if !facts.isAddressable { return .notAddressable }
        if !facts.isWithinParent { return .outsideParent }
        if !facts.clocksAgree { return .clocksDisagree }
        if facts.isWarnOnly { return .warnOnlyPoll }
        if facts.hasOpenAttempt { return .attemptOpen }
        if let until = facts.unsupportedUntil { return .unsupported(until: until) }
        if let reason = facts.operationPause { return .operationPaused(reason) }
        if let reason = facts.objection { return .listedOtherwise(reason) }
        if let reason = facts.servicePause { return .servicePaused(reason) }
        if let reason = facts.openBreaker { return .breakerOpen(reason) }
        return rails(facts)
    }

    /// Confirmations, caps and the canary: what a candidate waits for without being in doubt.
    private static func rails(_ facts: GateFacts) -> GateRefusal? {
        if facts.confirmations < facts.confirmationsNeeded {
            return .notConfirmed(polls: facts.confirmations, needed: facts.confirmationsNeeded)
        }
        if facts.startedInPoll >= facts.startedInPollMax {
            return .pollCapReached(facts.startedInPoll, limit: facts.startedInPollMax)
        }
        if facts.isCanaryOut { return .canaryOut }
        if facts.spentInHour >= facts.spentInHourMax {
            return .hourlyBudgetSpent(facts.spentInHour, limit: facts.spentInHourMax)
        }
        return nil
    }

    /// What the fetch says against the cancel; nil where it shows what the cancel is meant for.
    package static func fresh(_ due: Due, _ fetch: FreshFetch, name: String) -> GateRefusal? {
        guard fetch.age >= .zero, fetch.age <= Limits.freshnessMax else {
            return .freshFetchTooOld(fetch.age)
        }
        guard fetch.sighting.snapshot.name.utf8.elementsEqual(name.utf8) else {
            return .freshNameDiffers
        }
        guard fetch.sighting.passesFilter else { return .freshFilteredOut }
        if let known = fetch.knownCreation {
            guard let created = fetch.sighting.snapshot.created.timestamp,
                created.isSame(as: known)
            else { return .freshCreationDiffers }
        }
        guard case .cancel(let again) = fetch.decision else {
            return .decidedOtherwise(fetch.decision)
        }
        // A stalled deadline moves on with every second that no complete poll has watched; a time
        // that the GET tells more exactly than the list moves one by less than a second.
        guard again.rule == due.rule, again.clock == due.clock, again.timeout == due.timeout,
            again.deadline.isSame(as: due.deadline) || due.clock == .stalled
        else { return .ruleOrClockChanged }
        return nil
    }
}

extension GateRefusal {
    /// Whether it only makes a cancel wait that nothing else forbids.
    package var isRail: Bool {
        switch self {
        case .notConfirmed, .canaryOut, .hourlyBudgetSpent, .pollCapReached: true
        case .policyRefused, .journalDown, .journalDamaged, .notListed, .notAddressable,
            .outsideParent, .warnOnlyPoll, .clocksDisagree, .breakerOpen, .attemptOpen,
            .unsupported, .servicePaused, .operationPaused, .listedOtherwise, .freshFetchTooOld,
            .freshNameDiffers,
            .freshFilteredOut, .freshCreationDiffers, .decidedOtherwise, .ruleOrClockChanged,
            .observing:
            false
        }
    }

    /// Whether what the fresh GET shows refuses, which may last as long as the operation.
    package var isOfFreshFetch: Bool {
        switch self {
        case .freshFetchTooOld, .freshNameDiffers, .freshFilteredOut, .freshCreationDiffers,
            .decidedOtherwise, .ruleOrClockChanged, .unsupported, .clocksDisagree,
            .listedOtherwise:
            true
        case .policyRefused, .journalDown, .journalDamaged, .notListed, .notAddressable,
            .outsideParent, .warnOnlyPoll, .notConfirmed, .breakerOpen, .hourlyBudgetSpent,
            .pollCapReached, .canaryOut, .attemptOpen, .servicePaused, .operationPaused,
            .observing:
            false
        }
    }
}

extension GateRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .policyRefused: "the policy file on disk is refused"
        case .journalDown: "the journal cannot be written"
        case .journalDamaged: "the journal was damaged; run opwatchd journal verify"
        case .notListed: "not listed by a complete poll of this policy"
        case .notAddressable: "its name cannot stand in a URL"
        case .warnOnlyPoll: "the first poll after a start or a gap only warns"
        case .notConfirmed(let polls, let needed):
            "overdue in \(polls) complete polls in a row, \(needed) needed"
        case .clocksDisagree: "the service's clock and ours disagree"
        case .breakerOpen(let reason): "the breaker is open: \(reason)"
        case .hourlyBudgetSpent(let spent, let limit):
            "\(spent) cancels in this hour, limit \(limit)"
        case .pollCapReached(let started, let limit):
            "\(started) cancels in this poll, limit \(limit)"
        case .canaryOut: "the service's first cancel is not proven yet"
        case .attemptOpen: "an attempt is open"
        case .outsideParent: "its name lies outside the parent that lists it"
        case .unsupported(let until):
            "cancel is not implemented for its kind, asked again after \(until)"
        case .servicePaused(let reason), .operationPaused(let reason): reason
        case .listedOtherwise(let reason): "a list that was read meanwhile says no: \(reason)"
        case .freshFetchTooOld(let age):
            "the GET was sent \(age.components.seconds) s ago, "
                + "limit \(Limits.freshnessMax.components.seconds) s"
        case .freshNameDiffers: "the GET answered with another name"
        case .freshFilteredOut: "the service's filter no longer holds for it"
        case .freshCreationDiffers: "the creation time changed"
        case .decidedOtherwise(let decision): "decided again on a fresh GET: \(decision.word)"
        case .ruleOrClockChanged: "another rule, clock or deadline decides on a fresh GET"
        case .observing: "mode is observe"
        }
    }
}

extension GateRefusal {
    /// The case without its figures.
    package var kind: String {
        switch self {
        case .policyRefused: "policyRefused"
        case .journalDown: "journalDown"
        case .journalDamaged: "journalDamaged"
        case .notListed: "notListed"
        case .notAddressable: "notAddressable"
        case .warnOnlyPoll: "warnOnlyPoll"
        case .notConfirmed: "notConfirmed"
        case .clocksDisagree: "clocksDisagree"
        case .breakerOpen: "breakerOpen"
        case .hourlyBudgetSpent: "hourlyBudgetSpent"
        case .pollCapReached: "pollCapReached"
        case .canaryOut: "canaryOut"
        case .attemptOpen: "attemptOpen"
        case .outsideParent: "outsideParent"
        case .unsupported: "unsupported"
        case .servicePaused: "servicePaused"
        case .operationPaused: "operationPaused"
        case .listedOtherwise: "listedOtherwise"
        case .freshFetchTooOld: "freshFetchTooOld"
        case .freshNameDiffers: "freshNameDiffers"
        case .freshFilteredOut: "freshFilteredOut"
        case .freshCreationDiffers: "freshCreationDiffers"
        case .decidedOtherwise: "decidedOtherwise"
        case .ruleOrClockChanged: "ruleOrClockChanged"
        case .observing: "observing"
        }
    }
}
