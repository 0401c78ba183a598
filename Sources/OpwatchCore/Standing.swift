package import WireFormat

/// How things are at one moment: what the status line, and whoever asks, is told of.
package struct Standing: Sendable {
    package var mode: Mode
    /// Operations that are tracked.
    package var live = 0
    /// Those of them that were warned of.
    package var warned = 0
    /// Cancels that are not proven yet.
    package var open = 0
    /// Since when nothing is known of one of them.
    package var unprovenSince: Timestamp?
    /// Open cancels that nobody can prove, because their policy is not kept.
    package var unprovable = 0
    /// The journal was damaged and nobody accepted that yet.
    package var isJournalDamaged = false
    /// The hour's cancels, where they are used up.
    package var spentBudget: Int?
    /// Server time of the last complete poll.
    package var lastPoll: Timestamp?
    /// In the order of the policy.
    package var services: [ServiceStanding] = []

    package init(mode: Mode) {
        self.mode = mode
    }
}

/// How things are with one service.
package struct ServiceStanding: Sendable {
    package let name: String
    /// In the order of the policy.
    package var parents: [ParentStanding] = []
    /// Why its breaker is open.
    package var openBreaker: String?
    /// Why its cancels wait.
    package var pause: String?
    /// The operation for whose verdict its candidates wait.
    package var canary: String?
    /// Candidates that wait for the gate.
    package var queued = 0
    package var clock = ServiceClock.unknown

    package init(_ name: String) {
        self.name = name
    }

    /// The first parent without a complete poll for too long; one that fails comes before one of
    /// which nobody knows why.
    package var late: ParentStanding? {
        parents.first { $0.poll == .failing } ?? parents.first { $0.poll == .late }
    }
}
