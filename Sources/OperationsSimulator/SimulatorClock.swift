import Synchronization
package import WireFormat

/// Where a running simulator takes its time from.
package struct SimulatorClock: Sendable {
    /// The service's time.
    package let now: @Sendable () -> Timestamp

    /// A clock that asks `now` once a request, on the server's thread.
    package init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    /// A clock that starts now, at `origin`, and runs faster or slower than the real one.
    /// - Parameters:
    ///   - speed: simulated seconds in a real second; over 0, at most 1,000,000.
    ///   - elapsed: real time since the start; by default the monotonic clock's.
    package static func running(
        from origin: Timestamp, speed: Double = 1, elapsed: (@Sendable () -> Duration)? = nil
    ) -> SimulatorClock {
        precondition(speed > 0 && speed <= 1_000_000, "the speed is 0 to 1,000,000")
        let clock = ContinuousClock()
        let start = clock.now
        let elapsed = elapsed ?? { start.duration(to: clock.now) }
        return SimulatorClock { origin.advanced(by: elapsed() * speed) }
    }
}

/// A clock that moves only when it is told to.
package final class ManualClock: Sendable {
    private let time: Mutex<Timestamp>

    /// A clock that stands at `start`.
    package init(_ start: Timestamp) {
        time = Mutex(start)
    }

    /// The instant it stands at.
    package var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    /// Moves it on, or back by a negative duration.
    package func advance(by duration: Duration) {
        time.withLock { $0 = $0.advanced(by: duration) }
    }

    /// The same clock as a simulator takes it.
    package var simulatorClock: SimulatorClock {
        SimulatorClock { self.now }
    }
}
