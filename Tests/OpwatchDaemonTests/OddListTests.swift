import OperationsClient
import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchReports
import Testing
import WireFormat

/// Lists that say something strange of an operation.
@Suite("Odd lists", .timeLimit(.minutes(1)))
struct OddListTests {
    @Test("a name that a younger operation has got is watched anew, by its own age")
    func renewedName() async throws {
        let operation = ScriptedOperation.overdue("x", life: .refusesUnimplemented)
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                try await run.wait(for: .refused)
                let before = world.clock.now
                let young = SimulatedAnswer.list(of: operation.name, created: before)
                let object = young.body.drop { $0 != UInt8(ascii: "[") }.dropFirst()
                    .prefix { $0 != UInt8(ascii: "]") }
                world.server.withFaults { faults in
                    faults.failNext(.max, [.list], with: young)
                    faults.failNext(.max, [.get], with: .json(Array(object)))
                    faults.failNext(.max, [.cancel], with: .empty)
                }
                let late = try await run.wait(for: .late)
                #expect(late.field(.verdict) == Verdict.vanished.rawValue)
                try await world.wait(for: .cancel, times: 2)
                #expect(world.clock.now.duration(since: before) > .minutes(45))
            }
        }
    }

    @Test(
        "a younger operation by the list alone is told once and asked for ever less",
        arguments: [
            (SimulatedAnswer.failure(.notFound, "who?"), "its GET says that it is gone"),
            (.unavailable, "its GET failed"),
        ])
    func renewedByListAlone(answer: SimulatedAnswer, words: String) async throws {
        let operation = ScriptedOperation("x", created: .minutes(-1))
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                try await run.wait(status: "1 live")
                let young = SimulatedAnswer.list(of: operation.name, created: world.clock.now)
                world.server.withFaults { faults in
                    faults.failNext(.max, [.list], with: young)
                    faults.failNext(.max, [.get], with: answer)
                }
                try await world.clock.pass(.minutes(120))
                let entry = try #require(run.entries(.contradiction).first)
                #expect(entry.message.contains(words))
                #expect(run.count(.contradiction) == 1)
                #expect(run.count(.vanished) == 0)
            }
            #expect((2...40).contains(world.requests(.get, operation.name).count))
        }
    }

    @Test("a younger operation by the GET alone proves nothing of the one that is listed")
    func renewedByGetAlone() async throws {
        let operation = ScriptedOperation.overdue("x", life: .ignoresCancel())
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                let young = """
                    {"name": "\(operation.name)", "metadata": {"operationType": "CREATE_VERSION",
                    "createTime": "\(world.clock.now)"}}
                    """
                world.server.withFaults {
                    $0.failNext(.max, [.get], with: .json(Array(young.utf8)))
                }
                try await world.clock.pass(.minutes(60))
                #expect(run.count(.vanished) == 0)
                let entry = try #require(run.entries(.unproven).first)
                #expect(entry.message.contains("creation time differs between list and GET"))
                #expect(run.count(.unproven) == 1)
            }
            #expect(world.requests(.cancel).count == 1)
        }
    }

    @Test("a list that flaps is told of once")
    func flapping() async throws {
        let operation = ScriptedOperation("x", created: .minutes(-1))
        try await DaemonHarness.run([operation] + ScriptedOperation.healthy(1)) { world in
            try await world.daemon { run in
                try await run.wait(status: "2 live")
                for isListed in [false, true, false, true, false] {
                    world.server.withService { $0.setListed(isListed, operation.name) }
                    try await world.clock.pass(.minutes(3))
                }
                #expect(run.count(.unlisted) == 1)
            }
        }
    }

    @Test("an operation that is named outside its parent is told of once and never cancelled")
    func outsideParent() async throws {
        let name = "projects/other/operations/x"
        for names in ["", "names: any"] {
            var policy = PolicyText()
            policy.extra = names
            try await DaemonHarness.run([], policy: policy) { world in
                let created = world.clock.now.advanced(by: .minutes(-60))
                world.server.withFaults { faults in
                    faults.failNext(.max, [.list], with: .list(of: name, created: created))
                }
                try await world.daemon { run in
                    try await world.clock.pass(.minutes(20))
                    let isBounded = names.isEmpty
                    #expect(run.count(.contradiction, name) == (isBounded ? 1 : 0))
                    #expect(world.requests(.get, name).isEmpty == isBounded)
                }
            }
        }
    }
}
