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
    /// What the service's `Date` says of its clock.
    package var clock = ServiceClock.unknown
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
        facts.clock = .agrees
        facts.openBreaker = nil
        facts.servicePause = nil
        return facts
    }
}
