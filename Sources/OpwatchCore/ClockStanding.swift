package import WireFormat

/// How far one clock of the deciding rule is.
package struct ClockStanding: Sendable, Equatable {
    package let clock: Clock
    package let timeout: Duration
    /// What it shows and when it is over; nil where it does not run.
    package let due: Due?
}

/// What people were told of the deadline that comes first, where a cancel has to wait for that.
package enum NoticeStanding: Sendable, Equatable {
    /// The rule promises no notice, or none of its clocks runs.
    case none
    /// Not given yet; a cancel comes no earlier than so long after it.
    case owed(Duration)
    /// Given in a way that no cancel may follow.
    case told
    /// A cancel may follow from then on.
    case given(until: Timestamp)
}
