package import WireFormat

/// What one poll makes of one operation.
package enum Decision: Sendable, Equatable {
    /// Left alone.
    case keep(KeepReason)
    /// Past the moment of a warning that was not written yet.
    case warn(Due)
    /// Overdue and warned as the rule promises; the gate has the last word.
    case cancel(Due)
    /// A cancel of ours is not proven yet.
    case verify
    /// Done; the code is 0 for success.
    case finished(code: Int64)
    /// Protected; the index is into `ServicePlan.rules`.
    case ignore(rule: Int)

    /// The one word of the journal, the log and `plan`.
    package var word: String {
        switch self {
        case .keep: "keep"
        case .warn: "warn"
        case .cancel: "cancel"
        case .verify: "verify"
        case .finished: "finished"
        case .ignore: "ignore"
        }
    }

    /// The deadline that it speaks of.
    package var due: Due? {
        switch self {
        case .warn(let due), .cancel(let due): due
        case .keep(let reason): reason.due
        case .verify, .finished, .ignore: nil
        }
    }

    /// What lies outside the parent that lists it is kept, whatever its rule says.
    /// - Parameter reason: what is told then.
    func kept(
        outside scope: ParentScope, _ name: String, reason: @autoclosure () -> String
    ) -> Decision {
        switch self {
        case .warn, .cancel: scope.contains(name) ? self : .keep(.unusable(reason()))
        case .keep, .verify, .finished, .ignore: self
        }
    }
}

/// Why an operation is left alone.
package enum KeepReason: Sendable, Equatable {
    case noRule
    /// None of the rule's clocks runs for this operation.
    case noClock
    /// Not past anything yet.
    case notYet(Due)
    /// Overdue; waits until the notice that was given has passed.
    case noticeUntil(Timestamp, Due)
    /// Overdue and warned of; the rule does no more.
    case warned(Due)
    /// The answer contradicts itself or holds a time that cannot be: no ground for anything.
    case unusable(String)
    /// Somebody else asked to cancel it.
    case cancelRequestedByOther
    /// `refused` or `defied`: it ends only by itself or by a release.
    case ended(Verdict)

    package var due: Due? {
        switch self {
        case .notYet(let due), .noticeUntil(_, let due), .warned(let due): due
        case .noRule, .noClock, .unusable, .cancelRequestedByOther, .ended: nil
        }
    }
}

/// The deadline that decides for an operation, and how far it is.
package struct Due: Sendable, Hashable {
    /// Index into `ServicePlan.rules`.
    package let rule: Int
    package let clock: Clock
    package let timeout: Duration
    package let deadline: Timestamp
    /// What the clock shows now.
    package let age: Duration

    package init(rule: Int, clock: Clock, timeout: Duration, deadline: Timestamp, age: Duration) {
        self.rule = rule
        self.clock = clock
        self.timeout = timeout
        self.deadline = deadline
        self.age = age
    }

    /// Strictly past the deadline.
    package var isOverdue: Bool { age > timeout }

    /// Whether two polls, or two pages of one, speak of the same deadline.
    func isSameDeadline(as other: Due) -> Bool {
        rule == other.rule && clock == other.clock && deadline.isSame(as: other.deadline)
    }
}
