import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("What holds cancels back")
struct HoldingBackTests {
    @Test("observe mode tells what it would cancel, once, and posts nothing")
    func observe() throws {
        var policy = StagePolicy()
        policy.mode = "observe"
        let stage = try Stage(policy)
        stage.add("x")
        stage.run(for: .seconds(3_600))
        #expect(stage.posted.isEmpty)
        #expect(stage.count(.wouldCancel) == 1)
        #expect(stage.records.allSatisfy { $0.intent == nil })
    }

    @Test("observe mode tells once, though a list came while the GET was out")
    func observeMeanwhile() throws {
        var policy = StagePolicy()
        policy.mode = "observe"
        let stage = try Stage(policy)
        stage.add("x")
        stage.run(for: .seconds(59))
        for _ in 0..<2 {
            stage.pass(.seconds(60))
            stage.turn()
            let page = try stage.takePending { request in
                if case .page = request { true } else { false }
            }
            stage.take(stage.answer(to: page.request, page.id))
            stage.turn()
        }
        while stage.answer() {}
        #expect(stage.count(.wouldCancel) == 1)
    }

    @Test("an operation younger than its timeout lives, one second more and it goes")
    func border() throws {
        for (age, goes) in [(45 * 60 - 61, false), (45 * 60 - 59, true)] {
            let stage = try Stage()
            stage.add("x", age: .seconds(age))
            // Two complete polls have to find it overdue.
            stage.run(for: .seconds(121))
            #expect(stage.posted.isEmpty != goes, "\(age)")
        }
    }

    @Test("so many complete polls in a row have to find it overdue", arguments: [1, 2, 3, 5])
    func confirmations(needed: Int) throws {
        var policy = StagePolicy()
        policy.confirmations = needed
        let stage = try Stage(policy)
        stage.add("x")
        // The first poll only warns, however few are needed.
        let polls = max(2, needed)
        stage.run(for: .seconds(60 * (polls - 1) - 1))
        #expect(stage.posted.isEmpty)
        stage.run(for: .seconds(2))
        #expect(stage.posted.count == 1)
    }

    @Test("the first cancel of a service goes alone until its verdict")
    func canary() throws {
        let stage = try Stage()
        for id in ["x", "y", "z"] { stage.add(id) }
        stage.run(for: .seconds(300))
        #expect(stage.posted.count == 1)
        let first = try #require(stage.posted.first)
        stage.operations[first]?.code = 1
        stage.run(for: .seconds(120))
        #expect(stage.posted.count == 3)
    }

