import OpwatchJournal
import OpwatchPolicy
import OpwatchSystemd
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchDaemon

extension DaemonHarness {
    /// A watcher whose loop does not run, so that a test decides what happens and when.
    func makeWatcher(_ disk: Disk = .live) throws -> Watcher {
        let now = clock.now
        var journal = try Journal.open(
            directory: stateDirectory, now: now, version: "0.0.0-test", disk: disk)
        journal.start(checkpoint: [], at: now)
        let watcher = Watcher(
            configuration: DaemonConfiguration(
                policyPath: policyPath, stateDirectory: stateDirectory, version: "0.0.0-test"),
            dependencies: dependencies, manager: ServiceManager { _ in }, mailbox: Mailbox(),
            write: { _ in }, policy: try PolicyFile.load(path: policyPath), journal: journal,
            state: WatchState())
        watcher.adopt(watcher.plan, at: clock.instant)
        return watcher
    }
}

extension Watcher {
    /// As after two complete polls that listed the operations, while the clocks agreed.
    func pollTwice(_ service: ServiceWatch, _ listed: [WatchState.OperationRef]) throws {
        let (now, instant) = (dependencies.now(), dependencies.instant())
        noteClock(service, now)
        for _ in 0..<2 {
            startWalk(service, 0, filter: nil)
            let walk = try #require(service.partitions[0].walk)
            for ref in listed { memory.list(ref, serial: state.serial(ref), in: walk.poll.walk) }
            _ = service.update(0) { $0.complete(isAfterGap: false, at: instant, now) }
        }
        service.lane.clear()
    }

    /// Tracks a running operation of the service's first parent.
    func track(_ name: String, of service: ServiceWatch, since: Timestamp) throws
        -> WatchState.OperationRef
    {
        let partition = service.partitions[0].partition
        applyToState(
            .seen(
                JournalRecord.Seen(
                    partition: partition, name: name, since: since, isCreation: true)))
        return try #require(
            state.find(OperationIdentity(endpoint: partition.endpoint, name: name)))
    }
}
