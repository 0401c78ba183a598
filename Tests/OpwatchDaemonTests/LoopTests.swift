import OperationsSimulator
import OpwatchCore
import OpwatchReports
import Testing

/// The loop wakes for what is due, and for nothing else.
@Suite("Loop", .timeLimit(.minutes(1)))
struct LoopTests {
    @Test("an idle daemon wakes a few times a poll")
    func idle() async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(5)) { world in
            try await world.daemon { run in
                try await run.wait(status: "5 live")
                try await expectFewWakes(in: world, during: .minutes(60), atMost: 60 * 4)
            }
        }
    }

    @Test("a daemon without services sleeps")
    func nothingToWatch() async throws {
        var policy = PolicyText()
        policy.hasService = false
        try await DaemonHarness.run([], policy: policy) { world in
            world.write("version: 1\nservices: []\nrules: []\n")
            try await world.daemon { run in
                try await run.wait(for: .nothingToWatch)
                #expect(run.notifications.contains { $0.hasPrefix("READY=1") })
                try await expectFewWakes(in: world, during: .minutes(600), atMost: 5)
            }
        }
    }

    @Test("a closed lane, a candidate behind the canary and a pause let the loop sleep")
    func waiting() async throws {
        let operations = [
            ScriptedOperation.overdue("a", life: .ignoresCancel()), .overdue("b"),
        ]
        try await DaemonHarness.run(operations) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                try await expectFewWakes(in: world, during: .minutes(5), atMost: 60)
                world.server.withFaults { faults in
                    faults.failNext(1, [.list], with: .throttled(retryAfterSeconds: 1_800))
                }
                try await run.wait(for: .pollFailed)
                try await expectFewWakes(in: world, during: .minutes(25), atMost: 120)
            }
        }
    }

    @Test("a lane without tokens has the loop wake when there is one")
    func slowLane() async throws {
        var policy = PolicyText()
        policy.requestsPerMinute = 7
        policy.pageSize = 10
        policy.interval = "10m"
        try await DaemonHarness.run(ScriptedOperation.healthy(95), policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(status: "95 live")
                #expect(world.clock.daemonSleeps < 80)
            }
            #expect(world.clock.elapsed > .seconds(60))
        }
    }

    @Test("a journal that stays down is tried with growing pauses")
    func journalDown() async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(1)) { world in
            let block = try JournalBlock(world)
            defer { block.remove() }
            try await world.daemon { run in
                try await run.wait(for: .journalDown)
                try await expectFewWakes(in: world, during: .minutes(60), atMost: 60 * 4 + 40)
            }
        }
    }

    @Test("the watchdog is pinged by the loop at half its interval")
    func watchdog() async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(1)) { world in
            try await world.daemon(watchdog: .seconds(40)) { run in
                try await world.clock.pass(.minutes(10))
                let pings = run.notifications.count { $0 == "WATCHDOG=1" }
                #expect((29...32).contains(pings))
            }
        }
    }

    @Test("the status is sent at most once a second")
    func statusRate() async throws {
        let operations = (1...8).map { ScriptedOperation.overdue("x-\($0)") }
        try await DaemonHarness.run(operations + ScriptedOperation.healthy(40)) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled, times: 8)
                let sent = run.notifications.count { $0.contains("STATUS=") }
                #expect(Duration.seconds(sent - 4) <= world.clock.elapsed)
            }
        }
    }

    private func expectFewWakes(
        in world: DaemonHarness, during time: Duration, atMost limit: Int,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let before = world.clock.daemonSleeps
        try await world.clock.pass(time)
        let wakes = world.clock.daemonSleeps - before
        #expect(wakes <= limit, sourceLocation: location)
    }
}
