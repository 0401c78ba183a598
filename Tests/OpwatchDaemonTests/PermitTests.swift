import Glibc
import OperationsSimulator
import OpwatchJournal
import OpwatchSystemd
import Synchronization
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchDaemon

@Suite("A cancel that passed the gate", .timeLimit(.minutes(1)))
struct PermitTests {
    private static let operation = ScriptedOperation.overdue("x")

    /// What may happen between the gate and the end of the turn.
    enum Change: CaseIterable {
        case nothing, journalFails, policyRefused, policyGone, damage, dateMissing, breakerOpens
    }

    @Test("leaves at the end of the turn, unless something that shuts the gate came since")
    func lastWord() async throws {
        for change in Change.allCases {
            try await DaemonHarness.run([Self.operation]) { world in
                let isDiskFull = Mutex(false)
                var disk = Disk.live
                disk.write = { file, bytes in
                    isDiskFull.withLock { $0 } ? -Int(ENOSPC) : Disk.live.write(file, bytes)
                }
                let watcher = try world.makeWatcher(disk)
                let service = try #require(watcher.services.first)
                let intent = try passGate(watcher, service, world)
                switch change {
                case .nothing: break
                case .journalFails:
                    isDiskFull.withLock { $0 = true }
                    watcher.commit(Batch(records: [.unlisted(intent.operation)]))
                case .policyRefused:
                    world.write("mode: enfroce")
                    watcher.reload()
                case .policyGone:
                    unlink(world.policyPath)
                    watcher.reload()
                case .damage: watcher.applyToState(.damage(file: "journal-1.jsonl", offset: 9))
                case .dateMissing: watcher.noteClock(service, nil)
                case .breakerOpens:
                    watcher.applyToState(
                        .breaker(
                            service: service.name, opened: BreakerCause(.share, words: "why"),
                            at: world.clock.now))
                }
                await withDiscardingTaskGroup { group in
                    watcher.startRequests(in: &group, at: world.clock.instant)
                }
                let leaves = change == .nothing
                #expect(world.requests(.cancel).count == (leaves ? 1 : 0), "\(change)")
                let history = try #require(
                    watcher.state.find(intent.operation).flatMap { watcher.state.cancel($0) })
                #expect(history.state == (leaves ? .recorded : .withdrawn), "\(change)")
            }
        }
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
        let ref = try #require(watcher.state.find(operation))
        try watcher.pollTwice(service, [ref])
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
        let due = Due(
            rule: 1, clock: .total, timeout: intent.timeout, deadline: intent.deadline,
            age: intent.age)
        service.attempt = .posting(
            intent,
            QueuedCandidate(
                candidate: Poll.Candidate(
                    operation: ref, serial: watcher.state.serial(ref), due: due,
                    metadataType: "", confirmations: 2),
                parent: 0))
        service.update(0) { $0.startedInPoll += 1 }
        return intent
    }
}
