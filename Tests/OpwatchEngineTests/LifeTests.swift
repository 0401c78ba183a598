import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("The life of a cancel")
struct LifeTests {
    @Test("is intent, GET, POST, answer and verdict, each after the one before is durable")
    func whole() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.cancelAnswer = { [unowned stage] in
            stage.operations[$0]?.code = 1
            return .success(Asked(httpStatus: 200))
        }
        stage.run(for: .seconds(200))
        let kinds = stage.records.compactMap { record -> String? in
            switch record {
            case .seen: "seen"
            case .intent: "intent"
            case .asked: "asked"
            case .verdict(_, _, let verdict, _, _, _): verdict.rawValue
            default: nil
            }
        }
        #expect(kinds == ["seen", "intent", "asked", "cancelled"])
        #expect(stage.posted == [x])
        #expect(stage.engine.state.operationCount == 0)
        #expect(stage.count(.cancelAsked) == 1 && stage.count(.cancelled) == 1)
    }

    @Test("its end tells the verdict", arguments: [(0, Verdict.finishedAnyway), (1, .cancelled)])
    func verdict(code: Int, verdict: Verdict) throws {
        let stage = try Stage()
        stage.add("x")
        stage.cancelAnswer = { [unowned stage] in
            stage.operations[$0]?.code = code
            return .success(Asked(httpStatus: 200))
        }
        stage.run(for: .seconds(200))
        #expect(stage.verdicts == [verdict])
    }

    @Test("an accepted cancel that changes nothing is tried three times, then defied")
    func defied() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(3 * 3_600))
        #expect(stage.posted == [x, x, x])
        #expect(stage.verdicts == [.defied])
        #expect(stage.history(x)?.isOpen == false)
    }

    @Test("a reload that allows fewer attempts lets no further one leave")
    func fewerAttempts() throws {
        let stage = try Stage()
        let x = stage.add("x")
        // The window of the first is over, and a second may follow.
        stage.run(for: .seconds(655))
        #expect(stage.posted == [x])
        var policy = StagePolicy()
        policy.attempts = 1
        try stage.adopt(policy)
        stage.run(for: .seconds(1_800))
        #expect(stage.posted == [x])
        #expect(stage.verdicts == [.defied])
    }

    @Test("a lasting refusal is refused at once, one that may pass after three")
    func refused() throws {
        for (code, posts) in [(StatusCode.invalidArgument, 1), (.failedPrecondition, 3)] {
            let stage = try Stage()
            stage.add("x")
            stage.cancelAnswer = { _ in
                .failure(.refused(ServiceError(http: 400, code: code, message: "no")))
            }
            stage.run(for: .seconds(6 * 3_600))
            #expect(stage.posted.count == posts, "\(code)")
            #expect(stage.verdicts == [.refused], "\(code)")
            #expect(stage.engine.state.spent.entries.isEmpty)
        }
    }

    @Test("an end of another operation of the name by the GET alone proves nothing")
    func endOfAnother() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        let truth = stage.operations[x]
        stage.operations[x]?.created = truth?.created?.advanced(by: .seconds(-600))
        stage.operations[x]?.code = 1
        stage.run(for: .seconds(20))
        #expect(stage.verdicts.isEmpty)
        stage.operations[x] = truth
        stage.operations[x]?.code = 0
        stage.run(for: .seconds(120))
        #expect(stage.verdicts == [.finishedAnyway])
    }

    @Test("a GET that is answered with another operation proves nothing")
    func answeredWithAnother() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        #expect(stage.posted == [x])
        stage.operations[x]?.name = StageOperation.name("y")
        stage.operations[x]?.code = 1
        stage.run(for: .seconds(50))
        #expect(stage.verdicts.isEmpty)
    }

    @Test("two 404 apart prove that it vanished, one does not")
    func vanished() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        #expect(stage.posted == [x])
        stage.operations[x] = nil
        stage.run(for: .seconds(10))
        #expect(stage.verdicts.isEmpty)
        stage.run(for: .seconds(200))
        #expect(stage.verdicts == [.vanished])
    }

    @Test("a verdict that finds the journal down waits for it and is told once it is back")
    func held() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        stage.isDiskFull = true
        stage.engine.noteJournal(isHealthy: false)
        stage.operations[x]?.code = 1
        stage.run(for: .seconds(30))
        #expect(stage.verdicts.isEmpty)
        #expect(stage.history(x)?.isOpen == true)
        stage.isDiskFull = false
        stage.engine.noteJournal(isHealthy: true)
        stage.run(for: .seconds(2))
        #expect(stage.verdicts == [.cancelled])
        #expect(stage.count(.cancelled) == 1)
    }

    @Test("what was durable without an answer is fetched before anything else after a start")
    func restart() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(59))
        stage.pass(.seconds(1))
        stage.turn()
        while stage.posts.isEmpty {
            stage.answer()
            stage.turn()
        }
        let state = stage.engine.state
        #expect(state.find(x).flatMap { state.cancel($0) }?.state == .recorded)
        let next = try Stage(state: state, at: stage.now)
        next.operations = stage.operations
        next.turn()
        guard case .fetch(let operation, .verify)? = next.pending.first?.request else {
            Issue.record("\(next.pending)")
            return
        }
        #expect(operation == x)
        next.run(for: .seconds(300))
        #expect(next.posted.isEmpty)
    }

    @Test("the same events give the same effects, whatever the hashes of the process are")
    func deterministic() throws {
        func trace() throws -> [String] {
            var policy = StagePolicy()
            policy.parents = ["projects/acme", "projects/b"]
            let stage = try Stage(policy, jitter: Jitter(seed: 7))
            for id in 0..<20 {
                stage.add("x\(id)", of: id % 2 == 0 ? "projects/acme" : "projects/b")
            }
            stage.run(for: .seconds(3_600))
            return stage.records.map { "\($0)" } + stage.reports.map(\.message)
                + stage.posted.map(\.name)
        }
        let first = try trace()
        #expect(first.count > 40)
        #expect(try trace() == first)
    }
}
