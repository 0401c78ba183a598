import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchReports
import Testing
import WireFormat

@Suite("Cancels", .timeLimit(.minutes(1)))
struct CancelTests {
    @Test("observe mode sends no cancel, one GET and one report an operation")
    func observe() async throws {
        var policy = PolicyText()
        policy.mode = "observe"
        let operations = [ScriptedOperation.overdue("a"), .overdue("b", life: .ignoresCancel())]
        try await DaemonHarness.run(operations, policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .wouldCancel, times: 2)
                try await world.clock.pass(.minutes(30))
                #expect(run.count(.wouldCancel) == 2)
                let last = try #require(run.entries(.wouldCancel).last)
                #expect(last.message.contains("number 2 of this hour, limit 20"))
            }
            #expect(world.requests(.cancel).isEmpty)
            #expect(world.requests(.get).count == 2)
            try await world.daemon { _ in try await world.clock.pass(.minutes(10)) }
            #expect(world.requests(.get).count == 2)
        }
    }

    @Test("an operation that a rule ignores is never cancelled")
    func protected() async throws {
        let kept = ScriptedOperation.overdue("kept", life: .kept)
        try await DaemonHarness.run([kept, .overdue("x")]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled)
                try await world.clock.pass(.minutes(60))
            }
            #expect(world.server.cancelCount(kept.name) == 0)
        }
    }

    @Test("the order is intent, GET, POST, and the intent is durable before the GET")
    func order() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults { faults in
                faults.waiting = [Fault(.delay(.seconds(1)), on: [.get])]
            }
            try await world.daemon { run in
                try await world.wait(for: .get, times: 1)
                let records = try world.records()
                #expect(records.contains { if case .intent = $0 { true } else { false } })
                #expect(world.requests(.cancel).isEmpty)
                try await run.wait(for: .cancelled)
            }
            let calls = world.server.requests.compactMap(\.call).filter { $0 != .list }
            #expect(calls.prefix(2) == [.get, .cancel])
        }
    }

    @Test(
        "without a Date, or with one that is off, nothing is cancelled until the clocks agree",
        arguments: [
            Faults.DateFault.missing, .skewed(.seconds(301)), .skewed(.seconds(-301)),
            .garbled("yesterday"),
        ])
    func clocks(fault: Faults.DateFault) async throws {
        try await DaemonHarness.run([.overdue("x")]) { world in
            world.server.withFaults { $0.date = fault }
            try await world.daemon { run in
                try await run.wait(for: .clockDisagrees)
                try await run.wait(status: "disagrees, no cancels")
                try await world.clock.pass(.minutes(30))
                #expect(run.count(.clockDisagrees) == 1)
                #expect(world.requests(.cancel).isEmpty)
                world.server.withFaults { $0.date = .none }
                try await run.wait(for: .clockAgrees)
                try await run.wait(for: .cancelled)
            }
        }
    }

    @Test("ages go by our clock while the service's is off: nothing is warned of too early")
    func agesBySkewedDate() async throws {
        var policy = PolicyText()
        policy.warnBefore = "5m"
        let young = ScriptedOperation("x", created: .minutes(-10))
        try await DaemonHarness.run([young], policy: policy) { world in
            world.server.withFaults { $0.date = .skewed(.minutes(120)) }
            try await world.daemon { run in
                try await run.wait(status: "0 live")
                world.server.withFaults { $0.date = .none }
                try await run.wait(status: "1 live")
                world.server.withFaults { $0.date = .skewed(.minutes(120)) }
                try await world.clock.pass(.minutes(10))
                #expect(run.count(.warned) == 0)
            }
        }
    }

    @Test("a clock that jumps has the next poll only warn")
    func jump() async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(3)) { world in
            try await world.daemon { run in
                try await run.wait(status: "3 live")
                try await world.clock.pass(.minutes(5))
                world.clock.jump(by: .minutes(120))
                try await world.clock.pass(.minutes(5))
                #expect(run.entries.count { $0.message.contains("clock jumped") } == 1)
            }
        }
    }

    @Test("a cancel that is denied on two operations shuts the service's but for one trial an hour")
    func denied() async throws {
        let operations = ["a", "b"].map { ScriptedOperation.overdue($0, life: .deniedCancel) }
        try await DaemonHarness.run(operations) { world in
            try await world.daemon { run in
                let first = try await run.wait(for: .cancelDenied)
                #expect(first.message.contains("others go on"))
                let second = try await run.wait(for: .cancelDenied, times: 2)
                #expect(second.message.contains("all its cancels are shut"))
                try await run.wait(status: "ml.operations.cancel")
                try await world.clock.pass(.minutes(55))
                #expect(world.requests(.cancel).count == 2)
                try await world.clock.pass(.minutes(10))
                #expect(world.requests(.cancel).count == 3)
            }
        }
    }

    @Test("a cancel that is not found while a GET finds the operation is refused, and asked once")
    func cancelNotFound() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults {
                $0.failNext(.max, [.cancel], with: .failure(.notFound, "no such method"))
            }
            try await world.daemon { run in
                try await run.wait(for: .refused, operation.name)
                try await world.clock.pass(.minutes(30))
                #expect(world.requests(.cancel).count == 1)
            }
        }
    }

    @Test("a POST whose answer was lost is looked up before anything else")
    func lostAnswer() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults { $0.add(.dropAfterEffect, on: [.cancel]) }
            try await world.daemon { run in
                try await run.wait(for: .cancelUnanswered)
                try await run.wait(for: .cancelled)
            }
            #expect(world.server.cancelCount(operation.name) == 1)
        }
    }

    @Test(
        "a POST without effect is followed by a GET and then by a new intent",
        arguments: [
            Fault.Effect.dropBeforeEffect, .answer(.unavailable), .answer(.unauthenticated),
            .answer(.throttled(retryAfterSeconds: 30)),
        ])
    func unanswered(effect: Fault.Effect) async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults { $0.add(effect, on: [.cancel]) }
            try await world.daemon { run in
                let entry = try await run.wait(for: .cancelled)
                #expect(entry.field(.attempt) == "1")
            }
            let posts = world.requests(.cancel).map(\.time)
            #expect(posts[1].duration(since: posts[0]) >= .minutes(10))
            let calls = world.server.requests.compactMap(\.call).filter { $0 != .list }
            #expect(calls.prefix(3) == [.get, .cancel, .get])
            #expect(calls.count { $0 == .cancel } == 2)
            try world.expectOnePostAnIntent()
        }
    }

    @Test("what exceeds the cap of a poll is deferred, oldest deadline first, and told once")
    func pollCap() async throws {
        var policy = PolicyText()
        policy.cancelsPerPoll = 2
        policy.isCanaryOn = false
        let operations = (0..<5).map {
            ScriptedOperation("x-\($0)", created: .minutes(-60 + $0), cancelTakes: .seconds(1))
        }
        try await DaemonHarness.run(operations + ScriptedOperation.healthy(20), policy: policy) {
            world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled, times: 5)
                #expect(run.count(.deferred) == 3)
            }
            let posts = world.requests(.cancel).compactMap(\.resource)
            #expect(posts == operations.map(\.name))
            #expect(world.listsBeforeCancel == 2)
        }
    }

    @Test("the hourly budget holds, across a restart too")
    func budget() async throws {
        var policy = PolicyText()
        policy.cancelsPerHour = 3
        let operations = (0..<5).map { ScriptedOperation.overdue("x-\($0)") }
        try await DaemonHarness.run(operations + ScriptedOperation.healthy(20), policy: policy) {
            world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled, times: 3)
                try await world.clock.pass(.minutes(10))
            }
            try await world.daemon { run in
                try await world.clock.pass(.minutes(30))
                #expect(world.requests(.cancel).count == 3)
                try await run.wait(for: .cancelled, times: 2)
            }
            let times = world.requests(.cancel).map(\.time)
            #expect(times[3].duration(since: times[0]) > .minutes(60))
        }
    }

    @Test("a refusal that may pass is tried again after growing waits, and the reason is told")
    func refusedForNow() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults {
                $0.failNext(
                    2, [.cancel], with: .failure(.failedPrecondition, "cannot cancel in SETUP"))
            }
            try await world.daemon { run in
                try await run.wait(for: .cancelled)
                #expect(run.entries.contains { $0.message.contains("cannot cancel in SETUP") })
                #expect(run.count(.refused) == 0)
            }
            let times = world.requests(.cancel).map(\.time)
            #expect(times.count == 3)
            #expect(times[1].duration(since: times[0]) >= .minutes(10))
            #expect(times[2].duration(since: times[1]) >= .minutes(20))
        }
    }

    @Test("a withdrawn intent gives its place in the budget back")
    func withdrawn() async throws {
        var policy = PolicyText()
        policy.cancelsPerHour = 1
        try await DaemonHarness.run([.overdue("x")], policy: policy) { world in
            world.server.withFaults { $0.failNext(1, [.get], with: .unavailable) }
            try await world.daemon { run in
                try await run.wait(for: .withdrawn)
                try await run.wait(for: .cancelled, within: .minutes(10))
            }
            try world.expectOnePostAnIntent()
        }
    }

    @Test("the first cancel of a service goes alone until its verdict")
    func canary() async throws {
        let operations = [
            ScriptedOperation("a", created: .minutes(-60), cancelTakes: .minutes(5)),
            .overdue("b"), .overdue("c"),
        ]
        try await DaemonHarness.run(operations) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled, operations[0].name)
                #expect(world.requests(.cancel).count == 1)
                try await run.wait(for: .cancelled, times: 3)
            }
        }
    }

    @Test("a collection that does not implement cancel is not asked again")
    func unimplemented() async throws {
        let operations = ["a", "b"].map {
            ScriptedOperation.overdue($0, life: .refusesUnimplemented)
        }
        try await DaemonHarness.run(operations) { world in
            try await world.daemon { run in
                try await run.wait(for: .unsupported)
                try await world.clock.pass(.minutes(60))
            }
            try await world.daemon { _ in try await world.clock.pass(.minutes(60)) }
            #expect(world.requests(.cancel).count == 1)
        }
    }

    @Test("the breaker opens when too many are overdue, and closes by itself")
    func breaker() async throws {
        let operations = (0..<8).map { ScriptedOperation.overdue("x-\($0)") }
        try await DaemonHarness.run(operations) { world in
            try await world.daemon { run in
                try await run.wait(for: .breakerOpen)
                try await world.clock.pass(.minutes(10))
                #expect(world.requests(.cancel).isEmpty)
                world.server.withService { service in
                    for operation in operations.dropFirst(2) { service.end(operation.name) }
                }
                try await run.wait(for: .breakerClosed)
                try await run.wait(for: .cancelled, times: 2)
            }
        }
    }

    @Test("an operation that finished after the list is not cancelled")
    func finishedMeanwhile() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            let done = """
                {"name": "\(operation.name)", "done": true, "response": {}, "metadata":
                {"createTime": "\(DrivenClock.start.advanced(by: .minutes(-50)))"}}
                """
            world.server.withFaults {
                $0.failNext(1, [.get], with: .json(Array(done.utf8)))
            }
            try await world.daemon { run in
                try await run.wait(for: .withdrawn)
            }
            #expect(world.requests(.cancel).isEmpty)
            #expect(
                try world.records().contains { record in
                    if case .finished = record { true } else { false }
                })
        }
    }

    @Test("an operation whose creation time changed on the fresh GET is not cancelled")
    func creationChanged() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            let other = """
                {"name": "\(operation.name)", "metadata": {"operationType": "CREATE_VERSION",
                "createTime": "\(DrivenClock.start.advanced(by: .minutes(-51)))"}}
                """
            world.server.withFaults {
                $0.failNext(.max, [.get], with: .json(Array(other.utf8)))
            }
            try await world.daemon { run in
                try await world.wait(for: .get, times: 5)
                #expect(run.count(.withdrawn) == 1)
            }
            #expect(world.requests(.cancel).isEmpty)
            // After one interval, then after two, four, eight.
            let times = world.requests(.get).prefix(5).map(\.time)
            let gaps = zip(times, times.dropFirst()).map { $1.duration(since: $0) }
            #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $1 > $0 * 1.5 })
        }
    }
}
