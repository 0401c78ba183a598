import OpwatchCore
package import OpwatchJournal
package import OpwatchPolicy
package import OpwatchReports
package import OpwatchSystemd
import ServiceLifecycle
import WireFormat

/// The daemon as a service: runs until it is told to shut down gracefully, and returns then.
///
/// Throws before it watches anything: where policy or journal cannot be used.
package struct Daemon: Service {
    private let configuration: DaemonConfiguration
    private let world: World
    private let manager: ServiceManager
    private let write: @Sendable (JournalEntry) -> Void
    private let mailbox = Mailbox<LoopEvent>()

    package init(
        configuration: DaemonConfiguration, world: World, manager: ServiceManager,
        write: @escaping @Sendable (JournalEntry) -> Void
    ) {
        self.configuration = configuration
        self.world = world
        self.manager = manager
        self.write = write
    }

    /// Has the policy file read again.
    package func reload() {
        mailbox.send(.reload)
    }

    /// Has the daemon finish what is in hand and end; a start ends with the journal as it was.
    package func shutdown() {
        mailbox.send(.shutdown)
    }

    /// - Throws: `DaemonError`.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            // A shutdown that comes before anything is watched ends the start.
            guard let watcher = try makeWatcher() else { return }
            await watcher.run()
        } onGracefulShutdown: {
            shutdown()
        }
    }

    private func makeWatcher() throws(DaemonError) -> Watcher? {
        manager.status("Starting: reading \(configuration.policyPath)")
        let loaded: LoadedPolicy
        do throws(PolicyErrors) {
            loaded = try world.policy(configuration.policyPath)
        } catch {
            throw .policy(error)
        }
        do throws(JournalError) {
            return try makeWatcher(loaded)
        } catch {
            if case .stopped = error { return nil }
            throw .journal(error)
        }
    }

    private func makeWatcher(_ loaded: LoadedPolicy) throws(JournalError) -> Watcher {
        var pulse = StartPulse(
            manager: manager,
            status: "Starting: reading the journal in \(configuration.stateDirectory)")
        func isStartWanted() -> Bool {
            pulse.beat(at: world.instant())
            return !mailbox.contains { $0.isShutdown }
        }
        guard isStartWanted() else { throw .stopped }
        let loop = try DaemonLoop.open(
            configuration, in: world, manager: manager, write: write, policy: loaded,
            pulse: isStartWanted)
        return Watcher(loop, mailbox)
    }
}

/// Asks the service manager for more time, for as long as a start goes on.
private struct StartPulse {
    let manager: ServiceManager
    let status: String
    private var nextAt: ContinuousClock.Instant?

    /// What one slow read may take; asked for anew long before.
    private static let patience = Duration.seconds(300)
    private static let pause = Duration.seconds(10)

    init(manager: ServiceManager, status: String) {
        self.manager = manager
        self.status = status
    }

    mutating func beat(at now: ContinuousClock.Instant) {
        if let nextAt, now < nextAt { return }
        nextAt = now.advanced(by: Self.pause)
        manager.extendTimeout(Self.patience, status: status)
    }
}

/// Why the daemon could not begin to watch.
package enum DaemonError: Error, CustomStringConvertible {
    case policy(PolicyErrors)
    case journal(JournalError)

    package var description: String {
        switch self {
        case .policy(let errors): errors.description
        case .journal(let error): error.description
        }
    }

    /// By sysexits.
    package var exitCode: Int32 {
        switch self {
        case .policy: 78
        case .journal(let error): error.exitCode
        }
    }
}
