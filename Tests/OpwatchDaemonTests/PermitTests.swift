import Glibc
import OperationsSimulator
import OpwatchJournal
import OpwatchPolicy
import OpwatchSystemd
import Synchronization
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchDaemon

@Suite("A cancel that passed the gate", .timeLimit(.minutes(1)))
struct PermitTests {
    private static let operation = ScriptedOperation.overdue("x")

    @Test(
        "leaves at the end of the turn, unless the journal has failed since",
        arguments: [false, true])
    func journalFails(fails: Bool) async throws {
        try await DaemonHarness.run([Self.operation]) { world in
            let isDiskFull = Mutex(false)
            var disk = Disk.live
            disk.write = { file, bytes in
                isDiskFull.withLock { $0 } ? -Int(ENOSPC) : Disk.live.write(file, bytes)
            }
            let watcher = try makeWatcher(world, disk)
            let service = try #require(watcher.services.first)
            let intent = try passGate(watcher, service, world)
            isDiskFull.withLock { $0 = fails }
            watcher.commit(Batch(records: [.unlisted(intent.operation)]))
            await withDiscardingTaskGroup { group in
                watcher.startRequests(in: &group, at: world.clock.instant)
            }
            #expect(world.requests(.cancel).count == (fails ? 0 : 1))
            let history = try #require(
                watcher.state.find(intent.operation).flatMap { watcher.state.cancel($0) })
            #expect(history.state == (fails ? .withdrawn : .recorded))
        }
    }

    private func makeWatcher(_ world: DaemonHarness, _ disk: Disk) throws -> Watcher {
        let now = world.clock.now
        var journal = try Journal.open(
            directory: world.stateDirectory, now: now, version: "0.0.0-test", disk: disk)
        journal.start(checkpoint: [], at: now)
        let watcher = Watcher(
            configuration: DaemonConfiguration(
                policyPath: world.policyPath, stateDirectory: world.stateDirectory,
                version: "0.0.0-test"),
            dependencies: world.dependencies, manager: ServiceManager { _ in }, mailbox: Mailbox(),
            write: { _ in },
            policy: try PolicyFile.load(path: world.policyPath), journal: journal,
            state: WatchState())
        watcher.adopt(watcher.plan, at: world.clock.instant)
        return watcher
    }

    /// As at the end of a fresh look that confirmed everything.
    private func passGate(
        _ watcher: Watcher, _ service: ServiceWatch, _ world: DaemonHarness
    ) throws -> JournalRecord.Intent {
        let now = world.clock.now
        let created = now.advanced(by: .minutes(-50))
        let partition = service.partitions[0].partition
        let operation = OperationIdentity(
            endpoint: partition.endpoint, name: Self.operation.name)
        watcher.applyToState(
            .seen(
                JournalRecord.Seen(
                    partition: partition, name: operation.name, since: created, isCreation: true)))
        let intent = JournalRecord.Intent(
            id: IntentID(1), operation: operation, service: service.name, serverTime: now,
            created: created, clock: .total, age: .minutes(50), timeout: .minutes(45),
            deadline: created.advanced(by: .minutes(45)), rule: "slow",
            policy: watcher.plan.policy.hash, attempt: 1)
        // What it gives is used up by the gate, which is not what is tested here.
        _ = try watcher.journal.record(intent: intent, at: now)
        watcher.applyToState(.intent(intent))
        service.outgoing = CancelPermit(
            intent: intent.id, operation: operation,
            expires: world.clock.instant.advanced(by: Limits.permitLifetime))
        service.attempt = .posting(intent)
        return intent
    }
}
