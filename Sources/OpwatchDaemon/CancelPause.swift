/// Growing pauses between cancels that got no answer that counts.
struct CancelPause {
    private(set) var until: ContinuousClock.Instant?
    private var pause = CancelPause.shortest

    private static let shortest = Duration.seconds(5)
    private static let longest = Duration.seconds(300)

    /// - Parameter real: turns operations' time into ours.
    mutating func grow(at now: ContinuousClock.Instant, real: (Duration) -> Duration) {
        until = now.advanced(by: real(pause))
        pause = min(pause * 2, Self.longest)
    }

    mutating func end() {
        self = CancelPause()
    }
}
