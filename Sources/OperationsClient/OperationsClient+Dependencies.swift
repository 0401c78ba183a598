extension OperationsClient {
    /// Time and chance, as the client uses them.
    package struct Dependencies: Sendable {
        /// The clock that freshness, permits and time limits are measured by.
        package var now: @Sendable () -> ContinuousClock.Instant
        /// Waits that long; throws when the task is cancelled.
        package var sleep: @Sendable (Duration) async throws -> Void
        /// A random duration between zero and the given one, both included.
        package var jitter: @Sendable (Duration) -> Duration

        package init(
            now: @escaping @Sendable () -> ContinuousClock.Instant,
            sleep: @escaping @Sendable (Duration) async throws -> Void,
            jitter: @escaping @Sendable (Duration) -> Duration
        ) {
            self.now = now
            self.sleep = sleep
            self.jitter = jitter
        }
    }
}