    @Test("a poll leads to at most so many cancels, and the rest is told as deferred")
    func pollCap() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        policy.cancelsPerPoll = 2
        let stage = try Stage(policy)
        for id in 0..<5 { stage.add("x\(id)") }
        stage.run(for: .seconds(61))
        #expect(stage.posted.count == 2)
        #expect(stage.count(.deferred) == 3)
        stage.run(for: .seconds(60))
        #expect(stage.posted.count == 4)
        #expect(stage.count(.deferred) == 3)
    }

    @Test("an hour has at most so many cancels, and a new one begins with the next hour")
    func hourlyBudget() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        policy.cancelsPerHour = 3
        let stage = try Stage(policy)
        for id in 0..<5 { stage.add("x\(id)") }
        stage.cancelAnswer = { [unowned stage] in
            stage.operations[$0]?.code = 1
            return .success(Asked(httpStatus: 200))
        }
        stage.run(for: .seconds(3_600))
        #expect(stage.posted.count == 3)
        stage.run(for: .seconds(240))
        #expect(stage.posted.count == 5)
    }

    @Test("of a kind that cannot be cancelled each one that is overdue is told, once")
    func unsupported() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let stage = try Stage(policy)
        for id in ["x", "y", "z"] { stage.add(id) }
        stage.cancelAnswer = { _ in
            .failure(.unsupported(ServiceError(http: 501, code: .unimplemented)))
        }
        stage.run(for: .seconds(3_600))
        #expect(stage.posted.count == 1)
        #expect(stage.count(.unsupported) == 1)
        #expect(stage.count(.deferred) == 2)
    }

    @Test("observe mode tells of them, too: nothing would cancel them")
    func unsupportedObserved() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let stage = try Stage(policy)
        stage.add("x")
        stage.cancelAnswer = { _ in
            .failure(.unsupported(ServiceError(http: 501, code: .unimplemented)))
        }
        stage.run(for: .seconds(300))
        policy.mode = "observe"
        try stage.adopt(policy)
        stage.add("y")
        stage.run(for: .seconds(3_600))
        #expect(stage.count(.wouldCancel) == 0)
        #expect(stage.count(.deferred) == 1)
    }

    @Test("a kind that lists do not tell is known by the GET")
    func unsupportedByGet() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let stage = try Stage(policy)
        stage.hidesKinds = true
        for id in ["x", "y"] { stage.operations[stage.add(id)]?.kind = "type.googleapis.com/K" }
        stage.cancelAnswer = { _ in
            .failure(.unsupported(ServiceError(http: 501, code: .unimplemented)))
        }
        stage.run(for: .seconds(3_600))
        #expect(stage.posted.count == 1)
    }

    @Test("two operations in a row without an answer let the next one wait, one does not")
    func unanswered() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let stage = try Stage(policy)
        for id in ["x", "y", "z"] { stage.add(id) }
        stage.cancelAnswer = { _ in .failure(.timedOut(after: .seconds(30), sent: .maybe)) }
        stage.run(for: .seconds(64))
        #expect(stage.posted.count == 2)
        stage.run(for: .seconds(2))
        #expect(stage.posted.count == 3)
    }

    @Test("where the hour's budget is short, services take turns")
    func turns() throws {
        var policy = StagePolicy()
        policy.names = ["ml", "other"]
        policy.isCanaryOn = false
        policy.cancelsPerHour = 4
        let stage = try Stage(policy)
        for id in 0..<5 {
            stage.add("x\(id)")
            stage.add("y\(id)", service: "other")
        }
        stage.run(for: .seconds(600))
        let other = Endpoint("http://127.0.0.1:1/other/v1")
        #expect(stage.posted.count == 4)
        #expect(stage.posted.count { $0.endpoint == other } == 2)
    }

    @Test("where the hour's budget is short, nobody waits for a service whose cancel hangs")
    func hangingTurn() throws {
        var policy = StagePolicy()
        policy.names = ["ml", "other"]
        policy.isCanaryOn = false
        policy.cancelsPerHour = 9
        let stage = try Stage(policy)
        let other = Endpoint("http://127.0.0.1:1/other/v1")
        for id in 0..<8 {
            stage.add("x\(id)")
            stage.add("y\(id)", service: "other")
        }
        stage.hangs = { $0.endpoint != other }
        stage.run(for: .seconds(64))
        #expect(stage.posted.count { $0.endpoint == other } <= 2)
        stage.run(for: .seconds(4))
        #expect(stage.posted.count { $0.endpoint == other } >= 4)
    }

    @Test("without a Date, or with one that is hours off, nothing is cancelled")
    func clocks() throws {
        for date in [nil, Duration.seconds(3_600), .seconds(-3_600)] {
            let stage = try Stage()
            stage.add("x")
            stage.date = { wall in date.map { wall.advanced(by: $0) } }
            stage.run(for: .seconds(1_800))
            #expect(stage.posted.isEmpty)
            #expect(stage.count(.clockDisagrees) == 1)
            stage.date = { $0 }
            stage.run(for: .seconds(180))
            #expect(stage.posted.count == 1)
        }
    }

    @Test("while the clocks disagree warnings go by the local one")
    func warnedByLocalTime() throws {
        var policy = StagePolicy()
        policy.warnBefore = "5m"
        for (age, isDue) in [(39, false), (41, true)] {
            let stage = try Stage(policy)
            stage.add("x", age: .seconds(age * 60))
            stage.date = { $0.advanced(by: .seconds(isDue ? -7_200 : 7_200)) }
            stage.run(for: .seconds(1))
            #expect(stage.count(.warned) == (isDue ? 1 : 0))
        }
    }

    @Test("a poll while the clocks disagree confirms nothing")
    func confirmedByLocalTime() throws {
        let stage = try Stage()
        // The timeout is at 61 s of the stage; the local clock is 299 s ahead from the start.
        stage.add("x", age: .seconds(2_700 - 61))
        stage.date = { $0.advanced(by: .seconds(-299)) }
        stage.jump(.seconds(299))
        stage.run(for: .seconds(1))
        // One second more: the service's time is no longer believed, and ours is over the timeout.
        stage.date = { $0.advanced(by: .seconds(-301)) }
        stage.run(for: .seconds(60))
        stage.date = { $0.advanced(by: .seconds(-299)) }
        stage.run(for: .seconds(60))
        #expect(stage.posted.isEmpty)
        stage.run(for: .seconds(60))
        #expect(stage.posted.count == 1)
    }

    @Test("a wall clock that jumps by years cancels nothing that should live")
    func jump() throws {
        for years in [-10, 10] {
            let stage = try Stage()
            stage.add("young", age: .seconds(60))
            stage.run(for: .seconds(130))
            let before = stage.now.wall
            let jump = Duration.seconds(years * 365 * 86_400)
            stage.jump(jump)
            // The service's clock goes on as it was.
            stage.date = { $0.advanced(by: .zero - jump) }
            stage.run(for: .seconds(600))
            #expect(stage.posted.isEmpty)
            #expect(before != stage.now.wall)
        }
    }

    @Test("a share over the limit opens the breaker, and three calm rounds close it")
    func breaker() throws {
        var policy = StagePolicy()
        policy.share = "50%"
        policy.cancelsPerPoll = 2
        let stage = try Stage(policy)
        let names = (0..<4).map { stage.add("x\($0)") }
        stage.run(for: .seconds(300))
        #expect(stage.posted.isEmpty)
        #expect(stage.count(.breakerOpen) == 1)
        for name in names.dropFirst() { stage.operations[name]?.type = "OTHER" }
        stage.run(for: .seconds(181))
        #expect(stage.count(.breakerClosed) == 1)
        stage.run(for: .seconds(60))
        #expect(stage.posted == [names[0]])
    }

    @Test("three refused cancels in a row open the breaker for an hour")
    func failedCancels() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let stage = try Stage(policy)
        for id in 0..<5 { stage.add("x\(id)") }
        stage.cancelAnswer = { _ in
            .failure(.refused(ServiceError(http: 400, code: .invalidArgument)))
        }
        stage.run(for: .seconds(1_800))
        #expect(stage.count(.breakerOpen) == 1)
        #expect(stage.engine.standing.services.first?.openBreaker != nil)
        stage.run(for: .seconds(3_600))
        #expect(stage.count(.breakerClosed) == 1)
    }

    @Test("what is denied again after a start waits a whole hour, not twice what was left")
    func deniedAgain() throws {
        let before = try Stage()
        let x = before.add("x")
        before.cancelAnswer = { _ in
            .failure(.denied(ServiceError(http: 403, code: .permissionDenied)))
        }
        before.run(for: .seconds(61))
        before.pass(.seconds(3_300))
        let stage = try Stage(state: before.engine.state, at: before.now)
        stage.operations = before.operations
        stage.cancelAnswer = before.cancelAnswer
        stage.run(for: .seconds(600))
        #expect(stage.posted == [x])
        stage.run(for: .seconds(2_900))
        #expect(stage.posted == [x])
        stage.run(for: .seconds(700))
        #expect(stage.posted == [x, x])
    }

    @Test("a denied cancel is tried once an hour, a second one shuts the service")
    func denied() throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let stage = try Stage(policy)
        let x = stage.add("x")
        stage.cancelAnswer = { _ in
            .failure(.denied(ServiceError(http: 403, code: .permissionDenied)))
        }
        stage.run(for: .seconds(3_500))
        #expect(stage.posted == [x])
        #expect(stage.engine.standing.services.first?.pause == nil)
        stage.add("y")
        stage.run(for: .seconds(200))
        #expect(stage.posted.count == 2)
        #expect(stage.engine.standing.services.first?.pause?.contains("denies") == true)
    }

    @Test(
        "a start does not open what two denials shut, unless another cancel lay between them",
        arguments: [false, true])
    func shutOverStart(isInterrupted: Bool) throws {
        var policy = StagePolicy()
        policy.isCanaryOn = false
        let before = try Stage(policy)
        let denied = Result<Asked, CallFailure>.failure(
            .denied(ServiceError(http: 403, code: .permissionDenied)))
        let accepted = before.identity("b")
        before.cancelAnswer = {
            $0 == accepted && isInterrupted ? .success(Asked(httpStatus: 200)) : denied
        }
        for id in isInterrupted ? ["a", "b", "c"] : ["a", "c"] {
            before.add(id)
            before.run(for: .seconds(120))
            // Proven and forgotten, but by the hour's budget.
            if before.posted.last == accepted { before.operations[accepted]?.code = 1 }
            before.run(for: .seconds(180))
        }
        #expect(before.posted.count == (isInterrupted ? 3 : 2))
        let stage = try Stage(policy, state: before.engine.state, at: before.now)
        stage.operations = before.operations
        stage.cancelAnswer = before.cancelAnswer
        stage.add("d")
        stage.run(for: .seconds(1_200))
        #expect(stage.posted == (isInterrupted ? [stage.identity("d")] : []))
        let isShut = stage.engine.standing.services.first?.pause?.contains("denies") == true
        #expect(isShut == !isInterrupted || !stage.posted.isEmpty)
        stage.run(for: .seconds(2_700))
        #expect(!stage.posted.isEmpty)
    }
}
