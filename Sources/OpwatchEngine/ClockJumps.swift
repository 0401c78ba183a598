import WireFormat

/// Notices a local clock that jumped: wall and monotonic time went apart.
struct ClockJumps {
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

    mutating func tick(wall: Timestamp, at instant: ContinuousClock.Instant) {
        let elapsed = self.instant.duration(to: instant)
        let difference = wall.duration(since: self.wall) - elapsed
        let limit = Self.jumpMin + elapsed * Self.slewMax
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
