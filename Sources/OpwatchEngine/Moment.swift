package import WireFormat

/// One point in time, by both clocks.
package struct Moment: Sendable {
    /// The local wall clock, UTC.
    package let wall: Timestamp
    /// Monotonic, goes on during suspend.
    package let instant: ContinuousClock.Instant

    package init(wall: Timestamp, instant: ContinuousClock.Instant) {
        self.wall = wall
        self.instant = instant
    }
}
