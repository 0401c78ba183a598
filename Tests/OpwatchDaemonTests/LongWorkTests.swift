import Foundation
import OpwatchCore
import OpwatchJournal
import OpwatchPolicy
import OpwatchReports
import OpwatchSystemd
import Synchronization
import Testing
import WireFormat

@testable import OpwatchDaemon

/// Counts up from 1.
private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// The journal of 20,000 operations, which is read and written in several slices.
@Suite("A large journal", .timeLimit(.minutes(1)))
struct LongWorkTests {
    private let seen = (0..<20_000).map { number in
        JournalRecord.seen(
            JournalRecord.Seen(
                partition: Partition(
                    service: "ml", endpoint: Endpoint("https://ml.googleapis.com/v1"),
                    parent: DaemonHarness.parent),
                name: "projects/acme/operations/\(number)", since: DrivenClock.start,
                isCreation: true))
    }

    private func journal(in world: DaemonHarness, version: String) throws -> Journal {
        var journal = try Journal.open(
            directory: world.stateDirectory, now: DrivenClock.start, version: version)
        journal.start(checkpoint: [], at: DrivenClock.start)
        return journal
    }

    private func files(in world: DaemonHarness) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: world.stateDirectory) {
            files[name] = FileManager.default.contents(atPath: "\(world.stateDirectory)/\(name)")
        }
        return files
    }

    /// The first beat is before the reading, the next ones in it, the last ones in a new file.
    @Test(
        "a shutdown in the middle of a start ends it in order, with the journal as it was",
        arguments: 1...6)
    func stoppedStart(beat: Int) async throws {
        try await DaemonHarness.run([]) { world in
            var journal = try journal(in: world, version: "0.0.0-before")
            try journal.append(seen, at: DrivenClock.start)
            try journal.close(at: DrivenClock.start)
            _ = consume journal
            let before = try files(in: world)

            let beats = Counter()
            let said = Mutex<[String]>([])
            let running = Mutex<Daemon?>(nil)
            var outside = world.world
            let instant = outside.instant
            outside.instant = {
                if beats.next() == beat { running.withLock { $0?.shutdown() } }
                return instant()
            }
            let daemon = Daemon(
                configuration: DaemonConfiguration(
                    policyPath: world.policyPath, stateDirectory: world.stateDirectory,
                    version: "0.0.0-test"),
                world: outside,
                manager: ServiceManager { message in said.withLock { $0.append(message) } },
                write: { _ in })
            running.withLock { $0 = daemon }
            try await daemon.run()
            #expect(try files(in: world) == before)
            #expect(said.withLock { !$0.contains { $0.hasPrefix("READY=1") } })
        }
    }

    /// A loop that is about to begin a new file, and what it tells the service manager.
    private func stage(
        in world: DaemonHarness, told: @escaping @Sendable (String) -> Void
    ) throws -> (loop: DaemonLoop, watcher: Watcher, mailbox: Mailbox<LoopEvent>) {
        var journal = try journal(in: world, version: "0.0.0-test")
        try journal.append(seen, at: DrivenClock.start)
        var state = WatchState()
        for record in seen { try state.apply(record) }
        var outside = world.world
        // A second goes by whenever somebody looks.
        let seconds = Counter()
        let start = outside.instant()
        outside.instant = { start.advanced(by: .seconds(seconds.next())) }
        let mailbox = Mailbox<LoopEvent>()
        let loop = DaemonLoop(
            DaemonConfiguration(
                policyPath: world.policyPath, stateDirectory: world.stateDirectory,
                version: "0.0.0-test"),
            world: outside,
            manager: ServiceManager(watchdogInterval: .seconds(2), send: told), write: { _ in },
            policy: try PolicyFile.load(path: world.policyPath), journal: journal, state: state)
        return (loop, Watcher(loop, mailbox), mailbox)
    }

    @Test("the watchdog hears of the loop while a new file is written")
    func watchdog() async throws {
        try await DaemonHarness.run([]) { world in
            let pings = Mutex(0)
            let (loop, watcher, _) = try stage(in: world) { message in
                if message == "WATCHDOG=1" { pings.withLock { $0 += 1 } }
            }
            let isHealthy = loop.keeper.beginFile()
            #expect(isHealthy)
            #expect(pings.withLock { $0 } >= 3)
            _ = watcher
            #expect(try files(in: world).count == 2)
        }
    }

    @Test("a shutdown that waits ends the writing of a new file, and the old one is closed")
    func stoppedRoll() async throws {
        try await DaemonHarness.run([]) { world in
            let (loop, watcher, mailbox) = try stage(in: world) { _ in }
            mailbox.send(.shutdown)
            let isHealthy = loop.keeper.beginFile()
            #expect(isHealthy)
            #expect(try files(in: world).count == 1)
            await watcher.run()
            #expect(try files(in: world).count == 1)
            #expect(try world.records().last == .close)
        }
    }
}
