package import WireFormat

/// Why a cancel is not sent, with its figures.
package enum GateRefusal: Error, Sendable, Equatable {
    case policyRefused
    case journalDown
    case journalDamaged
    case notListed
    case notAddressable
    case warnOnlyPoll
    case notConfirmed(polls: Int, needed: Int)
    case clocksDisagree(ServiceClock)
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
        case .decidedOtherwise(let decision): "decided again: \(decision.word)"
        case .ruleOrClockChanged: "another rule, clock or deadline decides now"
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
