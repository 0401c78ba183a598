import FilterLanguage
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("How things are with one operation")
struct StandingTests {
    /// What the engine says of an operation that a GET shows as it is.
    private func standing(
        of operation: OperationIdentity, on stage: Stage
    ) throws -> OperationStanding {
        let answer = try stage.fetch(operation).get()
        return try #require(stage.engine.standing(of: operation, as: answer))
    }

    @Test("a candidate shows its rules, what decided in them, its clock and what it waits for")
    func candidate() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(1))
        let standing = try standing(of: x, on: stage)
        #expect(standing.service == "ml" && standing.name == x.name)
        #expect(standing.rules.map(\.rule) == ["protected", "slow"])
        #expect(standing.rules.map(\.part) == [.doesNotMatch, .decides])
        let terms = standing.rules.map { $0.findings?.map(\.term) }
        #expect(
            terms == [
                ["metadata.labels.keep = \"true\""],
                ["metadata.operationType = \"CREATE_VERSION\""],
            ])
        #expect(standing.rules.map { $0.findings?.first?.holds } == [false, true])
        #expect(standing.rules.map { $0.findings?.first?.value } == [nil, "\"CREATE_VERSION\""])
        #expect(standing.rule == "slow")
        let due = try #require(standing.decision.due)
        #expect(standing.decision == .cancel(due))
        #expect(
            standing.clocks == [ClockStanding(clock: .total, timeout: .seconds(2_700), due: due)])
        #expect(due.age == .seconds(3_001) && standing.age == due.age)
        #expect(standing.notice == .none)
        #expect(standing.refusals == [.warnOnlyPoll, .notConfirmed(polls: 1, needed: 2)])
        #expect(
            standing.reason == "total 50m1s > 45m; waits for 2 complete polls in a row; "
                + "\(GateRefusal.warnOnlyPoll)")
    }

    @Test("all that shuts the gate is told, not only the first of it")
    func everything() throws {
        var policy = StagePolicy()
        policy.mode = "observe"
        let stage = try Stage(policy)
        let x = stage.add("x")
        stage.run(for: .seconds(1))
        stage.take(.policyRefused)
        stage.engine.noteDamage(file: "journal-1.jsonl", offset: 0)
        stage.engine.noteJournal(isHealthy: false)
        #expect(
            try standing(of: x, on: stage).refusals == [
                .policyRefused, .journalDown, .journalDamaged, .warnOnlyPoll,
                .notConfirmed(polls: 1, needed: 2), .observing,
            ])
        // The GET was sent too long ago for a cancel.
        let answer = try stage.fetch(x).get()
        stage.pass(.seconds(6))
        _ = stage.engine.turn(at: stage.now)
        let old = try #require(stage.engine.standing(of: x, as: answer))
        #expect(old.refusals.suffix(2) == [.freshFetchTooOld(.seconds(6)), .observing])
    }

    @Test("what is protected or matched by nothing says so, and keeps what others make of it")
    func rules() throws {
        let stage = try Stage()
        let x = stage.add("x")
        let y = stage.add("y")
        stage.operations[x]?.labels = ["keep": "true"]
        stage.operations[y]?.type = "OTHER"
        stage.run(for: .seconds(1))
        let kept = try standing(of: x, on: stage)
        #expect(kept.rules.map(\.part) == [.protects, .isOverruled])
        #expect(kept.decision == .ignore(rule: 0) && kept.clocks == [])
        #expect(kept.reason == "protected by protected")
        let other = try standing(of: y, on: stage)
        #expect(other.rules.map(\.part) == [.doesNotMatch, .doesNotMatch])
        #expect(other.decision == .keep(.noRule) && other.rule == nil)
        #expect(other.age == .seconds(3_001) && other.clocks == [])
    }

    @Test("a notice is owed, then given until its end, then over")
    func notice() throws {
        var policy = StagePolicy()
        policy.warnBefore = "10m"
        let stage = try Stage(policy)
        let x = stage.add("x", age: .seconds(30 * 60))
        stage.run(for: .seconds(1))
        let early = try standing(of: x, on: stage)
        #expect(early.notice == .owed(.seconds(600)))
        #expect(early.clocks.map(\.due) == [early.decision.due])
        stage.run(for: .seconds(6 * 60))
        let warning = try #require(stage.engine.state.tables.first?.warnings.values.first)
        let end = warning.at.advanced(by: .seconds(600))
        let warned = try standing(of: x, on: stage)
        #expect(warned.notice == .given(until: end))
        #expect(warned.rules.last?.part == .decides)
        if case .keep(.notYet) = warned.decision {} else { Issue.record("\(warned.decision)") }
    }

    @Test("a cancel that is open is in the way of the next one; an end has nothing in its way")
    func openAttempt() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(70))
        #expect(stage.posted == [x])
        let open = try standing(of: x, on: stage)
        #expect(open.decision == .verify && open.refusals.contains(.attemptOpen))
        stage.operations[x]?.code = 1
        let ended = try standing(of: x, on: stage)
        #expect(ended.decision == .finished(code: 1) && ended.refusals == [])
        #expect(ended.reason == "done with code 1" && ended.age == nil)
    }

    @Test("what is not tracked, or shown as another one, has no standing; asking changes nothing")
    func none() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(1))
        let y = stage.add("y")
        let decisions = stage.engine.tally.decisions
        _ = try standing(of: x, on: stage)
        #expect(stage.engine.tally.decisions == decisions)
        #expect(stage.engine.standing(of: y, as: try stage.fetch(y).get()) == nil)
        #expect(stage.engine.standing(of: x, as: try stage.fetch(y).get()) == nil)
        let nothing = OperationAnswer(body: [], time: stage.time)
        #expect(stage.engine.standing(of: x, as: nothing) == nil)
    }

    @Test("a service shows each of its parents: current, failing, late")
    func parents() throws {
        var policy = StagePolicy()
        policy.parents = ["projects/acme", "projects/b"]
        let stage = try Stage(policy)
        stage.add("x")
        stage.run(for: .seconds(1))
        func shown() throws -> ServiceStanding {
            try #require(stage.engine.standing.services.first)
        }
        #expect(try shown().parents.map(\.parent) == policy.parents)
        #expect(try shown().parents.map(\.poll) == [.current, .current])
        #expect(try shown().parents.map(\.live) == [1, 0])
        #expect(try shown().late == nil)
        let polled = try #require(try shown().parents.last?.lastPoll)
        stage.pass(.seconds(400))
        stage.turn()
        #expect(try shown().parents.map(\.poll) == [.late, .late])
        let (id, request) = try stage.takePending { request in
            guard case .page(_, _, _, let list) = request else { return false }
            return list.parent == "projects/b"
        }
        guard case .page(let partition, let walk, _, _) = request else { return }
        let failure = CallFailure.timedOut(after: .seconds(30), sent: .maybe)
        stage.take(.page(id, partition, walk: walk, .failure(failure)))
        let late = try #require(try shown().late)
        #expect(late.parent == "projects/b" && late.poll == .failing)
        #expect(late.since == polled && late.failingSince != nil && late.cause != nil)
    }
}
