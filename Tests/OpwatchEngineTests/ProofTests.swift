import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("What proves nothing of a cancel")
struct ProofTests {
    @Test("time during which the clocks disagreed")
    func wrongClock() throws {
        let (stage, x) = try asked()
        stage.date = { _ in nil }
        stage.run(for: .seconds(20 * 60))
        stage.date = { $0 }
        stage.run(for: .seconds(5 * 60))
        #expect(stage.posted == [x])
        stage.run(for: .seconds(10 * 60))
        #expect(stage.posted == [x, x])
    }

    @Test("a GET that was sent before the cancel was answered")
    func earlierGet() throws {
        let (stage, x) = try asked()
        stage.operations[x]?.code = 1
        let body = try #require(stage.operations[x]?.json)
        let sentAt = stage.now.instant.advanced(by: .seconds(-60))
        try answerNext(stage, x, body, sentAt: sentAt)
        #expect(stage.verdicts.isEmpty)
        stage.run(for: .seconds(1))
        #expect(stage.verdicts == [.cancelled])
    }

    @Test("a younger operation of the name that the GET shows and no list")
    func younger() throws {
        let (stage, x) = try asked()
        var younger = try #require(stage.operations[x])
        younger.created = stage.now.wall
        for _ in 0..<3 {
            let sentAt = stage.now.instant.advanced(by: .seconds(61))
            try answerNext(stage, x, younger.json, sentAt: sentAt)
            repeat { stage.turn() } while stage.answer()
        }
        #expect(stage.verdicts.isEmpty)
    }

    @Test(
        "a start: an end without a creation time waits for a list, and counts where that agrees",
        arguments: [false, true])
    func namelessAfterStart(isYounger: Bool) throws {
        let (before, x) = try asked()
        let stage = try Stage(state: before.engine.state, at: before.now)
        var end = try #require(before.operations[x])
        end.created = nil
        end.code = 1
        stage.operations[x] = end
        if isYounger {
            end.created = stage.now.wall
            stage.listed[x] = end
        }
        stage.turn()
        let list = try stage.takePending { if case .page = $0 { true } else { false } }
        stage.run(for: .seconds(5))
        #expect(stage.verdicts.isEmpty)
        stage.take(stage.answer(to: list.request, list.id))
        stage.run(for: .seconds(300))
        #expect(stage.verdicts == (isYounger ? [] : [.cancelled]))
        #expect(stage.count(.unproven) == 1)
    }

    @Test("of a younger operation, of one that told no creation time, an end whose own lies ahead")
    func endAhead() throws {
        let before = try Stage()
        let x = before.add("x")
        before.operations[x]?.created = nil
        before.run(for: .seconds(50 * 60))
        #expect(before.posted == [x])
        var younger = try #require(before.operations[x])
        younger.created = before.now.wall
        younger.code = 0
        before.listed[x] = younger
        younger.created = before.now.wall.advanced(by: .seconds(3_600))
        before.operations[x] = younger
        before.run(for: .seconds(1_200))
        #expect(before.verdicts.isEmpty)
    }

    @Test("an end in the list that its GET denies is asked for as often as any, and told")
    func endDenied() throws {
        let (stage, x) = try asked()
        var end = try #require(stage.operations[x])
        end.created = nil
        end.code = 1
        stage.listed[x] = end
        let before = stage.fetches
        stage.run(for: .seconds(3_600))
        #expect(stage.verdicts.isEmpty)
        #expect(stage.fetches - before < 75)
        let told = stage.reports.filter { $0.message.contains("end tells no creation time") }
        #expect(!told.isEmpty)
    }

    @Test("a start: other cancels wait for the verdict of one that was open before it")
    func start() throws {
        let (before, x) = try asked()
        let stage = try Stage(state: before.engine.state, at: before.now)
        stage.operations = before.operations
        let y = stage.add("y")
        stage.run(for: .seconds(180))
        #expect(stage.posted.isEmpty)
        stage.operations[x]?.code = 1
        stage.run(for: .seconds(120))
        #expect(stage.posted == [y])
    }

    /// A cancel that was accepted.
    private func asked() throws -> (Stage, OperationIdentity) {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        #expect(stage.posted == [x])
        return (stage, x)
    }

    /// A minute later the next GET of its proof is answered with this.
    private func answerNext(
        _ stage: Stage, _ x: OperationIdentity, _ body: String, sentAt: ContinuousClock.Instant
    ) throws {
        stage.pass(.seconds(61))
        stage.turn()
        let fetch = try stage.takePending {
            if case .fetch(x, .verify) = $0 { true } else { false }
        }
        let time = AnswerTime(sentAt: sentAt, date: stage.now.wall)
        let answer = OperationAnswer(body: Array(body.utf8), time: time)
        stage.take(.fetched(fetch.id, x, .verify, .success(answer)))
    }
}
