package import WireFormat

/// How things are with one parent of a service.
package struct ParentStanding: Sendable {
    package let parent: String
    package let poll: PollState
    /// Operations that ran in the last complete poll.
    package let live: Int
    /// Server time of the last complete poll.
    package let lastPoll: Timestamp?
    /// When the present row of failed polls began.
    package let failingSince: Timestamp?
    /// Why there is no complete poll; nil while it is current, and where nobody knows yet.
    package let cause: String?

    /// How its polls go.
    package enum PollState: Sendable, Equatable {
        /// The last one was complete, or the first is not late yet.
        case current
        /// None was complete for too long.
        case late
        /// The last one failed, or was not of all places.
        case failing
    }

    package init(
        _ parent: String, _ poll: PollState, live: Int, lastPoll: Timestamp?,
        failingSince: Timestamp?, cause: String?
    ) {
        self.parent = parent
        self.poll = poll
        self.live = live
        self.lastPoll = lastPoll
        self.failingSince = failingSince
        self.cause = cause
    }

    /// Since when there is no complete poll.
    package var since: Timestamp? { lastPoll ?? failingSince }
}
