import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("Answers that come late, or after a reload")
struct AnswerTests {
    private static let late = CallFailure.timedOut(after: .seconds(30), sent: .maybe)

    @Test(
        "a page counts only for the walk that asked, whatever parent stands in its place now",
        arguments: [
            ["projects/b", "projects/acme"], ["projects/b"], ["projects/new", "projects/acme"],
        ])
    func page(parents: [String]) throws {
        var policy = StagePolicy()
        policy.parents = ["projects/acme", "projects/b"]
        let stage = try Stage(policy)
        stage.add("x")
        stage.turn()
        let asked = try stage.takePending { request in
            if case .page(_, _, _, let list) = request {
                list.parent == "projects/acme"
            } else {
                false
            }
        }
        policy.parents = parents
        try stage.adopt(policy)
        stage.pass(.seconds(60))
        stage.turn()
        stage.take(stage.answer(to: asked.request, asked.id))
        #expect(stage.engine.state.operationCount == 0)
        for partition in try stage.service.partitions.all {
            #expect(partition.lastComplete == nil)
            #expect(partition.walk != nil)
        }
    }

    @Test("three parents in a row that ask to be left alone slow the service, two do not")
    func throttledParents() throws {
        let (stage, lists) = try fourLists()
        let service = try stage.service
        for (id, request) in lists.prefix(3) {
            #expect(!service.lane.isClosed(at: stage.now.instant))
            refuse(stage, request, id, after: .seconds(90))
        }
        let now = stage.now.instant
        #expect(service.partitions.all.prefix(3).allSatisfy { $0.isPaused(at: now) })
        #expect(service.lane.isClosed(at: now.advanced(by: .seconds(89))))
        #expect(!service.lane.isClosed(at: now.advanced(by: .seconds(90))))
        stage.take(.pausesEnded)
        #expect(!service.lane.isClosed(at: now))
        #expect(!service.partitions.all.contains { $0.isPaused(at: now) })
    }

    @Test("a list that was under way when its service was closed took as long as it took")
    func underWayWhenClosed() throws {
        let (stage, lists) = try fourLists()
        for (id, request) in lists.prefix(3) { refuse(stage, request, id, after: .seconds(300)) }
        stage.take(stage.answer(to: lists[3].request, lists[3].id))
        let last = try #require(try stage.service.partitions.all.last)
        #expect(last.lastComplete != nil)
        #expect(last.lastWalkTime == .zero)
    }

