import OperationsSimulator
import Testing
import WireFormat

/// One life from before its creation to long after a cancel at 60 s.
///
/// Created at 5 s, queued for 10 s, and a cancel takes 5 s.
struct Course: CustomTestStringConvertible, Sendable {
    let life: Life
    let answer: Int
    let course: [(at: Int, summary: String)]

    init(_ life: Life, cancelAnswers answer: Int, _ course: [(at: Int, summary: String)]) {
        self.life = life
        self.answer = answer
        self.course = course
    }

    var testDescription: String { "\(life)" }

    static let birth = [(at: 4, summary: "404"), (5, "queued"), (14, "queued"), (15, "running")]
    static let unmoved = [(60, "running"), (65, "running"), (9_000, "running")]
    static let obeys = [(60, "running+flag"), (64, "running+flag"), (65, "done:1+flag")]

    static let all: [Course] = [
        Course(
            .normal(after: .seconds(30)), cancelAnswers: 400,
            birth + [(44, "running"), (45, "done:response"), (9_000, "done:response")]),
        Course(
            .normal(after: .seconds(100)), cancelAnswers: 200,
            birth + obeys + [(115, "done:1+flag")]),
        Course(
            .normal(after: .seconds(48)), cancelAnswers: 200,
            birth + [(62, "running+flag"), (63, "done:response+flag"), (66, "done:response+flag")]),
        Course(
            .normal(after: .seconds(30), outcome: .nothing), cancelAnswers: 400,
            birth + [(44, "running"), (45, "done:nothing")]),
        Course(.slow, cancelAnswers: 200, birth + obeys + [(9_000, "done:1+flag")]),
        Course(.kept, cancelAnswers: 200, birth + obeys),
        Course(
            .queuedForEver, cancelAnswers: 200,
            [
                (4, "404"), (5, "queued"), (59, "queued"), (60, "queued+flag"), (64, "queued+flag"),
                (65, "done:1+flag"),
            ]),
        Course(.stalled(after: .seconds(20)), cancelAnswers: 200, birth + obeys),
        Course(.ignoresCancel(), cancelAnswers: 200, birth + unmoved),
        Course(
            .ignoresCancel(showsFlag: true), cancelAnswers: 200,
            birth + [(60, "running+flag"), (9_000, "running+flag")]),
        Course(.refusesUnimplemented, cancelAnswers: 501, birth + unmoved),
        Course(.refusesPrecondition, cancelAnswers: 400, birth + unmoved),
        Course(.deniedCancel, cancelAnswers: 403, birth + unmoved),
        Course(
            .finishesAnyway, cancelAnswers: 200,
            birth + [(64, "running+flag"), (65, "done:response+flag")]),
        Course(
            .failsOtherwise, cancelAnswers: 200,
            birth + [(64, "running+flag"), (65, "done:13+flag")]),
        Course(
            .vanishes, cancelAnswers: 200,
            birth + [(64, "running+flag"), (65, "404"), (9_000, "404")]),
    ]
}

@Suite("Lives on the pure model")
struct LifeTests {
    private static func service(_ life: Life) -> (SimulatedService, String) {
        let script = ScriptedOperation(
            "x", created: .seconds(5), queuedFor: .seconds(10), cancelTakes: .seconds(5), life: life
        )
        return (SimulatedService(start: start, operations: [script]), script.name)
    }

    /// What a GET says, after making sure that the lists say the same.
    private func observe(_ service: SimulatedService, _ name: String) throws -> String {
        let answer = service.get(name)
        let summary = try answer.summary()
        #expect(try service.list("projects/acme").page().ids == (answer.status == 200 ? ["x"] : []))
        let live = try service.list("projects/acme", filter: "NOT done = true").page().ids
        #expect(live == (answer.status == 200 && !summary.hasPrefix("done") ? ["x"] : []))
        #expect(service.state(name)?.exists == (answer.status == 200))
        return summary
    }

