import OperationsSimulator
import OpwatchCore
import OpwatchReports
import Testing
import WireFormat

@Suite("Polls", .timeLimit(.minutes(1)))
struct PollTests {
    @Test("the first poll after a start only warns, also with one confirmation")
    func firstPollWarns() async throws {
        let operation = ScriptedOperation.overdue("x")
        var policy = PolicyText()
        policy.confirmations = 1
        try await DaemonHarness.run([operation], policy: policy) { world in
            try await world.daemon { run in
                try await world.wait(for: .cancel, times: 1)
            }
            #expect(world.listsBeforeCancel == 2)
        }
    }

    @Test("so many complete polls as the policy says come before a cancel", arguments: [2, 3, 5])
    func confirmations(needed: Int) async throws {
        let operation = ScriptedOperation.overdue("x")
        var policy = PolicyText()
        policy.confirmations = needed
        try await DaemonHarness.run([operation], policy: policy) { world in
            try await world.daemon { _ in try await world.wait(for: .cancel, times: 1) }
            #expect(world.listsBeforeCancel == needed)
        }
    }

    @Test("a failed or partial poll neither counts nor resets confirmations")
    func failedPolls() async throws {
        let operation = ScriptedOperation.overdue("x")
        var policy = PolicyText()
        policy.confirmations = 3
        try await DaemonHarness.run([operation], policy: policy) { world in
            world.server.withFaults { faults in
                faults.waiting = [
                    Fault(.unreachable(["somewhere"]), on: [.list], skipping: 1),
                    Fault(.malformedBody, on: [.list], skipping: 2),
                ]
            }
            try await world.daemon { run in
                try await world.wait(for: .cancel, times: 1)
                #expect(run.count(.pollPartial) == 1)
                #expect(run.count(.pollFailed) == 1)
                #expect(run.count(.pollRecovered) >= 1)
            }
            #expect(world.listsBeforeCancel == 5)
        }
    }

    @Test("a gap of over three intervals resets confirmations and is told")
    func gap() async throws {
        let operation = ScriptedOperation.overdue("x")
        var policy = PolicyText()
        policy.confirmations = 2
        try await DaemonHarness.run([operation], policy: policy) { world in
            world.server.withFaults { faults in
                let fault = Fault(
                    .unreachable(["somewhere"]), on: [.list], skipping: 1, times: 4)
                faults.waiting = [fault]
            }
            try await world.daemon { run in
                try await world.wait(for: .cancel, times: 1)
                #expect(run.count(.pollOverdue) == 1)
            }
            // One before the gap, four partial ones, then two that count.
            #expect(world.listsBeforeCancel == 7)
        }
    }

