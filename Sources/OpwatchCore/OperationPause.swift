/// An operation that is left alone for a while, each time for twice as long.
///
/// Pauses belong to the operation: nobody else waits for it.
package struct OperationPause: Sendable, Equatable {
    /// What an operation is left alone for.
    package enum Kind: Sendable, Equatable {
        /// Its cancel was denied.
        case denied
        /// It could not be fetched.
        case noAnswer
        /// List and GET tell different things of it.
        case differs
    }

    package let kind: Kind
    /// When it may be tried again.
    package let until: ContinuousClock.Instant
    /// Why, for people.
    package let reason: String
    /// How long this one is.
    private let length: Duration
    /// Until when another one follows it; later is another story.
    private let followedUntil: ContinuousClock.Instant

    private static let tryMax = Limits.requestTimeout + .seconds(300)

    /// - Parameters:
    ///   - before: the last pause of the operation, if there was one.
    ///   - first: how long the first of a row is; more than the time between two tries.
    ///   - longest: no pause is longer.
    package init(
        _ kind: Kind, after before: OperationPause?, first: Duration, longest: Duration,
        reason: String, at now: ContinuousClock.Instant
    ) {
        self.kind = kind
        self.reason = reason
        let former = before.flatMap { $0.isFollowed(by: kind, at: now) ? $0.length : nil }
        // What is left of one from before a start is short; the next one is whole.
        length = max(first, min(former.map { $0 * 2 } ?? first, longest))
        until = now.advanced(by: length)
        // A try takes as long as its GET may, and the service's own pause before it.
        followedUntil = until.advanced(by: max(length, first) * 2 + Self.tryMax)
    }

    /// Whether a pause of this kind goes on with the row.
    package func isFollowed(by next: Kind, at now: ContinuousClock.Instant) -> Bool {
        kind == next && now < followedUntil
    }

    /// Whether it is not over yet.
    package func holds(at now: ContinuousClock.Instant) -> Bool { now < until }
}
