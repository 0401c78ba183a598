import WireFormat

/// Notices a local clock that jumped: wall and monotonic time went apart.
struct ClockWatch {
    private var wall: Timestamp
    private var instant: ContinuousClock.Instant
    private var hasJumped = false

    private static let jumpMin = Duration.seconds(5)
    /// A clock that is being slewed runs wrong by up to 1 in 2,000, which is no jump.
    private static let slewMax = 0.001

    init(wall: Timestamp, at instant: ContinuousClock.Instant) {
        self.wall = wall
        self.instant = instant
    }

    /// - Parameter speed: wall seconds in a monotonic one.
    mutating func tick(wall: Timestamp, at instant: ContinuousClock.Instant, speed: Double) {
        let elapsed = self.instant.duration(to: instant) * speed
        let difference = wall.duration(since: self.wall) - elapsed
        // Between the two readings this process may have been kept waiting; a fast clock shows it.
        let limit = Self.jumpMin * max(1, speed) + elapsed * Self.slewMax
        if difference > limit || .zero - difference > limit { hasJumped = true }
        self.wall = wall
        self.instant = instant
    }

    /// Whether there was a jump since this was asked last.
    mutating func takeJump() -> Bool {
        defer { hasJumped = false }
        return hasJumped
    }
}
