import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchReports
import Testing

@Suite("Stopping", .timeLimit(.minutes(1)))
struct StopTests {
    @Test("a stop waits for the POST in hand and journals what came of it")
    func finishesPost() async throws {
        try await DaemonHarness.run([.overdue("x"), .overdue("y")]) { world in
            world.server.withFaults {
                $0.waiting = [Fault(.delay(.seconds(1)), on: [.cancel])]
            }
            try await world.daemon { _ in try await world.wait(for: .cancel, times: 1) }
            let records = try world.records()
            #expect(records.contains { if case .asked = $0 { true } else { false } })
            #expect(records.last == .close)
            #expect(world.requests(.cancel).count == 1)
        }
    }

    @Test("a stop ends within five seconds although the POST hangs, and without much waking")
    func hangingPost() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults {
                $0.waiting = [Fault(.delay(.seconds(60)), on: [.cancel])]
            }
            var stoppedAt = Duration.zero
            var sleeps = 0
            try await world.daemon { _ in
                try await world.wait(for: .cancel, times: 1)
                world.clock.setPassesRequests(true)
                stoppedAt = world.clock.elapsed
                sleeps = world.clock.daemonSleeps
            }
            #expect(world.clock.elapsed - stoppedAt <= .seconds(5))
            #expect(world.clock.daemonSleeps - sleeps < 10)
            let records = try world.records()
            #expect(records.last == .close)
            #expect(!records.contains { if case .asked = $0 { true } else { false } })
        }
    }

    @Test("a stop withdraws an intent whose POST has not left")
    func withdraws() async throws {
        try await DaemonHarness.run([.overdue("x")]) { world in
            world.server.withFaults {
                $0.waiting = [Fault(.delay(.seconds(9)), on: [.get])]
            }
            try await world.daemon { _ in try await world.wait(for: .get, times: 1) }
            #expect(world.requests(.cancel).isEmpty)
            let records = try world.records()
            #expect(records.contains { if case .withdrawn = $0 { true } else { false } })
        }
    }

    @Test("a cancelled task ends at once")
    func cancelled() async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(2)) { world in
            var at = Duration.zero
            try await world.daemon(ending: .killed) { run in
                try await run.wait(status: "2 live")
                at = world.clock.elapsed
            }
            #expect(world.clock.elapsed == at)
        }
    }

    @Test("a journal in use by another daemon ends the second one with the reason")
    func locked() async throws {
        try await DaemonHarness.run([]) { world in
            try await world.daemon { first in
                try await first.wait(for: .ready)
                let second = DaemonRun(world, state: world.stateDirectory, watchdog: nil)
                await second.serve()
                let error = try #require(second.error)
                #expect("\(error)".contains("in use by process"))
            }
        }
    }
}
