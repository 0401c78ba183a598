import Foundation
import Glibc
import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchReports
import Testing
import WireFormat

@Suite("Outages", .timeLimit(.minutes(1)))
struct OutageTests {
    /// There is time for something to happen before the first cancel.
    private static let patient: PolicyText = {
        var policy = PolicyText()
        policy.confirmations = 4
        return policy
    }()

    private func firstFile(_ world: DaemonHarness) -> String {
        "\(world.stateDirectory)/journal-00000000000000000001.jsonl"
    }

    @Test("a service that is down from the start is told of, and watched when it is back")
    func serviceDown() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults { $0.failNext(40, with: .unavailable) }
            try await world.daemon { run in
                try await run.wait(for: .pollFailed)
                #expect(run.notifications.contains { $0.hasPrefix("READY=1") })
                try await run.wait(status: "Degraded: ml has no complete poll since 12:00")
                try await run.wait(for: .pollOverdue)
                try await run.wait(for: .cancelled, operation.name)
                #expect(run.count(.pollFailed) == 1)
                #expect(!run.status.contains("Degraded"))
            }
        }
    }

    @Test("a journal that cannot begin leaves the daemon watching, and recovers by itself")
    func journalDown() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            let block = try JournalBlock(world)
            try await world.daemon { run in
                try await run.wait(for: .journalDown)
                try await run.wait(status: "journal down since 12:00:00")
                #expect(run.notifications.contains { $0.hasPrefix("READY=1") })
                try await world.clock.pass(.minutes(20))
                #expect(world.requests(.list).count > 15)
                #expect(world.requests(.cancel).isEmpty)
                #expect(run.count(.journalDown) == 1)
                block.remove()
                try await run.wait(for: .journalRecovered, within: .minutes(6))
                try await run.wait(for: .cancelled)
                #expect(!run.status.contains("journal"))
            }
            let policies = "\(world.stateDirectory)/policies"
            #expect(try FileManager.default.contentsOfDirectory(atPath: policies).count == 1)
        }
    }

    @Test("a journal that is moved under the daemon is damage, and nothing is cancelled any more")
    func journalMoved() async throws {
        try await DaemonHarness.run([.overdue("x")], policy: Self.patient) { world in
            try await world.daemon { run in
                try await run.wait(status: "1 live")
                #expect(rename(firstFile(world), "\(world.directory)/moved") == 0)
                try await run.wait(for: .journalDamaged)
                try await world.clock.pass(.minutes(20))
                #expect(world.requests(.cancel).isEmpty)
                #expect(run.count(.journalDamaged) == 1)
                #expect(run.count(.journalDown) == 0)
            }
            let report = try JournalInspection.verify(directory: world.stateDirectory)
            #expect(report.exitCode == 65)
        }
    }

    @Test("a journal that is moved under an idle daemon is told of when the daemon ends")
    func journalMovedWhileIdle() async throws {
        try await DaemonHarness.run([]) { world in
            try await world.daemon { run in
                try await run.wait(status: "0 live")
                #expect(rename(firstFile(world), "\(world.directory)/moved") == 0)
            }
            #expect(try JournalInspection.verify(directory: world.stateDirectory).exitCode == 65)
            #expect(try JournalInspection.read(directory: world.stateDirectory).isClosed)
        }
    }

    @Test("a state directory that is gone shuts the gate for good")
    func directoryGone() async throws {
        try await DaemonHarness.run([.overdue("x")], policy: Self.patient) { world in
            try await world.daemon { run in
                try await run.wait(status: "1 live")
                try FileManager.default.removeItem(atPath: world.stateDirectory)
                try await run.wait(for: .journalDown)
                try await world.clock.pass(.minutes(20))
                #expect(world.requests(.cancel).isEmpty)
            }
        }
    }

    @Test("a full disk shuts the gate until there is room", .enabled(if: SmallDisk.isPossible))
    func fullDisk() async throws {
        let operations = [ScriptedOperation.overdue("x")] + ScriptedOperation.healthy(20)
        try await DaemonHarness.run(operations, policy: Self.patient) { world in
            let disk = try SmallDisk(at: world.stateDirectory)
            defer { disk.remove() }
            try await world.daemon { run in
                try await run.wait(status: "21 live")
                try disk.fill()
                // The last page of the journal's file has room for a few lines yet.
                world.server.withService { service in
                    for operation in ScriptedOperation.healthy(60, "more") {
                        service.insert(operation)
                    }
                }
                try await run.wait(for: .journalDown)
                try await world.clock.pass(.minutes(20))
                #expect(world.requests(.cancel).isEmpty)
                disk.makeRoom()
                try await run.wait(for: .cancelled, within: .minutes(10))
                #expect(run.count(.journalRecovered) == 1)
            }
            try world.expectOnePostAnIntent()
        }
    }

    @Test(
        "a verdict that cannot be written waits until it can", .enabled(if: SmallDisk.isPossible))
    func verdictOnFullDisk() async throws {
        let operation = ScriptedOperation(
            "x", created: .minutes(-50), cancelTakes: .minutes(5))
        try await DaemonHarness.run([operation]) { world in
            let disk = try SmallDisk(at: world.stateDirectory)
            defer { disk.remove() }
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                try disk.fill()
                world.server.withService { service in
                    for operation in ScriptedOperation.healthy(60) { service.insert(operation) }
                }
                try await run.wait(for: .journalDown)
                try await world.clock.pass(.minutes(20))
                #expect(run.count(.cancelled) == 0)
                disk.makeRoom()
                try await run.wait(for: .cancelled, within: .minutes(10))
            }
            let verdicts = try world.records().count { record in
                if case .verdict = record { true } else { false }
            }
            #expect(verdicts == 1)
        }
    }
}

/// A file system of 128 KiB that only root can mount.
struct SmallDisk {
    private let path: String

    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        let path = "\(NSTemporaryDirectory())/opwatchd-mount-\(getpid())"
        guard mkdir(path, 0o700) == 0 else { return false }
        defer { rmdir(path) }
        guard mount("tmpfs", path, "tmpfs", 0, "size=4k") == 0 else { return false }
        umount(path)
        return true
    }()

    init(at path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try #require(mount("tmpfs", path, "tmpfs", 0, "size=128k") == 0)
    }

    func fill() throws {
        let file = try #require(fopen("\(path)/ballast", "w"))
        let block = [UInt8](repeating: 0, count: 4_096)
        while fwrite(block, 1, block.count, file) == block.count, fflush(file) == 0 {}
        fclose(file)
    }

    func makeRoom() {
        unlink("\(path)/ballast")
    }

    func remove() {
        umount2(path, Int32(MNT_DETACH))
    }
}
