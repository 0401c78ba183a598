import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

/// The canary's cancel is out, and one more operation waits in the queue.
@Suite("Candidates that wait for the canary")
struct QueueTests {
    @Test("one that has ended is not taken for the operation that has its place now")
    func placeTaken() throws {
        let (stage, x) = try waiting()
        let young = stage.add("young", age: .zero)
        var ended = try #require(stage.operations[x])
        ended.code = 0
        let shown = [ended, try #require(stage.operations[young])]
        stage.pass(.seconds(59))
        stage.turn()
        let list = try stage.takePending { if case .page = $0 { true } else { false } }
        guard case .page(let partition, let walk, _, _) = list.request else { return }
        stage.take(
            .page(
                list.id, partition, walk: walk,
                .success(stage.page(shown.map(\.json), token: "more"))))
        #expect(stage.engine.state.find(x) == nil)
        try prove(stage)
        #expect(try stage.service.queue.isEmpty)
        #expect(stage.records.compactMap { $0.intent?.operation } == stage.posted)
    }

    @Test("one that was given up meanwhile gets no further intent")
    func settled() throws {
        let (stage, x) = try waiting()
        var intent = try #require(stage.history(stage.posted[0])?.intent)
        intent.id = IntentID(2)
        intent.operation = x
        for record: JournalRecord in [
            .intent(intent), .asked(intent.id, http: 400, status: "INVALID_ARGUMENT"),
            .verdict(x, intent.id, .refused, late: false, at: stage.now.wall),
        ] {
            stage.engine.facts.apply(record)
        }
        try prove(stage)
        #expect(try stage.service.queue.isEmpty)
        #expect(stage.records.compactMap { $0.intent?.operation } == stage.posted)
    }

    @Test("one that no complete poll has listed for three intervals is not asked")
    func unseen() throws {
        let (stage, _) = try waiting()
        stage.pass(.seconds(180))
        try prove(stage)
        #expect(try stage.service.queue.isEmpty)
        #expect(stage.records.compactMap { $0.intent?.operation } == stage.posted)
    }

    @Test("one that a rule of before a reload found overdue waits no longer")
    func reloaded() throws {
        let (stage, x) = try waiting()
        var policy = StagePolicy()
        policy.total = "46m"
        try stage.adopt(policy)
        #expect(try stage.service.queue.isEmpty)
        stage.operations[stage.posted[0]]?.code = 1
        stage.run(for: .seconds(10))
        #expect(!stage.posted.contains(x))
        stage.run(for: .seconds(120))
        #expect(stage.posted.contains(x))
    }

    /// The oldest is the canary; the other one waits for its verdict.
    private func waiting() throws -> (Stage, OperationIdentity) {
        let stage = try Stage()
        let canary = stage.add("canary", age: .seconds(60 * 60))
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        #expect(stage.posted == [canary])
        #expect(try stage.service.queue.count == 1)
        return (stage, x)
    }

    /// The canary's cancel comes to its verdict.
    private func prove(_ stage: Stage) throws {
        let canary = stage.posted[0]
        stage.operations[canary]?.code = 1
        stage.pass(.seconds(60))
        stage.turn()
        let fetch = try stage.takePending {
            if case .fetch(canary, .verify) = $0 { true } else { false }
        }
        stage.take(stage.answer(to: fetch.request, fetch.id))
        #expect(stage.verdicts == [.cancelled])
        stage.turn()
    }
}
