import Foundation
import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchReports
import Testing
import WireFormat

@Suite("Restarts", .timeLimit(.minutes(1)))
struct RestartTests {
    @Test("a warning stays written across a restart, and its notice goes on")
    func notice() async throws {
        var policy = PolicyText()
        policy.warnBefore = "30m"
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation], policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .warned, operation.name)
                try await world.clock.pass(.minutes(10))
            }
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                #expect(run.count(.warned) == 0)
            }
            let cancel = try #require(world.requests(.cancel).first)
            let age = cancel.time.duration(since: DrivenClock.start)
            #expect(age >= .minutes(30) && age < .minutes(34))
        }
    }

    @Test("after a crash during the POST the operation is looked up, and no intent posts twice")
    func crashDuringPost() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults {
                $0.waiting = [Fault(.delay(.seconds(9)), on: [.cancel])]
            }
            var image = ""
            try await world.daemon(ending: .killed) { _ in
                try await world.wait(for: .cancel, times: 1)
                image = try world.crashImage()
            }
            let before = world.server.requestCount
            try await world.daemon(state: image) { run in
                try await run.wait(for: .cancelled, operation.name)
            }
            let calls = world.server.requests.dropFirst(before).compactMap(\.call)
            #expect(calls.contains(.get))
            #expect(!calls.contains(.cancel))
            try world.expectOnePostAnIntent(state: image)
        }
    }

    @Test("a canary that may have arrived before a crash is still the one that others wait for")
    func canaryOverCrash() async throws {
        try await DaemonHarness.run([.overdue("x"), .overdue("y")]) { world in
            world.server.withFaults { $0.failNext(1, [.cancel], with: .unavailable) }
            var image = ""
            try await world.daemon(ending: .killed) { run in
                try await run.wait(for: .cancelUnanswered)
                image = try world.crashImage()
            }
            let before = world.clock.now
            try await world.daemon(state: image) { _ in
                try await world.wait(for: .cancel, times: 2)
            }
            // Its window is over by then.
            #expect(world.clock.now.duration(since: before) >= .minutes(10))
        }
    }

    @Test("what ended before a start is not met anew where a list lags behind")
    func lingeringOverRestart() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled, operation.name)
            }
            let created = DrivenClock.start.advanced(by: operation.created)
            let stale = SimulatedAnswer.list(of: operation.name, created: created)
            world.server.withFaults { $0.failNext(.max, [.list], with: stale) }
            try await world.daemon { run in
                try await run.wait(for: .contradiction)
                try await world.clock.pass(.minutes(20))
                #expect(run.count(.cancelledByOther) == 0)
                #expect(run.count(.contradiction) == 1)
            }
        }
    }

    @Test("an intent whose POST had no effect before the crash leads to a new intent")
    func crashBeforePost() async throws {
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation]) { world in
            world.server.withFaults {
                $0.waiting = [Fault(.delay(.seconds(9)), on: [.get])]
            }
            var image = ""
            try await world.daemon(ending: .killed) { _ in
                try await world.wait(for: .get, times: 1)
                image = try world.crashImage()
            }
            #expect(world.requests(.cancel).isEmpty)
            try await world.daemon(state: image) { run in
                try await run.wait(for: .cancelled, operation.name)
            }
            #expect(world.server.cancelCount(operation.name) == 1)
            let intents = try world.records(state: image).count { record in
                if case .intent = record { true } else { false }
            }
            #expect(intents == 2)
        }
    }

    @Test("an open cancel is proven after a restart")
    func verifyGoesOn() async throws {
        let operation = ScriptedOperation(
            "x", created: .minutes(-50), cancelTakes: .minutes(20))
        var policy = PolicyText()
        policy.within = "1h"
        try await DaemonHarness.run([operation], policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                try await world.clock.pass(.minutes(2))
            }
            try await world.daemon { run in
                try await run.wait(for: .cancelled)
            }
            #expect(world.server.cancelCount(operation.name) == 1)
        }
    }

    @Test("a verdict that leaves an operation running survives a restart; its end is late")
    func lateEnd() async throws {
        let operation = ScriptedOperation.overdue("x", life: .refusesUnimplemented)
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in try await run.wait(for: .refused) }
            try await world.daemon { run in
                try await world.clock.pass(.minutes(30))
                world.server.withService { $0.end(operation.name) }
                let entry = try await run.wait(for: .late)
                #expect(entry.field(.verdict) == Verdict.finishedAnyway.rawValue)
            }
            #expect(world.requests(.cancel).count == 1)
        }
    }

    @Test("a cancel of a service that the policy dropped is proven after a restart")
    func droppedService() async throws {
        let operation = ScriptedOperation(
            "x", created: .minutes(-50), cancelTakes: .minutes(5))
        try await DaemonHarness.run([operation, .overdue("y")]) { world in
            try await world.daemon { run in try await run.wait(for: .cancelAsked) }
            world.write("version: 1\nmode: enforce\nservices: []\nrules: []\n")
            let lists = world.requests(.list).count
            try await world.daemon { run in
                try await run.wait(for: .cancelled, operation.name)
                #expect(run.status.contains("nothing to watch") == true)
            }
            #expect(world.requests(.list).count == lists)
            #expect(try droppedNames(in: world) == ["projects/acme/operations/y"])
        }
    }

    @Test("a service that a reload drops has its open cancel proven and the rest closed")
    func droppedByReload() async throws {
        let operation = ScriptedOperation(
            "x", created: .minutes(-50), cancelTakes: .minutes(5))
        try await DaemonHarness.run([operation, .overdue("y")]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                world.write("version: 1\nmode: enforce\nservices: []\nrules: []\n")
                run.reload()
                try await run.wait(for: .nothingToWatch)
                let lists = world.requests(.list).count
                try await run.wait(for: .cancelled, operation.name)
                try await world.clock.pass(.minutes(10))
                #expect(world.requests(.list).count == lists)
            }
            #expect(try droppedNames(in: world) == ["projects/acme/operations/y"])
        }
    }

    @Test("a cancel that is never obeyed is let go with its dropped service when its time is up")
    func defiantDropped() async throws {
        let operation = ScriptedOperation.overdue("x", life: .ignoresCancel())
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelAsked)
                world.write("version: 1\nmode: enforce\nservices: []\nrules: []\n")
                run.reload()
                try await world.clock.pass(.minutes(60))
                #expect(world.requests(.cancel).count == 1)
                #expect(world.requests(.get).count < 25)
            }
            #expect(try droppedNames(in: world) == [operation.name])
        }
    }

    @Test("a damaged journal is only observed with")
    func damage() async throws {
        let operations = [ScriptedOperation.overdue("x")] + ScriptedOperation.healthy(3)
        try await DaemonHarness.run(operations) { world in
            try await world.daemon { run in try await run.wait(status: "4 live") }
            let name = try #require(
                FileManager.default.contentsOfDirectory(atPath: world.stateDirectory)
                    .first { $0.hasSuffix(".jsonl") })
            let path = "\(world.stateDirectory)/\(name)"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            try await world.daemon { run in
                try await run.wait(for: .journalDamaged)
                try await world.clock.pass(.minutes(30))
                #expect(run.status.contains("journal damaged"))
            }
            #expect(world.requests(.cancel).isEmpty)
        }
    }

    private func droppedNames(in world: DaemonHarness) throws -> [String] {
        try world.records().compactMap { record in
            if case .dropped(let operation) = record { operation.name } else { nil }
        }
    }
}
