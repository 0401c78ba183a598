import Logging
import OpwatchCore
import OpwatchDaemon
import OpwatchReports
import OpwatchSystemd
import ServiceLifecycle
import Synchronization
import Testing

/// One daemon and what it says.
final class DaemonRun: Sendable {
    private let said: Said
    private let clock: DrivenClock
    private let daemon: Daemon
    private let group: ServiceGroup

    /// What a daemon has said so far.
    private final class Said: Sendable {
        struct Words {
            var entries: [JournalEntry] = []
            var notifications: [String] = []
            var isEnded = false
            var error: (any Error)?
        }
        let words = Mutex(Words())
    }

    init(_ harness: DaemonHarness, state: String, watchdog: Duration?) {
        let said = Said()
        self.said = said
        clock = harness.clock
        let manager = ServiceManager(watchdogInterval: watchdog) { message in
            said.words.withLock { $0.notifications.append(message) }
        }
        daemon = Daemon(
            configuration: DaemonConfiguration(
                policyPath: harness.policyPath, stateDirectory: state, version: "0.0.0-test",
                foldCheck: FoldCheck(everyRecords: 10) { difference in
                    Issue.record("state and journal differ: \(difference)")
                }),
            world: harness.world, manager: manager,
            write: { entry in said.words.withLock { $0.entries.append(entry) } })
        group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Runs until it is told to end.
    func serve() async {
        var failure: (any Error)?
        do { try await group.run() } catch { failure = error }
        said.words.withLock { words in
            words.isEnded = true
            words.error = failure
        }
    }

    /// As SIGTERM does; returns when the daemon has noticed.
    func shutdown() async throws {
        await group.triggerGracefulShutdown()
        try await clock.wait("the begin of the stop", holdsTime: true) {
            self.isEnded || self.notifications.contains { $0.hasPrefix("STOPPING=1") }
        }
    }

    func reload() {
        daemon.reload()
    }

    var isEnded: Bool { said.words.withLock { $0.isEnded } }
    var error: (any Error)? { said.words.withLock { $0.error } }
    var entries: [JournalEntry] { said.words.withLock { $0.entries } }
    var notifications: [String] { said.words.withLock { $0.notifications } }

    /// The last line for `systemctl status`.
    var status: String {
        let lines = notifications.flatMap { $0.split(separator: "\n") }
        let last = lines.last { $0.hasPrefix("STATUS=") } ?? ""
        return String(last.dropFirst("STATUS=".count))
    }

    func entries(_ kind: MessageKind, _ operation: String? = nil) -> [JournalEntry] {
        entries.filter { $0.kind == kind && (operation == nil || $0.operation == operation) }
    }

    func count(_ kind: MessageKind, _ operation: String? = nil) -> Int {
        entries(kind, operation).count
    }

    /// Every entry has what the catalog's text of its kind names.
    func expectWholeEntries() {
        for entry in entries {
            for field in entry.kind?.entry.fields ?? [] {
                #expect(entry.field(field) != nil, "\(field.rawValue) in: \(entry.message)")
            }
        }
    }

    /// Waits until so many of a kind were said; gives the last of them.
    @discardableResult
    func wait(
        for kind: MessageKind, _ operation: String? = nil, times: Int = 1,
        within limit: Duration = .seconds(6 * 3_600)
    ) async throws -> JournalEntry {
        do {
            try await clock.wait("\(times) \(kind.rawValue) \(operation ?? "")", within: limit) {
                self.count(kind, operation) >= times
            }
        } catch {
            let told = entries.suffix(12).map(\.message).joined(separator: "\n")
            throw DrivenClock.NotReached(description: "\(error)\n\(told)\n\(status)")
        }
        return entries(kind, operation)[times - 1]
    }

    func wait(status text: String, within limit: Duration = .seconds(3_600)) async throws {
        try await clock.wait("a status with \(text)", within: limit) {
            self.status.contains(text)
        }
    }
}

extension JournalEntry {
    func field(_ name: LogField) -> String? {
        fields.first { $0.name == name }?.value
    }

    var operation: String? { field(.operation) }
}