    @Test("a list whose time comes while its service is closed begins when that opens: a gap")
    func dueWhenClosed() throws {
        let (stage, lists) = try fourLists()
        for (id, request) in lists { stage.take(stage.answer(to: request, id)) }
        stage.pass(.seconds(60))
        stage.turn()
        let next = stage.pending.suffix(4)
        for (id, request) in next.prefix(3) { refuse(stage, request, id, after: .seconds(300)) }
        let last = try #require(next.last)
        stage.take(stage.answer(to: last.request, last.id))
        stage.pass(.seconds(60))
        stage.turn()
        stage.pass(.seconds(240))
        stage.turn()
        let late = try #require(
            stage.pending.last { request in
                if case .page(_, _, _, let list) = request.request {
                    list.parent == "projects/d"
                } else {
                    false
                }
            })
        stage.take(stage.answer(to: late.request, late.id))
        let partition = try #require(try stage.service.partitions.all.last)
        #expect(partition.lastWalkTime == .zero)
        #expect(partition.onlyWarns(at: stage.now.instant, gap: try stage.service.gapMax))
    }

    @Test("a GET that fails says nothing of a cancel for which none was sent yet")
    func earlierFetch() throws {
        let (stage, x) = try asked()
        let ref = try stage.ref(x)
        let service = try stage.service
        for failure in [Self.late, .notFound(ServiceError(http: 404, code: .notFound))] {
            stage.engine.proofs.take(.failure(failure), of: x, service)
            #expect(stage.engine.facts.proofs[ref]?.verification.unprovenSince == nil)
        }
        stage.engine.facts.proofs[ref]?.begin()
        stage.engine.proofs.take(.failure(Self.late), of: x, service)
        #expect(stage.engine.facts.proofs[ref]?.verification.unprovenSince != nil)
    }

    @Test(
        "a POST that was not sent counts neither among the cancels of its poll nor of the hour",
        arguments: [
            CallFailure.notSent(reason: "no connection"),
            .unavailable(reason: "Connection refused", retryAfter: nil, sent: .no),
        ])
    func notSent(failure: CallFailure) throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.cancelAnswer = { _ in .failure(failure) }
        stage.run(for: .seconds(70))
        #expect(stage.posted.first == x)
        #expect(try stage.service.partitions.all.first?.startedInPoll == 0)
        #expect(stage.engine.state.spent.entries.isEmpty)
        #expect(stage.history(x)?.state == .withdrawn)
    }

    @Test("a GET that took too long is no answer, and no contradiction of the list")
    func slowGet() throws {
        let stage = try Stage()
        let x = stage.add("x")
        try reachGate(stage)
        let fetch = try stage.takePending {
            if case .fetch(_, .gate) = $0 { true } else { false }
        }
        let answer = stage.answer(to: fetch.request, fetch.id)
        stage.pass(.seconds(6))
        stage.take(answer)
        #expect(stage.posted.isEmpty)
        #expect(stage.engine.facts.memory.pauses[try stage.ref(x)]?.kind == .noAnswer)
    }

    @Test("in observe mode a GET that is answered ends the row of those that were not")
    func observedRow() throws {
        var policy = StagePolicy()
        policy.mode = "observe"
        let stage = try Stage(policy)
        for id in ["x", "y", "z"] { stage.add(id) }
        try reachGate(stage)
        for answers in [false, true, false] {
            stage.turn()
            let fetch = try stage.takePending {
                if case .fetch(_, .gate) = $0 { true } else { false }
            }
            stage.fetchFailure = answers ? nil : Self.late
            stage.take(stage.answer(to: fetch.request, fetch.id))
        }
        #expect(try stage.service.rails.pause.until == nil)
        #expect(stage.count(.wouldCancel) == 1)
        #expect(stage.posted.isEmpty)
    }

    @Test("a POST under way is not fetched over when its service goes, and its answer counts")
    func postUnderWay() throws {
        let stage = try Stage()
        let x = stage.add("x")
        try reachGate(stage)
        let fetch = try stage.takePending {
            if case .fetch(_, .gate) = $0 { true } else { false }
        }
        stage.take(stage.answer(to: fetch.request, fetch.id))
        stage.turn()
        let post = try stage.takePost()
        let ref = try stage.ref(x)
        var policy = StagePolicy()
        policy.names = []
        try stage.adopt(policy)
        stage.turn()
        #expect(stage.engine.facts.proofs[ref] == nil)
        #expect(stage.engine.roster.retired.count == 1)
        try stage.adopt(StagePolicy())
        #expect(stage.engine.facts.proofs[ref] == nil)
        #expect(stage.history(x)?.isOpen == true)
        stage.take(.cancelAnswered(post, .success(Asked(httpStatus: 200))))
        #expect(stage.history(x)?.state == .answered(.accepted))
        #expect(stage.engine.facts.proofs[ref] != nil)
    }

    @Test("after a start denied cancels wait what is left of their hour, and so does the service")
    func deniedBefore() throws {
        var state = WatchState()
        let partition = Partition(
            service: "ml", endpoint: Endpoint("http://127.0.0.1:1/ml/v1"),
            parent: "projects/acme")
        let created = Stage.start.advanced(by: .seconds(-3_000))
        for (number, id) in ["x", "y"].enumerated() {
            let name = StageOperation.name(id)
            let intent = JournalRecord.Intent(
                id: IntentID(UInt64(number + 1)),
                operation: OperationIdentity(endpoint: partition.endpoint, name: name),
                service: "ml", serverTime: Stage.start.advanced(by: .seconds(-1_200)),
                created: created, clock: .total, age: .seconds(3_000), timeout: .seconds(2_700),
                deadline: Stage.start, rule: "slow",
                policy: try StagePolicy().plan.policy.hash, attempt: 1)
            try state.apply(
                .seen(
                    JournalRecord.Seen(
                        partition: partition, name: name, since: created, isCreation: true)))
            try state.apply(.intent(intent))
            try state.apply(
                .asked(intent.id, http: 403, status: "PERMISSION_DENIED", words: "no role"))
        }
        let stage = try Stage(state: state)
        let now = stage.now.instant
        for id in ["x", "y"] {
            let ref = try stage.ref(stage.identity(id))
            let pause = try #require(stage.engine.facts.memory.pauses[ref])
            #expect(pause.holds(at: now.advanced(by: .seconds(39 * 60))))
            #expect(!pause.holds(at: now.advanced(by: .seconds(41 * 60))))
        }
        let service = try stage.service
        #expect(service.rails.denial.until == now.advanced(by: .seconds(40 * 60)))
    }

    // MARK: The stage

    /// Until the first GET of the gate waits.
    private func reachGate(_ stage: Stage) throws {
        while try stage.service.attempt.isIdle {
            stage.turn()
            guard try stage.service.attempt.isIdle else { return }
            if !stage.answer() { stage.pass(.seconds(60)) }
        }
    }

    /// A cancel that was accepted a moment ago.
    private func asked() throws -> (Stage, OperationIdentity) {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        #expect(stage.history(x)?.state == .answered(.accepted))
        return (stage, x)
    }

    private func fourLists() throws -> (Stage, [(id: RequestID, request: Request)]) {
        var policy = StagePolicy()
        policy.parents = ["a", "b", "c", "d"].map { "projects/\($0)" }
        let stage = try Stage(policy)
        stage.turn()
        #expect(stage.pending.count == 4)
        return (stage, stage.pending)
    }

    private func refuse(
        _ stage: Stage, _ request: Request, _ id: RequestID, after pause: Duration
    ) {
        guard case .page(let partition, let walk, _, _) = request else { return }
        let error = ServiceError(http: 429, code: .resourceExhausted, retryAfter: pause)
        stage.take(.page(id, partition, walk: walk, .failure(.throttled(error))))
    }
}
