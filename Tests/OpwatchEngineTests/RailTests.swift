import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("Rails over time")
struct RailTests {
    @Test("polls while the clocks disagree make nothing calm")
    func calm() throws {
        let stage = try Stage()
        stage.run(for: .seconds(30))
        open(stage)
        stage.date = { _ in nil }
        stage.run(for: .seconds(600))
        #expect(stage.count(.breakerClosed) == 0)
        stage.date = { $0 }
        stage.run(for: .seconds(120))
        #expect(stage.count(.breakerClosed) == 0)
        stage.run(for: .seconds(60))
        #expect(stage.count(.breakerClosed) == 1)
    }

    @Test(
        "an answer that was long under way does not set the service's clock back, a true one does")
    func lateAnswer() {
        let begin = Moment(wall: Stage.start, instant: ContinuousClock.now)
        var rails = Rails(at: begin.instant)
        func note(_ date: Int64, sent: Int64, at now: Int64) -> Duration {
            let moment = Moment(
                wall: begin.wall.advanced(by: .seconds(now)),
                instant: begin.instant.advanced(by: .seconds(now)))
            let time = AnswerTime(
                sentAt: begin.instant.advanced(by: .seconds(sent)),
                date: begin.wall.advanced(by: .seconds(date)))
            _ = rails.note(time, at: moment)
            return rails.time(at: moment).duration(since: moment.wall)
        }
        #expect(note(20, sent: 0, at: 0) == .seconds(20))
        #expect(note(55, sent: 30, at: 60) == .seconds(20))
        #expect(note(60, sent: 60, at: 60) == .seconds(1))
    }

    /// What asks for another first cancel.
    enum Change: CaseIterable {
        case nothing, policy, breaker
    }

    @Test("a cancel that was told to be unproven holds up no other, after a reload neither")
    func unprovenCanary() throws {
        let stage = try Stage()
        let (x, y) = (stage.add("x", age: .seconds(60 * 60)), stage.add("y"))
        stage.run(for: .seconds(61))
        #expect(stage.posted == [x])
        stage.denied = [x]
        stage.run(for: .seconds(30))
        #expect(stage.count(.unproven) == 1)
        stage.operations[y]?.code = 0
        var policy = StagePolicy()
        policy.total = "46m"
        try stage.adopt(policy)
        let z = stage.add("z")
        stage.run(for: .seconds(600))
        #expect(stage.posted.contains(z))
        #expect(!stage.verdicts.contains(.cancelled))
    }

    @Test("after another policy or a closed breaker the first cancel goes alone again")
    func canary() throws {
        for change in Change.allCases {
            let stage = try Stage()
            let first = stage.add("first")
            stage.run(for: .seconds(61))
            stage.operations[first]?.code = 1
            stage.run(for: .seconds(30))
            #expect(stage.verdicts == [.cancelled])
            switch change {
            case .nothing: break
            case .policy:
                var policy = StagePolicy()
                policy.total = "46m"
                try stage.adopt(policy)
            case .breaker:
                open(stage)
                stage.run(for: .seconds(240))
                #expect(stage.count(.breakerClosed) == 1)
            }
            for id in ["x", "y"] { stage.add(id) }
            stage.run(for: .seconds(180))
            #expect(stage.posted.count == (change == .nothing ? 3 : 2), "\(change)")
        }
    }

    /// How a canary hands on to the next in line.
    enum End: CaseIterable {
        case unproven, notSent
    }

    @Test("a first cancel that is not proven, or not sent, holds up nobody")
    func handedOn() throws {
        for end in End.allCases {
            let stage = try Stage()
            let x = stage.add("x", age: .seconds(3_600))
            let y = stage.add("y")
            if end == .notSent {
                stage.cancelAnswer = {
                    $0 == x
                        ? .failure(.notSent(reason: "no connection"))
                        : .success(Asked(httpStatus: 200))
                }
            }
            stage.run(for: .seconds(61))
            #expect(stage.posted.first == x)
            if end == .unproven {
                stage.fetchFailure = .unavailable(reason: "down", retryAfter: nil, sent: .maybe)
                stage.run(for: .seconds(30))
                stage.fetchFailure = nil
            }
            stage.run(for: .seconds(240))
            #expect(stage.posted.contains(y), "\(end)")
        }
    }

    @Test("a local clock that is wrong makes nothing forgotten")
    func unsupported() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let stage = try Stage(policy)
        let x = stage.add("x")
        stage.cancelAnswer = { _ in
            .failure(.unsupported(ServiceError(http: 501, code: .unimplemented)))
        }
        stage.run(for: .seconds(120))
        #expect(stage.posted == [x])
        let years = Duration.seconds(10 * 365 * 86_400)
        stage.date = { $0.advanced(by: .zero - years) }
        stage.jump(years)
        stage.run(for: .seconds(180))
        stage.jump(.zero - years)
        stage.date = { $0 }
        stage.add("y")
        stage.run(for: .seconds(300))
        #expect(stage.posted == [x])
    }

    private func open(_ stage: Stage) {
        stage.engine.facts.apply(
            .breaker(service: "ml", opened: BreakerCause(.share, words: "why"), at: stage.now.wall))
    }
}
