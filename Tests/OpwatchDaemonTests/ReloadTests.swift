import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchReports
import Testing
import WireFormat

@Suite("Reloads", .timeLimit(.minutes(1)))
struct ReloadTests {
    @Test("a refused policy shuts the gate, says where, and opens it again when mended")
    func refused() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                try await run.wait(status: "1 live")
                world.write("version: 1\nmode: enfroce\n")
                run.reload()
                let entry = try await run.wait(for: .policyRefused)
                #expect(entry.field(.reason)?.contains("policy.yaml:2:7: error:") == true)
                try await world.clock.pass(.minutes(20))
                #expect(run.status.hasPrefix("Policy refused (a restart would fail): "))
                #expect(world.requests(.cancel).isEmpty)
                #expect(world.requests(.list).count > 15)
                world.write(PolicyText())
                run.reload()
                try await run.wait(for: .cancelled)
            }
        }
    }

    @Test("the same policy again changes nothing: confirmations go on, nothing is written")
    func idempotent() async throws {
        var policy = PolicyText()
        policy.confirmations = 4
        try await DaemonHarness.run([.overdue("x")], policy: policy) { world in
            try await world.daemon { run in
                try await world.wait(for: .list, times: 3)
                let bytes = try world.journalBytes()
                for times in 2...4 {
                    run.reload()
                    try await run.wait(for: .policyLoaded, times: times)
                }
                #expect(try world.journalBytes() == bytes)
                try await world.wait(for: .cancel, times: 1)
            }
            #expect(world.listsBeforeCancel == 4)
        }
    }

    @Test("a changed policy counts confirmations anew and keeps requests and warnings")
    func changed() async throws {
        var policy = PolicyText()
        policy.confirmations = 3
        try await DaemonHarness.run([.overdue("x")], policy: policy) { world in
            try await world.daemon { run in
                try await world.wait(for: .list, times: 2)
                var next = policy
                next.total = "44m"
                world.write(next)
                run.reload()
                try await run.wait(for: .policyLoaded, times: 2)
                try await world.wait(for: .cancel, times: 1)
            }
            #expect((5...6).contains(world.listsBeforeCancel))
            let policies = try world.records().count { record in
                if case .policy = record { true } else { false }
            }
            #expect(policies == 2)
        }
    }

    @Test("a service that is renamed keeps what is known of its operations, a refusal too")
    func renamed() async throws {
        let operation = ScriptedOperation.overdue("x", life: .refusesUnimplemented)
        try await DaemonHarness.run([operation, .overdue("kept", life: .kept)]) { world in
            try await world.daemon { run in
                try await run.wait(for: .refused)
                world.write(
                    PolicyText().text(port: world.server.port)
                        .replacing("name: ml", with: "name: renamed"))
                run.reload()
                try await run.wait(for: .policyLoaded, times: 2)
                try await world.clock.pass(.minutes(30))
                #expect(run.status.hasPrefix("2 live"))
            }
            #expect(world.requests(.cancel).count == 1)
            let moved = try world.records().count { if case .moved = $0 { true } else { false } }
            #expect(moved == 2)
        }
    }

    @Test("a service that is renamed while a cancel is open goes on counting its attempts")
    func renamedWhileOpen() async throws {
        var policy = PolicyText()
        policy.attempts = 2
        let operation = ScriptedOperation.overdue("x", life: .ignoresCancel())
        try await DaemonHarness.run([operation], policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                world.write(
                    policy.text(port: world.server.port)
                        .replacing("name: ml", with: "name: renamed"))
                run.reload()
                try await run.wait(for: .defied)
            }
            #expect(world.requests(.cancel).count == 2)
        }
    }

    @Test("a refusal is not forgotten when its parent leaves the policy for a while")
    func refusedAndBack() async throws {
        let operation = ScriptedOperation.overdue("x", life: .refusesUnimplemented)
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                try await run.wait(for: .refused)
                world.write("version: 1\nmode: enforce\nservices: []\nrules: []\n")
                run.reload()
                try await run.wait(for: .nothingToWatch)
                world.write(PolicyText())
                run.reload()
                try await run.wait(for: .policyLoaded, times: 3)
                try await world.clock.pass(.minutes(30))
            }
            #expect(world.requests(.cancel).count == 1)
            #expect(
                try world.records().count { if case .verdict = $0 { true } else { false } } == 1)
        }
    }

    @Test("a reload during a verify lets the verify go on")
    func duringVerify() async throws {
        let operation = ScriptedOperation(
            "x", created: .minutes(-50), cancelTakes: .minutes(5))
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults {
                $0.waiting = [Fault(.delay(.seconds(1)), on: [.get], skipping: 1)]
            }
            try await world.daemon { run in
                try await world.wait(for: .get, times: 2)
                var next = PolicyText()
                next.total = "40m"
                world.write(next)
                run.reload()
                try await run.wait(for: .policyLoaded, times: 2)
                try await run.wait(for: .cancelled)
            }
            #expect(world.requests(.cancel).count == 1)
        }
    }

    @Test("a refused cancel that a rule protects meanwhile waits, is told, and goes on afterwards")
    func protectedMeanwhile() async throws {
        let operation = ScriptedOperation.overdue("x", life: .refusesPrecondition)
        try await DaemonHarness.run([operation]) { world in
            let cancelling = PolicyText().text(port: world.server.port)
            try await world.daemon { run in
                try await world.wait(for: .cancel, times: 1)
                world.write(
                    cancelling.replacing(
                        "'metadata.labels.keep = \"true\"'",
                        with: "'metadata.operationType = \"CREATE_VERSION\"'"))
                run.reload()
                try await run.wait(for: .policyLoaded, times: 2)
                try await world.clock.pass(.minutes(120))
                #expect(world.requests(.cancel).count == 1)
                #expect(run.entries.count { $0.message.contains("no other attempt") } == 1)
                world.write(cancelling)
                run.reload()
                try await run.wait(for: .refused)
            }
            #expect(world.requests(.cancel).count == 3)
        }
    }

    @Test("an ignore rule that matches nothing is told once, and once more for a changed policy")
    func idleIgnoreRule() async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(2)) { world in
            try await world.daemon { run in
                func told() -> Int {
                    run.entries.count { entry in
                        entry.message.hasSuffix(
                            "the ignore rule protected matches none of 2 live operations")
                    }
                }
                try await world.clock.pass(.minutes(5))
                #expect(told() == 1)
                var next = PolicyText()
                next.total = "50m"
                world.write(next)
                run.reload()
                try await run.wait(for: .policyLoaded, times: 2)
                try await world.clock.pass(.minutes(5))
                #expect(told() == 2)
            }
        }
    }

    @Test("a look that waits in a closed lane is not lost by a reload")
    func queuedLook() async throws {
        let operation = ScriptedOperation(
            "x", created: .minutes(-50), cancelTakes: .minutes(5))
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                world.server.withFaults {
                    $0.failNext(1, [.list], with: .throttled(retryAfterSeconds: 900))
                }
                try await run.wait(for: .pollFailed)
                try await world.clock.pass(.minutes(5))
                var next = PolicyText()
                next.total = "40m"
                world.write(next)
                run.reload()
                try await run.wait(for: .policyLoaded, times: 2)
                try await run.wait(for: .cancelled)
            }
            #expect(world.requests(.cancel).count == 1)
        }
    }

    @Test("a reload while the fresh GET is under way withdraws the intent")
    func duringGate() async throws {
        try await DaemonHarness.run([.overdue("x")]) { world in
            world.server.withFaults {
                $0.waiting = [Fault(.delay(.seconds(1)), on: [.get])]
            }
            try await world.daemon { run in
                try await world.wait(for: .get, times: 1)
                var next = PolicyText()
                next.mode = "observe"
                world.write(next)
                run.reload()
                try await run.wait(for: .withdrawn)
                try await run.wait(for: .wouldCancel)
            }
            #expect(world.requests(.cancel).isEmpty)
        }
    }

    @Test("many signals at once reload once")
    func collapsed() async throws {
        try await DaemonHarness.run([]) { world in
            try await world.daemon { run in
                try await run.wait(for: .ready)
                for _ in 0..<1_000 { run.reload() }
                try await world.clock.pass(.minutes(2))
                #expect(run.count(.policyLoaded) < 100)
            }
        }
    }

    @Test("what may have arrived at a service that the policy dropped is fetched for its window")
    func droppedUnanswered() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation, .overdue("y")]) { world in
            world.server.withFaults { $0.add(.dropBeforeEffect, on: [.cancel]) }
            try await world.daemon { run in
                try await run.wait(for: .cancelUnanswered)
                let begin = world.clock.now
                world.write("version: 1\nmode: enforce\nservices: []\nrules: []\n")
                run.reload()
                try await run.wait(status: "nothing to watch")
                try await world.clock.wait("the drop", within: .minutes(30)) {
                    (try? world.records())?.contains {
                        $0
                            == .dropped(
                                OperationIdentity(
                                    endpoint: Endpoint("http://127.0.0.1:\(world.server.port)/v1"),
                                    name: operation.name))
                    } ?? false
                }
                #expect(world.clock.now.duration(since: begin) >= .minutes(10))
                #expect(world.requests(.get, operation.name).count > 3)
            }
        }
    }
}