    @Test("each life takes its course, with one cancel at 60 s", arguments: Course.all)
    func course(_ course: Course) throws {
        var (service, name) = Self.service(course.life)
        for step in course.course where step.at < 60 {
            service.advance(to: seconds(step.at))
            #expect(try observe(service, name) == step.summary, "at \(step.at) s")
        }
        service.advance(to: seconds(60))
        #expect(service.cancel(name).status == course.answer)
        for step in course.course where step.at >= 60 {
            service.advance(to: seconds(step.at))
            #expect(try observe(service, name) == step.summary, "at \(step.at) s")
        }
    }

    @Test("without a cancel, only lives with an end of their own end", arguments: Course.all)
    func uncancelled(_ course: Course) throws {
        var (service, name) = Self.service(course.life)
        service.advance(to: seconds(1_000_000))
        let isDone = try #require(service.state(name)).isDone
        if case .normal = course.life { #expect(isDone) } else { #expect(!isDone) }
    }

    @Test("somebody else's cancel shows its flag, then has worked")
    func cancelledByOther() throws {
        var (service, name) = Self.service(
            .cancelledByOther(flagAfter: .seconds(20), endsAfter: .seconds(30)))
        for (at, summary) in [
            (34, "running"), (35, "running+flag"), (44, "running+flag"), (45, "done:1+flag"),
        ] {
            service.advance(to: seconds(at))
            #expect(try observe(service, name) == summary, "at \(at) s")
        }
        #expect(service.cancelAsked(name) == nil)
    }

    @Test("a second cancel does not put the end off")
    func repeatedCancel() throws {
        var (service, name) = Self.service(.slow)
        service.advance(to: seconds(60))
        #expect(service.cancel(name).status == 200)
        service.advance(to: seconds(64))
        #expect(service.cancel(name).status == 200)
        service.advance(to: seconds(65))
        #expect(try observe(service, name) == "done:1+flag")
        #expect(service.cancelAsked(name) == seconds(60))
        #expect(service.cancel(name).status == 400)
    }

    @Test("an operation that was cancelled while queued never had a start")
    func cancelledWhileQueued() throws {
        var (service, name) = Self.service(.slow)
        service.advance(to: seconds(6))
        _ = service.cancel(name)
        service.advance(to: seconds(60))
        #expect(try service.get(name).summary() == "done:1+flag")
        #expect(try service.get(name).json("metadata.startTime") == nil)
        #expect(try service.get(name).json("metadata.endTime") == "\"2026-03-01T12:00:11Z\"")
    }

    @Test("a stalled life reports progress until it stalls")
    func stalled() throws {
        var (service, name) = Self.service(.stalled(after: .seconds(120)))
        var seen: [String?] = []
        for at in [5, 15, 16, 75, 135, 136, 100_000] {
            service.advance(to: seconds(at))
            let answer = service.get(name)
            seen.append(try answer.json("metadata.updateTime"))
            if at >= 135 { #expect(try answer.json("metadata.progressPercent") == "17") }
        }
        #expect(
            seen.map { $0.map { String($0.dropFirst(12).dropLast(2)) } } == [
                "12:00:05", "12:00:15", "12:00:16", "12:01:15", "12:02:15", "12:02:15", "12:02:15",
            ])
    }

    @Test("progress is reported only by lives that ask for it")
    func progress() throws {
        let script = ScriptedOperation(
            "x", reportsProgress: true, life: .normal(after: .seconds(600)))
        var service = SimulatedService(
            start: start, operations: [script, ScriptedOperation("y")])
        #expect(try service.get("projects/acme/operations/y").json("metadata.updateTime") == nil)
        var percents: [String?] = []
        for at in [0, 300, 599, 600, 700] {
            service.advance(to: seconds(at))
            percents.append(try service.get(script.name).json("metadata.progressPercent"))
        }
        #expect(percents == ["0", "34", "50", "100", "100"])
    }
}
