import OperationsClient
import OperationsSimulator
import OpwatchJournal
import OpwatchPolicy
import OpwatchSystemd
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchDaemon

@Suite("Answers that come after a reload", .timeLimit(.minutes(1)))
struct AnswerTests {
    private static let parents = ["projects/a", "projects/b"]
    private static let request = RequestLog.ID(number: 1, service: 0)
    private static let late = CallFailure.timedOut(after: .seconds(30), sent: .maybe)

    @Test(
        "a page counts only for the walk that asked, whatever parent stands in its place now",
        arguments: [["projects/b", "projects/a"], ["projects/b"], ["projects/new", "projects/a"]])
    func page(parents: [String]) async throws {
        var policy = PolicyText()
        policy.parents = Self.parents
        try await DaemonHarness.run([], policy: policy) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let instant = world.clock.instant
            watcher.startPolls(of: service, at: instant)
            let asked = try #require(service.partitions[0].walk)
            policy.parents = parents
            world.write(policy)
            watcher.reload()
            // The next walk of whoever stands in the first place.
            watcher.startWalk(service, 0, filter: nil)
            let answer = PageAnswer(
                body: SimulatedAnswer.list(
                    of: "projects/a/operations/x", created: world.clock.now
                ).body,
                time: AnswerTime(sentAt: instant, date: world.clock.now))
            watcher.tookPage(.success(answer), service, parent: 0, walk: asked.poll.walk)
            #expect(watcher.state.operationCount == 0)
            #expect(service.partitions[0].lastComplete == nil)
            #expect(service.partitions[0].walk != nil)
        }
    }

    @Test("three parents in a row that ask to be left alone slow the service, two do not")
    func throttledParents() async throws {
        var policy = PolicyText()
        policy.parents = ["projects/a", "projects/b", "projects/c"]
        try await DaemonHarness.run([], policy: policy) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            watcher.startPolls(of: service, at: world.clock.instant)
            let failure = CallFailure.throttled(
                ServiceError(http: 429, code: .resourceExhausted, retryAfter: .seconds(90)))
            for index in 0..<3 {
                #expect(!service.lane.isClosed(at: world.clock.instant))
                let walk = try #require(service.partitions[index].walk)
                watcher.tookPage(.failure(failure), service, parent: index, walk: walk.poll.walk)
                #expect(service.partitions[index].isPaused(at: world.clock.instant))
            }
            let now = world.clock.instant
            #expect(service.lane.isClosed(at: now.advanced(by: .seconds(89))))
            #expect(!service.lane.isClosed(at: now.advanced(by: .seconds(90))))
            watcher.reload()
            #expect(!service.lane.isClosed(at: now))
            #expect(!service.partitions[0].isPaused(at: now))
        }
    }

    @Test("a list that was under way when its service was closed took as long as it took")
    func underWayWhenClosed() async throws {
        var policy = PolicyText()
        policy.parents = ["projects/a", "projects/b", "projects/c", "projects/d"]
        try await DaemonHarness.run([], policy: policy) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            watcher.startPolls(of: service, at: world.clock.instant)
            let failure = CallFailure.throttled(
                ServiceError(http: 429, code: .resourceExhausted, retryAfter: .seconds(300)))
            let walks = try service.partitions.map { try #require($0.walk) }
            for index in 0..<3 {
                watcher.tookPage(
                    .failure(failure), service, parent: index, walk: walks[index].poll.walk)
            }
            let answer = PageAnswer(
                body: Array("{}".utf8),
                time: AnswerTime(sentAt: world.clock.instant, date: world.clock.now))
            watcher.tookPage(.success(answer), service, parent: 3, walk: walks[3].poll.walk)
            #expect(service.partitions[3].lastComplete != nil)
            #expect(service.partitions[3].lastWalkTime == .zero)
        }
    }

    @Test("a GET that fails says nothing of a cancel for which none was sent yet")
    func earlierLook() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let created = world.clock.now.advanced(by: .minutes(-50))
            let ref = try watcher.track(
                "projects/acme/operations/x", of: service, since: created)
            try watcher.pollTwice(service, [ref])
            let intent = try post(ref, of: service, watcher, created: created, world)
            watcher.tookCancelAnswer(.success(Asked(httpStatus: 200)), service)
            let gone = ServiceError(http: 404, code: .notFound)
            for failure in [Self.late, .notFound(gone)] {
                watcher.tookLook(
                    .failure(failure), of: intent.operation, .verify, Self.request, service)
                #expect(watcher.looks[ref]?.verification.unprovenSince == nil)
            }
            watcher.looks[ref]?.begin()
            watcher.tookLook(
                .failure(Self.late), of: intent.operation, .verify, Self.request, service)
            #expect(watcher.looks[ref]?.verification.unprovenSince != nil)
        }
    }

    @Test("a POST that was not sent counts not among the cancels of its poll")
    func notSent() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let created = world.clock.now.advanced(by: .minutes(-50))
            let ref = try watcher.track(
                "projects/acme/operations/x", of: service, since: created)
            try watcher.pollTwice(service, [ref])
            _ = try post(ref, of: service, watcher, created: created, world)
            service.update(0) { $0.startedInPoll += 1 }
            watcher.tookCancelAnswer(.failure(.notSent(reason: "no connection")), service)
            #expect(service.partitions[0].startedInPoll == 0)
        }
    }

    @Test("a GET that took too long is no answer, and no contradiction of the list")
    func slowGet() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let created = world.clock.now.advanced(by: .minutes(-50))
            let name = "projects/acme/operations/x"
            let ref = try watcher.track(name, of: service, since: created)
            try watcher.pollTwice(service, [ref])
            service.attempt = .lookingOnly(candidate(ref, watcher))
            service.gateLook = Self.request
            let answer = OperationAnswer(
                body: Array(#"{"name":"\#(name)"}"#.utf8),
                time: AnswerTime(
                    sentAt: world.clock.instant.advanced(by: .seconds(-6)), date: world.clock.now))
            watcher.tookLook(
                .success(answer), of: watcher.state.identity(ref), .gate, Self.request, service)
            #expect(watcher.memory.pauses[ref]?.kind == .noAnswer)
        }
    }

    @Test("in observe mode a GET that is answered ends the row of those that were not")
    func observedRow() async throws {
        var policy = PolicyText()
        policy.mode = "observe"
        try await DaemonHarness.run([], policy: policy) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let created = world.clock.now.advanced(by: .minutes(-50))
            let names = ["x", "y", "z"].map { "projects/acme/operations/\($0)" }
            let refs = try names.map { try watcher.track($0, of: service, since: created) }
            try watcher.pollTwice(service, refs)
            let answers: [Result<OperationAnswer, CallFailure>] = [
                .failure(Self.late),
                .success(
                    OperationAnswer(
                        body: Array(#"{"name":"\#(names[1])"}"#.utf8),
                        time: AnswerTime(sentAt: world.clock.instant, date: world.clock.now))),
                .failure(Self.late),
            ]
            for (ref, answer) in zip(refs, answers) {
                service.attempt = .lookingOnly(candidate(ref, watcher))
                service.gateLook = Self.request
                watcher.tookLook(
                    answer, of: watcher.state.identity(ref), .gate, Self.request, service)
            }
            #expect(service.cancelPause.until == nil)
        }
    }

    @Test("a POST under way is not fetched over when its service goes, and its answer counts")
    func postUnderWay() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let created = world.clock.now.advanced(by: .minutes(-50))
            let ref = try watcher.track(
                "projects/acme/operations/x", of: service, since: created)
            try watcher.pollTwice(service, [ref])
            let intent = try post(ref, of: service, watcher, created: created, world)
            var policy = PolicyText()
            policy.hasService = false
            world.write(policy)
            watcher.reload()
            watcher.dropRetired()
            #expect(watcher.looks[ref] == nil)
            #expect(watcher.retired.count == 1)
            world.write(PolicyText())
            watcher.reload()
            #expect(watcher.looks[ref] == nil)
            let back = try #require(watcher.services.first)
            let facts = watcher.gateFacts(candidate(ref, watcher), back, isRecorded: false)
            #expect(facts.hasOpenAttempt)
            watcher.tookCancelAnswer(.success(Asked(httpStatus: 200)), service)
            #expect(watcher.state.cancel(ref)?.state == .answered(.accepted))
            #expect(watcher.state.cancel(ref)?.intent.id == intent.id)
            #expect(watcher.looks[ref] != nil)
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

    private func candidate(
        _ ref: WatchState.OperationRef, _ watcher: Watcher
    ) -> QueuedCandidate {
        let due = Due(
            rule: 1, clock: .total, timeout: .minutes(45), deadline: watcher.dependencies.now(),
            age: .minutes(50))
        return QueuedCandidate(
            candidate: Poll.Candidate(
                operation: ref, serial: watcher.state.serial(ref), due: due, metadataType: "",
                confirmations: 2),
            parent: 0)
    }

    private func post(
        _ ref: WatchState.OperationRef, of service: ServiceWatch, _ watcher: Watcher,
        created: Timestamp, _ world: DaemonHarness
    ) throws -> JournalRecord.Intent {
        let now = world.clock.now
        let intent = JournalRecord.Intent(
            id: IntentID(1), operation: watcher.state.identity(ref), service: service.name,
            serverTime: now, created: created, clock: .total, age: .minutes(50),
            timeout: .minutes(45), deadline: now, rule: "slow",
            policy: watcher.plan.policy.hash, attempt: 1)
        _ = try watcher.journal.record(intent: intent, at: now)
        watcher.applyToState(.intent(intent))
        service.attempt = .posting(intent, candidate(ref, watcher))
        return intent
    }
}
