import OperationsSimulator
import OpwatchJournal
import OpwatchReports
import Testing
import WireFormat

/// What holds cancels back when many are due, or when the picture is old.
@Suite("Rails", .timeLimit(.minutes(1)))
struct RailTests {
    @Test("a candidate whose poll is over three intervals old is not cancelled")
    func oldPicture() async throws {
        let canary = ScriptedOperation(
            "a", created: .minutes(-60), cancelTakes: .minutes(8))
        try await DaemonHarness.run([canary, .overdue("b")]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                world.server.withFaults { faults in
                    faults.failNext(10, [.list], with: .failure(.notFound, "no such parent"))
                }
                try await run.wait(for: .cancelled, canary.name)
                try await world.clock.pass(.minutes(1))
                #expect(world.requests(.cancel).count == 1)
                try await run.wait(for: .cancelled, times: 2)
            }
            let second = try #require(
                world.server.requests.lastIndex { $0.call == .cancel })
            let lists = world.server.requests[..<second].filter { $0.call == .list }
            #expect(lists.suffix(2).allSatisfy { $0.status == 200 })
        }
    }

    @Test("a canary whose time is up without a verdict lets the next one be the canary")
    func stuckCanary() async throws {
        var policy = PolicyText()
        policy.within = "5m"
        let stuck = ScriptedOperation(
            "a", created: .minutes(-60), life: .ignoresCancel())
        let next = ScriptedOperation.overdue("b")
        try await DaemonHarness.run([stuck, next], policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled, next.name)
                #expect(run.count(.defied) == 0)
                try await run.wait(for: .defied, stuck.name)
            }
            #expect(world.server.cancelCount(stuck.name) == 3)
        }
    }

    @Test("a canary that shows its flag and never ends is passed, told of, and defied at last")
    func flaggedCanary() async throws {
        let stuck = ScriptedOperation(
            "a", created: .minutes(-60), life: .ignoresCancel(showsFlag: true))
        let next = ScriptedOperation.overdue("b")
        try await DaemonHarness.run([stuck, next]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled, next.name)
                #expect(
                    run.entries.count { $0.message.contains("others no longer wait for it") } == 1)
                try await run.wait(for: .defied, stuck.name)
            }
            #expect(world.server.cancelCount(stuck.name) == 1)
        }
    }

    @Test(
        "an operation whose cancel or GET always fails holds up no other",
        arguments: [SimulatedCall.cancel, .get])
    func oneAlwaysFails(call: SimulatedCall) async throws {
        var policy = PolicyText()
        policy.isCanaryOn = false
        let broken = ScriptedOperation("a", created: .minutes(-60))
        let next = ScriptedOperation.overdue("b")
        try await DaemonHarness.run([broken, next], policy: policy) { world in
            world.server.withFaults { faults in
                faults.waiting = [
                    Fault(
                        .answer(.unavailable), on: [call], resource: broken.name, times: .max)
                ]
            }
            try await world.daemon { run in
                try await run.wait(for: .cancelled, next.name, within: .minutes(30))
                try await world.clock.pass(.minutes(300))
            }
            let tries = world.requests(.cancel, broken.name).count
            #expect(tries <= 8, "\(tries)")
            #expect(world.requests(.get, broken.name).count < 400)
        }
    }

    @Test(
        "two operations that always fail hold up nobody behind them, with a canary or without",
        arguments: [
            (SimulatedCall.get, false), (.get, true), (.cancel, false), (.cancel, true),
        ])
    func twoAlwaysFail(call: SimulatedCall, canary: Bool) async throws {
        var policy = PolicyText()
        policy.isCanaryOn = canary
        let broken = (0..<2).map { ScriptedOperation("a-\($0)", created: .minutes(-60)) }
        let next = (0..<3).map { ScriptedOperation.overdue("b-\($0)") }
        try await DaemonHarness.run(broken + next + ScriptedOperation.healthy(9), policy: policy) {
            world in
            world.server.withFaults { faults in
                faults.waiting = broken.map {
                    Fault(.answer(.unavailable), on: [call], resource: $0.name, times: .max)
                }
            }
            try await world.daemon { run in
                for operation in next {
                    try await run.wait(for: .cancelled, operation.name, within: .minutes(60))
                }
            }
        }
    }

    @Test("a canary that is refused for now lets the next one be the canary at once")
    func refusedCanary() async throws {
        let first = ScriptedOperation("a", created: .minutes(-60), life: .refusesPrecondition)
        let next = ScriptedOperation.overdue("b")
        try await DaemonHarness.run([first, next]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelRefused, first.name)
                let begin = world.clock.now
                try await run.wait(for: .cancelled, next.name)
                #expect(world.clock.now.duration(since: begin) < .minutes(5))
            }
        }
    }

    @Test("an accepted cancel that no attempt may follow says what it waits for")
    func idleAttempt() async throws {
        var policy = PolicyText()
        try await DaemonHarness.run([.overdue("x", life: .ignoresCancel())], policy: policy) {
            world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                policy.mode = "observe"
                world.write(policy)
                run.reload()
                try await world.clock.wait("the reason", within: .minutes(60)) {
                    run.entries.contains {
                        $0.message.contains("has left for 10m: mode is observe")
                    }
                }
                #expect(world.requests(.cancel).count == 1)
            }
        }
    }

    @Test("ten requests without an answer that counts end as defied")
    func neverAnswered() async throws {
        var policy = PolicyText()
        policy.within = "1m"
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation], policy: policy) { world in
            world.server.withFaults { $0.failNext(.max, [.cancel], with: .unavailable) }
            try await world.daemon { run in
                try await run.wait(for: .defied, within: .seconds(12 * 3_600))
            }
            #expect(world.requests(.cancel).count == 10)
        }
    }

    @Test("cancels refused in a row before a restart count after it")
    func failedRowSurvivesRestart() async throws {
        let operations = (0..<3).map {
            ScriptedOperation("x-\($0)", created: .minutes(-60 + $0))
        }
        try await DaemonHarness.run(operations + ScriptedOperation.healthy(9)) { world in
            world.server.withFaults {
                $0.failNext(.max, [.cancel], with: .failure(.invalidArgument, "no"))
            }
            try await world.daemon { run in try await run.wait(for: .refused, times: 2) }
            try await world.daemon { run in
                try await run.wait(for: .refused)
                try await run.wait(for: .breakerOpen)
            }
        }
    }

    @Test("figures of a parent that can no longer be listed hold the breaker open for nobody")
    func deadParent() async throws {
        var policy = PolicyText()
        policy.parents = ["projects/acme", "projects/dead"]
        let dead = (0..<8).map { ScriptedOperation.overdue("x-\($0)", under: "projects/dead") }
        let late = ScriptedOperation("late", created: .minutes(-45))
        let operations = dead + [late] + ScriptedOperation.healthy(2)
        try await DaemonHarness.run(operations, policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .breakerOpen)
                world.server.withFaults { faults in
                    faults.waiting = [
                        Fault(
                            .answer(.failure(.permissionDenied, "gone")), on: [.list],
                            resource: "projects/dead", times: .max)
                    ]
                }
                try await run.wait(for: .breakerClosed, within: .minutes(30))
                try await run.wait(for: .cancelled, late.name)
                #expect(world.requests(.cancel).count == 1)
            }
        }
    }

    @Test("a poll that takes longer than three intervals confirms and cancels all the same")
    func longPolls() async throws {
        var policy = PolicyText()
        policy.interval = "10s"
        policy.pageSize = 10
        // A page every 10 s, and 8 of them a poll.
        policy.requestsPerMinute = 6
        let operations = [ScriptedOperation.overdue("x")] + ScriptedOperation.healthy(70)
        try await DaemonHarness.run(operations, policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled)
                let text =
                    "ml: a poll of all parents takes 8 requests, and requests_per_minute: 6 lets "
                    + "each be polled every 1m20s, not every 10s"
                #expect(run.entries.count { $0.message.contains(text) } == 1)
            }
        }
    }

    @Test("many deferrals are one batch of lines and a count")
    func manyDeferrals() async throws {
        var policy = PolicyText()
        policy.cancelsPerPoll = 1
        policy.isCanaryOn = false
        let overdue = ScriptedOperation.overdue("x").series(count: 100)
        try await DaemonHarness.run(overdue + ScriptedOperation.healthy(110), policy: policy) {
            world in
            try await world.daemon { run in
                try await run.wait(for: .deferred)
                #expect(run.count(.deferred) == 21)
                let last = try #require(run.entries(.deferred).last)
                #expect(last.message.hasPrefix("and 79 more of this kind"))
                try await run.wait(for: .cancelled, times: 3)
                #expect(run.count(.deferred) == 21)
            }
        }
    }

    @Test("a warning of observe mode is no notice in enforce mode")
    func noticeOfObserve() async throws {
        var policy = PolicyText()
        policy.mode = "observe"
        policy.warnBefore = "20m"
        try await DaemonHarness.run([.overdue("x")], policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .warned)
                try await world.clock.pass(.minutes(60))
                policy.mode = "enforce"
                world.write(policy)
                run.reload()
                try await run.wait(for: .policyLoaded, times: 2)
                let begin = world.clock.elapsed
                try await run.wait(for: .warned, times: 2)
                try await world.wait(for: .cancel, times: 1)
                #expect(world.clock.elapsed - begin >= .minutes(20))
            }
        }
    }

    @Test("a parent that a reload drops has its open cancel proven, the others go on")
    func droppedParent() async throws {
        var policy = PolicyText()
        policy.parents = ["projects/acme", "projects/beta"]
        let operation = ScriptedOperation(
            "x", under: "projects/beta", created: .minutes(-50), cancelTakes: .minutes(5))
        let rest = [operation, .overdue("y", under: "projects/beta")]
        try await DaemonHarness.run(rest + ScriptedOperation.healthy(2), policy: policy) {
            world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                policy.parents = ["projects/acme"]
                world.write(policy)
                run.reload()
                try await run.wait(for: .policyLoaded, times: 2)
                let lists = world.requests(.list, "projects/beta").count
                try await run.wait(for: .cancelled, operation.name)
                try await world.clock.pass(.minutes(10))
                #expect(world.requests(.list, "projects/beta").count == lists)
                #expect(run.status.hasPrefix("2 live"))
            }
            #expect(world.requests(.cancel).count == 1)
        }
    }
}
