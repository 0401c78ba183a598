package import GoogleAuth
package import OperationsClient
package import OpwatchCore
package import OpwatchEngine
package import OpwatchJournal
package import OpwatchPolicy
package import WireFormat

/// Everything outside of the daemon, as one value.
///
/// Wall clock, instants and sleeps are those of one clock, and so are the clients': a time limit
/// means the same to whoever waits for it.
package struct World: Sendable {
    /// Wall clock, UTC.
    package var now: @Sendable () -> Timestamp
    /// Monotonic, goes on during suspend.
    package var instant: @Sendable () -> ContinuousClock.Instant
    /// Returns at the instant, or throws when its task is cancelled.
    package var sleep: @Sendable (ContinuousClock.Instant) async throws -> Void
    /// Spreads the polls of daemons that were started together.
    package var jitter: Jitter
    /// Where the journal is.
    package var disk: Disk
    /// Told of what became of records.
    package var journalled: @Sendable (Journalled) -> Void
    /// Who keeps it.
    package var process: ProcessIdentity
    /// Reads and validates the policy file of a path.
    package var policy: @Sendable (String) throws(PolicyErrors) -> LoadedPolicy
    /// A client for one service, and what is told of its credentials; asked again when the
    /// service's settings change.
    package var client:
        @Sendable (WatchedService, @escaping @Sendable (TokenSource.Transition) -> Void) ->
            OperationsClient

    /// With the disk, the process and the policy files of this machine.
    package init(
        now: @escaping @Sendable () -> Timestamp,
        instant: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void,
        jitter: Jitter,
        client:
            @escaping @Sendable (
                WatchedService, @escaping @Sendable (TokenSource.Transition) -> Void
            ) -> OperationsClient
    ) {
        self.now = now
        self.instant = instant
        self.sleep = sleep
        self.jitter = jitter
        disk = .live
        journalled = { _ in }
        process = .current()
        policy = { (path) throws(PolicyErrors) in try PolicyFile.load(path: path) }
        self.client = client
    }

    var moment: Moment { Moment(wall: now(), instant: instant()) }
}

/// What became of records of the journal.
package enum Journalled: Sendable {
    /// Durable, in this order.
    case durable([JournalRecord])
    /// Not written; durable with the next checkpoint.
    case held([JournalRecord])
    /// A new file began, and its checkpoint has what was held.
    case checkpoint
}
