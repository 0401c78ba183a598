/// An operation that is left alone for a while, each time for twice as long.
///
/// Pauses belong to the operation: nobody else waits for it.
package struct OperationPause: Sendable, Equatable {
    /// When it may be tried again.
    package let until: ContinuousClock.Instant
    /// Why, for people.
    package let reason: String
    /// How long this one is, in our time.
    package let length: Duration

    /// - Parameters:
    ///   - before: the pause before this one, if that was for the same kind of reason.
    ///   - first: how long the first one is.
    ///   - longest: no pause is longer.
    package init(
        after before: OperationPause?, first: Duration, longest: Duration, reason: String,
        at now: ContinuousClock.Instant
    ) {
        length = min(before.map { $0.length * 2 } ?? first, max(first, longest))
        until = now.advanced(by: length)
        self.reason = reason
    }

    /// Whether it is not over yet.
    package func holds(at now: ContinuousClock.Instant) -> Bool { now < until }
}
