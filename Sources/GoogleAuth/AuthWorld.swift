package import WireFormat

/// What is outside, as credentials need it: the network, the environment, time and chance.
///
/// Files are read as they are: a test has real ones.
package struct AuthWorld: Sendable {
    /// A variable of the environment; nil where it is not set, or empty.
    package var variable: @Sendable (String) -> String?
    /// One request and its whole answer, of whatever status; throws when none came.
    package var exchange: @Sendable (TokenRequest) async throws(AuthFailure) -> TokenAnswer
    /// Wall clock, UTC: what a signature says.
    package var now: @Sendable () -> Timestamp
    /// Monotonic, goes on during suspend: how long a token lives.
    package var instant: @Sendable () -> ContinuousClock.Instant
    /// Waits that long; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// A random duration between zero and the given one, both included.
    package var jitter: @Sendable (Duration) -> Duration

    package init(
        variable: @escaping @Sendable (String) -> String?,
        exchange: @escaping @Sendable (TokenRequest) async throws(AuthFailure) -> TokenAnswer,
        now: @escaping @Sendable () -> Timestamp,
        instant: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        jitter: @escaping @Sendable (Duration) -> Duration
    ) {
        self.variable = variable
        self.exchange = exchange
        self.now = now
        self.instant = instant
        self.sleep = sleep
        self.jitter = jitter
    }
}
