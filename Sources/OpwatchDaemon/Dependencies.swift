package import GoogleAuth
package import OperationsClient
package import OpwatchCore
package import WireFormat

/// The outside world of the watcher: time, randomness, and how to reach a service.
///
/// Wall clock, instants and sleeps are those of one clock, and so are the clients': a time limit
/// means the same to whoever waits for it.
package struct Dependencies: Sendable {
    /// Wall clock, UTC.
    package var now: @Sendable () -> Timestamp
    /// Monotonic, goes on during suspend.
    package var instant: @Sendable () -> ContinuousClock.Instant
    /// Returns at the instant, or throws when its task is cancelled.
    package var sleep: @Sendable (ContinuousClock.Instant) async throws -> Void
    /// A random duration between zero and the given one, both included: daemons of a fleet that
    /// were started together do not knock together.
    package var jitter: @Sendable (Duration) -> Duration
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
        makeClient: @escaping MakeClient
    ) {
        self.now = now
        self.instant = instant
        self.sleep = sleep
        self.jitter = jitter
        self.makeClient = makeClient
    }
}
