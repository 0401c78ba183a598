import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

/// Two answers about one operation under way at once.
@Suite("What lists show while a GET is under way")
struct MeanwhileTests {
    /// What a page shows of the operation, and whether its cancel may still leave.
    private static let pages: [(change: @Sendable (inout StageOperation) -> Void, leaves: Bool)] = [
        ({ _ in }, true),
        ({ $0.labels["keep"] = "true" }, false),
        ({ $0.type = "OTHER" }, false),
        ({ $0.isFlagged = true }, false),
        ({ $0.code = 0 }, false),
        ({ $0.created = $0.created?.advanced(by: .seconds(600)) }, false),
    ]

    @Test("a cancel leaves only if no page since its intent says otherwise", arguments: 0..<6)
    func page(number: Int) throws {
        let (change, leaves) = Self.pages[number]
        let (stage, x, fetch) = try fetching()
        try read(stage, x, change)
        stage.take(stage.answer(to: fetch.request, fetch.id))
        stage.turn()
        #expect(stage.posted == (leaves ? [x] : []))
        #expect(stage.history(x)?.state == (leaves ? .recorded : .withdrawn))
    }

    @Test("polls that complete during a GET and find it overdue take nothing away")
    func slowFetch() throws {
        let (stage, x, fetch) = try fetching()
        for _ in 0..<2 {
            let shown = try #require(stage.operations[x])
            try read(stage, [shown], token: nil)
            stage.pass(.seconds(1))
            stage.turn()
            stage.pass(.seconds(59))
            stage.turn()
        }
        // Sent anew, or it would be too old.
        guard case .fetch(let operation, let purpose) = fetch.request else { return }
        let answer = OperationAnswer(
            body: Array(try #require(stage.operations[x]).json.utf8), time: stage.time)
        stage.take(.fetched(fetch.id, operation, purpose, .success(answer)))
        stage.turn()
        #expect(stage.posted == [x])
    }

    @Test("what a poll does not list during its GET is not cancelled, though the next one lists it")
    func absentMeanwhile() throws {
        let (stage, x, fetch) = try fetching()
        let truth = try #require(stage.operations[x])
        for shown in [[], [truth]] {
            try read(stage, shown, token: nil)
            stage.pass(.seconds(60))
            stage.turn()
        }
        guard case .fetch(let operation, let purpose) = fetch.request else { return }
        let answer = OperationAnswer(body: Array(truth.json.utf8), time: stage.time)
        stage.take(.fetched(fetch.id, operation, purpose, .success(answer)))
        stage.turn()
        #expect(stage.posted.isEmpty)
        #expect(stage.history(x)?.state == .withdrawn)
    }

    @Test("what a page protects while it waits for its turn is not cancelled")
    func rowEnds() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let stage = try Stage(policy)
        let y = stage.add("y", age: .seconds(60 * 60))
        let x = stage.add("x")
        confirm(stage)
        var shown = try #require(stage.operations[x])
        shown.labels["keep"] = "true"
        let other = try #require(stage.operations[y])
        // The page that protects it comes before its intent, the end of the list behind it.
        #expect(try stage.service.queue.find(stage.ref(x)) != nil)
        try read(stage, [shown, other], token: "more")
        #expect(try stage.service.queue.find(stage.ref(x)) == nil)
        let first = try stage.takePending {
            if case .fetch(y, .gate) = $0 { true } else { false }
        }
        stage.take(stage.answer(to: first.request, first.id))
        stage.turn()
        stage.take(.cancelAnswered(try stage.takePost(), .success(Asked(httpStatus: 200))))
        stage.turn()
        #expect(stage.posted == [y])
        // Not while the walk goes on, nor by the poll that found it protected.
        try read(stage, [], token: nil)
        stage.turn()
        #expect(stage.history(x) == nil)
        stage.run(for: .seconds(600))
        #expect(stage.posted.contains(x))
    }

    @Test("a permit that has not left goes back when a page says otherwise")
    func permit() throws {
        let (stage, x, fetch) = try fetching()
        stage.take(stage.answer(to: fetch.request, fetch.id))
        let waiting = try stage.service.attempt.permitted
        #expect(waiting != nil)
        try read(stage, x) { $0.labels["keep"] = "true" }
        stage.turn()
        #expect(stage.posted.isEmpty)
        #expect(stage.history(x)?.state == .withdrawn)
    }

    @Test("a permit that goes back leaves its candidate in one piece, however often")
    func permitGoesBack() throws {
        let (stage, x, fetch) = try fetching()
        stage.take(stage.answer(to: fetch.request, fetch.id))
        // Long enough to stand on the heap, and known to nobody else.
        let type = String(repeating: "type.googleapis.com/x", count: 3)
        let service = try stage.service
        let queued = try #require(service.attempt.permitted?.queued)
        let candidate = Poll.Candidate(
            operation: try stage.ref(x), serial: queued.candidate.serial,
            due: queued.candidate.due, metadataType: type, confirmations: 2)
        let intent = try #require(stage.history(x)?.intent)
        for _ in 0..<20 {
            service.attempt = .permitted(
                CancelPermit(
                    intent: intent.id, operation: x, expires: stage.now.instant),
                intent,
                CancelAttempt.Subject(
                    queued: QueuedCandidate(candidate: candidate, partition: queued.partition),
                    attempt: 1))
            stage.engine.withdrawals.withdrawUnsent(service, reason: "the policy changed")
            let isIdle = service.attempt.isIdle
            #expect(isIdle)
        }
        #expect(candidate.metadataType == type)
    }

    @Test("what a page said against one attempt says nothing against the next")
    func next() throws {
        let (stage, x, fetch) = try fetching()
        let truth = stage.operations[x]
        try read(stage, x) { $0.type = "OTHER" }
        stage.operations[x] = truth
        stage.take(stage.answer(to: fetch.request, fetch.id))
        stage.run(for: .seconds(600))
        #expect(stage.posted == [x])
    }

    @Test("a GET counts for the attempt that sent it and for no other")
    func otherAttempt() throws {
        let (stage, x, fetch) = try fetching()
        guard case .fetch(let operation, .gate(let attempt)) = fetch.request else {
            Issue.record("not the gate's GET")
            return
        }
        stage.take(
            .fetched(fetch.id, operation, .gate(attempt: attempt + 1), stage.fetch(x)))
        stage.turn()
        #expect(stage.posted.isEmpty)
        #expect(stage.history(x)?.state == .recorded)
    }

    @Test(
        "a closing GET says nothing of an operation that is listed again",
        arguments: [
            CallFailure.notFound(ServiceError(http: 404, code: .notFound)),
            .timedOut(after: .seconds(30), sent: .maybe),
        ])
    func listedAgain(failure: CallFailure) throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(1))
        let known = stage.operations[x]
        let closing = try listedAgain(x, as: known, behind: nil, stage)
        stage.take(.fetched(closing, x, .closing, .failure(failure)))
        #expect(stage.engine.facts.memory.pauses[try stage.ref(x)] == nil)
        #expect(stage.engine.state.operationCount == 1)
    }

    @Test("of another operation of the name, younger or older, a closing GET alone proves nothing")
    func otherByClosing() throws {
        for age: Duration in [.zero, .seconds(3_600)] {
            let stage = try Stage()
            let x = stage.add("x", age: .seconds(60))
            stage.run(for: .seconds(1))
            let known = try #require(stage.operations[x])
            var other = known
            other.created = stage.now.wall.advanced(by: .zero - age)
            // A younger one is listed in its place; behind an older one's end it is missing.
            let closing = try listedAgain(x, as: known, behind: age == .zero ? other : nil, stage)
            if age != .zero { other.code = 0 }
            let answer = OperationAnswer(body: Array(other.json.utf8), time: stage.time)
            stage.take(.fetched(closing, x, .closing, .success(answer)))
            #expect(stage.engine.state.operationCount == 1)
            #expect(stage.records.count == 2)
        }
    }

    // MARK: The stage

    /// As many polls as confirm; the next list is under way.
    private func confirm(_ stage: Stage) {
        for _ in 0..<2 {
            stage.turn()
            stage.answer()
            stage.pass(.seconds(60))
        }
        stage.turn()
    }

    /// A candidate whose intent is durable and whose GET is under way.
    private func fetching() throws -> (
        stage: Stage, operation: OperationIdentity, fetch: (id: RequestID, request: Request)
    ) {
        let stage = try Stage()
        let x = stage.add("x")
        confirm(stage)
        let fetch = try stage.takePending {
            if case .fetch(_, .gate) = $0 { true } else { false }
        }
        return (stage, x, fetch)
    }

    /// One list shows something else in its place, or nothing, and the next one shows it again.
    /// - Returns: the closing GET between the two, which is not answered.
    private func listedAgain(
        _ operation: OperationIdentity, as known: StageOperation?, behind other: StageOperation?,
        _ stage: Stage
    ) throws -> RequestID {
        stage.operations[operation] = other
        stage.pass(.seconds(60))
        stage.turn()
        stage.answer()
        stage.turn()
        let closing = try stage.takePending {
            if case .fetch(_, .closing) = $0 { true } else { false }
        }
        stage.operations[operation] = known
        stage.pass(.seconds(60))
        stage.turn()
        stage.answer()
        return closing.id
    }

    /// Reads a page of the list that is under way, which shows the operation so.
    private func read(
        _ stage: Stage, _ operation: OperationIdentity,
        _ change: (inout StageOperation) -> Void
    ) throws {
        var shown = try #require(stage.operations[operation])
        change(&shown)
        try read(stage, [shown], token: "more")
    }

    private func read(_ stage: Stage, _ shown: [StageOperation], token: String?) throws {
        let list = try stage.takePending { if case .page = $0 { true } else { false } }
        guard case .page(let partition, let walk, _, _) = list.request else { return }
        stage.take(
            .page(
                list.id, partition, walk: walk,
                .success(stage.page(shown.map(\.json), token: token))))
    }
}
