import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("A cancel that passed the gate")
struct PermitTests {
    /// What may happen between the gate and the end of the step.
    enum Change: CaseIterable {
        case nothing, journalFails, policyRefused, policyChanged, serviceDropped, damage
        case dateMissing, breakerOpens, clockJumps, shutdown, ended
    }

    @Test("leaves at the end of the step, unless something that shuts the gate came since")
    func lastWord() throws {
        for change in Change.allCases {
            let (stage, x) = try permitted()
            try apply(change, to: stage, x)
            stage.turn()
            let leaves = change == .nothing
            #expect(stage.posted == (leaves ? [x] : []), "\(change)")
            if [.ended, .serviceDropped].contains(change) { continue }
            #expect(stage.history(x)?.state == (leaves ? .recorded : .withdrawn), "\(change)")
            let started = try stage.service.partitions.all.first?.startedInPoll
            #expect(started == (leaves ? 1 : 0), "\(change)")
            #expect(stage.engine.state.spent.entries.count == (leaves ? 1 : 0), "\(change)")
        }
    }

    private func apply(_ change: Change, to stage: Stage, _ x: OperationIdentity) throws {
        switch change {
        case .nothing: break
        case .journalFails: stage.engine.noteJournal(isHealthy: false)
        case .policyRefused: stage.take(.policyRefused)
        case .policyChanged:
            var policy = StagePolicy()
            policy.total = "46m"
            try stage.adopt(policy)
        case .serviceDropped:
            var policy = StagePolicy()
            policy.names = ["other"]
            try stage.adopt(policy)
        case .damage: stage.engine.noteDamage(file: "journal-1.jsonl", offset: 9)
        case .dateMissing:
            stage.engine.reader.noteClock(
                try stage.service, AnswerTime(sentAt: stage.now.instant, date: nil))
        case .breakerOpens:
            stage.engine.facts.apply(
                .breaker(
                    service: "ml", opened: BreakerCause(.share, words: "why"), at: Stage.start))
        case .clockJumps: stage.jump(.seconds(600))
        case .shutdown: stage.take(.shutdown)
        case .ended:
            stage.engine.facts.apply(
                .verdict(
                    x, stage.history(x)?.intent.id, .finishedAnyway, late: false,
                    at: Stage.start))
        }
    }

    @Test("two services' permits leave in two steps")
    func onePermitAStep() throws {
        var policy = StagePolicy()
        policy.names = ["ml", "other"]
        let stage = try Stage(policy)
        stage.add("x")
        stage.add("y", service: "other")
        stage.run(for: .seconds(130))
        #expect(stage.posted.count == 2)
    }

    @Test("what the intent cannot be made durable for never leaves, and is tried again")
    func notDurable() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(50))
        stage.isDiskFull = true
        stage.run(for: .seconds(300))
        #expect(stage.posted.isEmpty)
        #expect(stage.history(x) == nil)
        stage.isDiskFull = false
        stage.run(for: .seconds(300))
        #expect(stage.posted == [x])
    }

    /// A permit that waits to leave.
    private func permitted() throws -> (Stage, OperationIdentity) {
        let stage = try Stage()
        let x = stage.add("x")
        while try stage.service.attempt.isIdle {
            stage.turn()
            if try stage.service.attempt.isIdle { stage.answer() }
            if stage.pending.isEmpty, try stage.service.attempt.isIdle { stage.pass(.seconds(60)) }
        }
        let fetch = try stage.takePending {
            if case .fetch(_, .gate) = $0 { true } else { false }
        }
        stage.take(stage.answer(to: fetch.request, fetch.id))
        let waiting = try stage.service.attempt.permitted
        try #require(waiting != nil)
        return (stage, x)
    }
}
