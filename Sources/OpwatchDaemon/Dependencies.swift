package import GoogleAuth
package import OperationsClient
package import OpwatchCore
package import WireFormat

/// The outside world of the watcher: time, randomness, and how to reach a service.
///
/// `speed` scales what belongs to operations: the wall clock, cadence and verify pauses. Freshness,
/// request limits, permit expiry and the watchdog stay real time.
package struct Dependencies: Sendable {
    /// Wall clock, UTC; runs `speed` times as fast as real time.
    package var now: @Sendable () -> Timestamp
    /// Monotonic, real time, goes on during suspend.
    package var instant: @Sendable () -> ContinuousClock.Instant
    /// Returns at the instant, or throws when its task is cancelled.
    package var sleep: @Sendable (ContinuousClock.Instant) async throws -> Void
    /// A random duration between zero and the given one, both included: daemons of a fleet that
    /// were started together do not knock together.
    package var jitter: @Sendable (Duration) -> Duration
    /// Simulated seconds in a real one; 1 outside demos.
    package var speed: Double
    /// A client for one service, and what is told of its credentials; asked again when the
    /// service's settings change.
    package var makeClient: MakeClient

    /// The service, and where transitions of its credentials are told.
    package typealias MakeClient =
        @Sendable (WatchedService, @escaping @Sendable (TokenSource.Transition) -> Void) ->
        OperationsClient

    package init(
        now: @escaping @Sendable () -> Timestamp,
        instant: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void,
        jitter: @escaping @Sendable (Duration) -> Duration,
        speed: Double = 1,
        makeClient: @escaping MakeClient
    ) {
        self.now = now
        self.instant = instant
        self.sleep = sleep
        self.jitter = jitter
        self.speed = speed
        self.makeClient = makeClient
    }

    /// How long a duration of the operations' world takes here.
    func real(_ duration: Duration) -> Duration {
        speed == 1 ? duration : duration / speed
    }
}
