import Foundation
import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchReports
import Testing
import WireFormat

@Suite("Old files of the journal", .timeLimit(.minutes(1)))
struct RetentionTests {
    /// An operation a day, each listed by a poll and gone by the next but one.
    private let operations = (0..<6).map { day in
        ScriptedOperation(
            "d\(day)", created: .seconds(day * 86_400 + 3_600),
            life: .normal(after: .seconds(8 * 3_600)))
    }
    private let policy: PolicyText = {
        var policy = PolicyText()
        policy.interval = "6h"
        policy.total = "30d"
        policy.journal = "keep: 1d"
        return policy
    }()

    private func files(_ prefix: String, in world: DaemonHarness) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: world.stateDirectory)
            .count { $0.hasPrefix(prefix) }
    }

    @Test(
        "are thinned by the daemon after their time, which is told, and lose nothing of the audit")
    func thinned() async throws {
        try await DaemonHarness.run(operations, policy: policy) { world in
            try await world.daemon { run in
                try await world.clock.pass(.seconds(6 * 86_400))
                let told = run.entries.count { $0.message.contains("the journal keeps of") }
                #expect(try files("history-", in: world) == told)
                #expect(told >= 2)
                #expect(try files("journal-", in: world) <= 4)
            }
            let report = try JournalInspection.verify(directory: world.stateDirectory)
            #expect(report.exitCode == 0)
            let kinds = try world.records().map(\.isAudit)
            #expect(kinds.count { $0 } >= 2)
        }
    }

    @Test("stay while the clock of a service is off")
    func clockOff() async throws {
        try await DaemonHarness.run(operations, policy: policy) { world in
            try await world.daemon { run in
                try await world.clock.pass(.seconds(2 * 86_400))
                let count = try files("history-", in: world)
                #expect(try files("journal-", in: world) >= 2)
                world.server.withFaults { $0.date = .skewed(.seconds(-3_600)) }
                try await world.clock.pass(.seconds(4 * 86_400))
                #expect(try files("history-", in: world) == count)
                world.server.withFaults { $0.date = .none }
                try await world.clock.pass(.seconds(2 * 86_400))
                #expect(try files("history-", in: world) > count)
            }
        }
    }
}