    @Test("a filter that the service rejects is checked here alone, and that is told once")
    func rejectedFilter() async throws {
        var policy = PolicyText()
        policy.extra = "filter: 'metadata.modelName:keep'"
        let kept = ScriptedOperation(
            "in", model: "keep", created: .minutes(-50), life: .slow)
        let other = ScriptedOperation.overdue("out")
        try await DaemonHarness.run([kept, other], policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .cancelled, kept.name)
                try await world.clock.pass(.minutes(10))
                #expect(run.count(.filterRejected) == 1)
            }
            #expect(world.server.cancelCount(other.name) == 0)
            let filtered = world.requests(.list).filter { $0.target.contains("filter=") }
            #expect(filtered.count == 1)
        }
    }

    @Test("a server_filter that the service rejects is a failed poll")
    func rejectedServerFilter() async throws {
        var policy = PolicyText()
        policy.extra = "server_filter: 'state=RUNNING'"
        try await DaemonHarness.run([.overdue("x")], policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(for: .pollFailed)
                try await world.clock.pass(.minutes(10))
                #expect(run.count(.filterRejected) == 0)
                #expect(run.count(.pollFailed) == 1)
                #expect(run.status.contains("no complete poll since 12:00:0"))
            }
            #expect(world.requests(.list).allSatisfy { $0.target.contains("filter=") })
            #expect(world.requests(.cancel).isEmpty)
        }
    }

    @Test("a page token that expires in mid-walk has the walk begin again, once")
    func expiredToken() async throws {
        var policy = PolicyText()
        policy.pageSize = 10
        policy.extra = "filter: 'NOT done = true'"
        try await DaemonHarness.run(ScriptedOperation.healthy(25), policy: policy) { world in
            world.server.withFaults { faults in
                faults.waiting = [
                    Fault(
                        .answer(.failure(.invalidArgument, "Page token expired.")), on: [.list],
                        skipping: 2)
                ]
            }
            try await world.daemon { run in
                try await run.wait(status: "25 live")
                #expect(run.count(.pollFailed) == 0)
                #expect(run.count(.filterRejected) == 0)
            }
            #expect(world.requests(.list).count == 6)
        }
    }

    @Test("a page counts only when it was read to its end")
    func brokenPage() async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(9)) { world in
            world.server.withFaults {
                $0.waiting = [Fault(.malformedBody, on: [.list], times: .max)]
            }
            try await world.daemon { run in
                try await world.clock.pass(.minutes(10))
                #expect(run.count(.pollFailed) == 1)
                #expect(run.status.contains("0 live"))
            }
            let records = try world.records()
            #expect(!records.contains { if case .seen = $0 { true } else { false } })
        }
    }

    @Test("a token that comes twice fails the poll, told once, and proves no absence")
    func repeatedToken() async throws {
        var policy = PolicyText()
        policy.pageSize = 10
        try await DaemonHarness.run(ScriptedOperation.healthy(25), policy: policy) { world in
            try await world.daemon { run in
                try await run.wait(status: "25 live")
                world.server.withFaults {
                    $0.waiting = [Fault(.repeatedPageToken, on: [.list], skipping: 1, times: 99)]
                }
                try await world.clock.pass(.minutes(20))
                #expect(run.count(.pollFailed) == 1)
                #expect(run.status.contains("repeated a page token"))
                #expect(world.requests(.get).isEmpty)
            }
        }
    }

    @Test("a page that is too large halves the page size at once, down to 10")
    func tooLarge() async throws {
        var policy = PolicyText()
        policy.pageSize = 35
        try await DaemonHarness.run(ScriptedOperation.healthy(3), policy: policy) { world in
            world.server.withFaults { faults in
                faults.waiting = [
                    Fault(.hugeBody(bytes: 9 << 20, chunked: false), on: [.list], times: 3)
                ]
            }
            try await world.daemon { run in
                try await run.wait(for: .pollFailed)
                #expect(run.count(.limitReached) == 2)
                try await run.wait(status: "3 live")
            }
            #expect(world.pageSizes.prefix(3) == ["35", "17", "10"])
        }
    }

    @Test(
        "a parent that asks to be left alone is, for long only if it asks twice",
        arguments: [(1, 120, [120]), (1, 86_400, [300]), (2, 900, [300, 900])])
    func throttled(count: Int, asked: Int, pauses: [Int]) async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(1)) { world in
            world.server.withFaults { faults in
                faults.failNext(count, [.list], with: .throttled(retryAfterSeconds: asked))
            }
            try await world.daemon { run in
                try await run.wait(status: "1 live")
                let entry = try #require(run.entries(.pollFailed).first)
                #expect(entry.message.contains("left alone until"))
            }
            let times = world.requests(.list).map(\.time)
            for (index, pause) in pauses.enumerated() {
                let gap = times[index + 1].duration(since: times[index])
                #expect(gap >= .seconds(pause) && gap < .seconds(pause + 61), "\(gap)")
            }
        }
    }

    @Test("one parent that asks to be left alone delays no other")
    func throttledParent() async throws {
        var policy = PolicyText()
        policy.parents = ["projects/acme", "projects/throttled"]
        try await DaemonHarness.run(ScriptedOperation.healthy(1), policy: policy) { world in
            world.server.withFaults { faults in
                faults.waiting = [
                    Fault(
                        .answer(.throttled(retryAfterSeconds: 240)), on: [.list],
                        resource: "projects/throttled", times: .max)
                ]
            }
            try await world.daemon { run in
                try await run.wait(for: .pollFailed)
                let begin = world.requests(.list, "projects/acme").count
                try await world.clock.pass(.seconds(210))
                #expect(world.requests(.list, "projects/acme").count - begin >= 3)
                #expect(world.requests(.list, "projects/throttled").count == 1)
            }
        }
    }

    @Test("a page size that was halved grows again after a while")
    func pageSizeGrows() async throws {
        var policy = PolicyText()
        policy.pageSize = 80
        try await DaemonHarness.run(ScriptedOperation.healthy(2), policy: policy) { world in
            world.server.withFaults { faults in
                faults.waiting = [
                    Fault(.hugeBody(bytes: 9 << 20, chunked: false), on: [.list])
                ]
            }
            try await world.daemon { run in
                try await run.wait(for: .limitReached)
                try await world.clock.pass(.minutes(40))
            }
            let sizes = world.pageSizes
            #expect(sizes.prefix(2) == ["80", "40"])
            #expect(sizes.last == "80")
        }
    }

    @Test("an operation that is no longer listed is looked at: finished, unlisted or vanished")
    func absent() async throws {
        let names = ["finished", "hidden", "gone"].map { ScriptedOperation($0).name }
        let operations = ["finished", "hidden", "gone"].map {
            ScriptedOperation($0, created: .minutes(-1))
        }
        try await DaemonHarness.run(operations + ScriptedOperation.healthy(1)) { world in
            try await world.daemon { run in
                try await run.wait(status: "4 live")
                world.server.withService { service in
                    service.setListed(false, names[0])
                    service.end(names[0])
                    service.setListed(false, names[1])
                    service.remove(names[2])
                }
                try await run.wait(for: .unlisted, names[1])
                try await run.wait(status: "2 live")
                try await world.clock.pass(.minutes(25))
                #expect(run.count(.unlisted) == 1)
            }
            // The first look, and one each ten polls.
            #expect((2...4).contains(world.requests(.get, names[1]).count))
            #expect(world.requests(.get, names[2]).count == 2)
            let ends = try world.records().compactMap { record -> String? in
                switch record {
                case .finished(let operation, _): "finished \(operation.name)"
                case .vanished(let operation): "vanished \(operation.name)"
                default: nil
                }
            }
            #expect(ends.sorted() == ["finished \(names[0])", "vanished \(names[2])"])
        }
    }

    @Test("an operation that two parents list is cancelled through the first alone")
    func duplicate() async throws {
        var policy = PolicyText()
        policy.parents = ["projects/acme", "projects/beta"]
        let operation = ScriptedOperation.overdue("x")
        try await DaemonHarness.run([operation], policy: policy) { world in
            let created = DrivenClock.start.advanced(by: .minutes(-50))
            world.server.withFaults { faults in
                faults.waiting = [
                    Fault(
                        .answer(.list(of: operation.name, created: created)), on: [.list],
                        resource: "projects/beta", times: .max)
                ]
            }
            try await world.daemon { run in
                try await world.wait(for: .cancel, times: 1)
                try await run.wait(for: .duplicateListing)
                try await world.clock.pass(.minutes(5))
                #expect(run.count(.duplicateListing) == 1)
            }
            #expect(world.server.cancelCount(operation.name) == 1)
        }
    }

    @Test("parents whose lists hang delay no other, however many they are", arguments: [6, 15])
    func hangingParent(count: Int) async throws {
        var policy = PolicyText()
        let hanging = (1...count).map { "projects/hang-\($0)" }
        policy.parents = hanging + ["projects/acme"]
        try await DaemonHarness.run(ScriptedOperation.healthy(2), policy: policy) { world in
            world.server.withFaults { faults in
                faults.waiting = hanging.map {
                    Fault(.delay(.seconds(60)), on: [.list], resource: $0, times: .max)
                }
            }
            world.clock.setPassesRequests(true)
            try await world.daemon { _ in
                try await world.clock.wait("two operations in the journal") {
                    let records = (try? world.records()) ?? []
                    return records.count { if case .seen = $0 { true } else { false } } == 2
                }
            }
        }
    }

    @Test("a steady poll writes nothing")
    func steady() async throws {
        let operations = ScriptedOperation.healthy(20) + [.overdue("kept", life: .kept)]
        try await DaemonHarness.run(operations) { world in
            try await world.daemon { run in
                try await run.wait(status: "21 live")
                let bytes = try world.journalBytes()
                let entries = run.entries.count
                try await world.wait(for: .list, times: 30)
                #expect(try world.journalBytes() == bytes)
                #expect(run.entries.count == entries)
            }
        }
    }
}

extension DaemonHarness {
    /// What each list asked for.
    fileprivate var pageSizes: [String] {
        requests(.list).map { request in
            let parts = request.target.split { $0 == "?" || $0 == "&" }
            let size = parts.first { $0.hasPrefix("pageSize=") } ?? ""
            return String(size.dropFirst("pageSize=".count))
        }
    }
}
