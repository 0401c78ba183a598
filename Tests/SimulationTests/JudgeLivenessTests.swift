import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// What must have come by the end of a run.
@Suite struct JudgeLivenessTests {
    private static var service: SimulatedServicePolicy { Script.policy.services[0] }
    private static var bounds: Bounds { Bounds(policy: Script.policy, service: service) }

    /// Whole seconds of a bound.
    private static func seconds(_ bound: Duration) -> Int { Int(bound.components.seconds) }

    @Test(
        "an end is recorded",
        arguments: [
            (extra: 0, isRecorded: false, broken: []),
            (extra: 1, isRecorded: false, broken: [RuleName.endMissing]),
            (extra: 1, isRecorded: true, broken: []),
        ])
    func end(extra: Int, isRecorded: Bool, broken: [RuleName]) {
        var script = Script()
        script.grow(until: 60)
        script.see(.healed)
        script.end(1, code: 0)
        if isRecorded { script.write(.finished(Script.identity(script.name(1)), code: 0)) }
        script.wait(Self.seconds(Self.bounds.end) + extra)
        script.see(.finished)
        #expect(script.broken == broken)
    }

    @Test(
        "what is listed is recorded",
        arguments: [
            (extra: 0, isRecorded: false, broken: []),
            (extra: 1, isRecorded: false, broken: [RuleName.seenMissing]),
            (extra: 1, isRecorded: true, broken: []),
        ])
    func seen(extra: Int, isRecorded: Bool, broken: [RuleName]) {
        var script = Script()
        script.start { $0.rules[0].action = .warn }
        script.see(.healed)
        script.bear(1)
        script.poll()
        if isRecorded { script.seen(1) }
        script.wait(Self.seconds(Self.bounds.told) + extra)
        script.see(.finished)
        #expect(script.broken == broken)
    }

    @Test(
        "a cancel of what is over has its verdict",
        arguments: [
            (extra: 0, broken: []), (extra: 1, broken: [RuleName.verdictMissing]),
        ])
    func verdict(extra: Int, broken: [RuleName]) {
        var script = Script()
        script.grow()
        script.see(.healed)
        script.cancel(1, 1)
        script.end(1, code: 1)
        script.wait(Self.seconds(Self.bounds.end) + extra)
        script.see(.finished)
        #expect(script.broken == broken)
    }

    @Test(
        "a cancel that stays open is told",
        arguments: [
            (extra: 0, isTold: false, broken: []),
            (extra: 1, isTold: false, broken: [RuleName.intentForgotten]),
            (extra: 1, isTold: true, broken: []),
        ])
    func open(extra: Int, isTold: Bool, broken: [RuleName]) {
        var script = Script()
        script.grow()
        script.see(.healed)
        script.cancel(1, 1)
        script.see(.told(kind: "cancelAsked", operation: script.name(1), text: ""))
        script.wait(1)
        if isTold { script.see(.told(kind: "unproven", operation: script.name(1), text: "")) }
        script.wait(Self.seconds(Self.bounds.verdict) - 1 + extra)
        script.see(.finished)
        #expect(script.broken == broken)
    }

    @Test(
        "what waits is told",
        arguments: [
            (extra: 0, operation: String?.none, broken: [RuleName]()),
            (extra: 1, operation: nil, broken: [RuleName.silentWait]),
            (extra: 1, operation: "p/operations/1", broken: []),
            (extra: 1, operation: "p/operations/2", broken: [.silentWait]),
        ])
    func silence(extra: Int, operation: String?, broken: [RuleName]) {
        var script = Script()
        script.grow(until: 600) { $0.mode = .observe }
        script.see(.healed)
        if let operation { script.see(.told(kind: "warned", operation: operation, text: "")) }
        script.wait(Self.seconds(Self.bounds.told) + extra)
        script.see(.finished)
        #expect(script.broken == broken)
    }

    @Test(
        "what shuts more than one operation is told of none",
        arguments: [(second: 601, broken: []), (second: 599, broken: [RuleName.silentWait])])
    func general(second: Int, broken: [RuleName]) {
        var script = Script()
        script.grow(until: 540) { $0.mode = .observe }
        script.see(.healed)
        script.wait(until: second)
        script.see(.told(kind: nil, operation: nil, text: "the journal cannot be written"))
        script.wait(Self.seconds(Self.bounds.told) + 602 - second)
        script.see(.finished)
        #expect(script.broken == broken)
    }

    @Test("what runs too long is cancelled, and what has no creation time")
    func clocks() {
        for tellsCreation in [true, false] {
            var script = Script()
            script.start {
                if tellsCreation { $0.rules[0].total = nil }
                $0.rules[0].running = .seconds(300)
            }
            script.bear(1)
            if !tellsCreation { script.show(1) { $0.created = nil } }
            script.poll()
            script.seen(1)
            script.run(1)
            script.poll(until: 600)
            script.see(.healed)
            script.see(.told(kind: "warned", operation: script.name(1), text: ""))
            script.wait(1_000_000)
            script.see(.finished)
            #expect(script.broken == [.cancelMissing])
        }
    }

    @Test(
        "what stays overdue is cancelled",
        arguments: [
            (extra: 0, broken: []), (extra: 1, broken: [RuleName.cancelMissing]),
        ])
    func cancel(extra: Int, broken: [RuleName]) {
        var script = Script()
        script.grow(until: 600)
        script.see(.healed)
        script.see(.told(kind: "warned", operation: script.name(1), text: ""))
        let bound = Self.bounds.cancel(ahead: 1, all: 1, failures: 0, notice: .zero)
        script.wait(Self.seconds(bound) + extra)
        script.see(.finished)
        #expect(script.broken == broken)
    }

    @Test(
        "but not what the specification lets be",
        arguments: [
            Trial("ignored") { $0.waitLong { $0.rules[0].action = .ignore } },
            Trial("warned of only") { $0.waitLong { $0.rules[0].action = .warn } },
            Trial("observed only") { $0.waitLong { $0.mode = .observe } },
            Trial("a refused policy") {
                $0.waitLong(before: { $0.see(.policyRefused) }) { _ in }
            },
            Trial("flagged by others") { $0.waitLong(before: { $0.flag(1) }) { _ in } },
            Trial("refused") { $0.waitLong(before: { $0.refuse(1, 1) }) { _ in } },
            Trial("shown with another creation time") {
                $0.waitLong(
                    before: {
                        $0.show(1) { $0.created = Script.at(1) }
                        $0.poll()
                    }) { _ in }
            },
            Trial("never healed") {
                $0.grow(until: 600)
                $0.wait(1_000_000)
                $0.see(.finished)
            },
        ])
    func exempt(_ trial: Trial) { trial.check() }

    @Test(
        "a breaker closes again",
        arguments: [
            (extra: 0, broken: []), (extra: 1, broken: [RuleName.breakerStuck]),
        ])
    func breaker(extra: Int, broken: [RuleName]) {
        var script = Script()
        script.grow(until: 60)
        script.see(.healed)
        script.see(.told(kind: "warned", operation: script.name(1), text: ""))
        script.write(
            .breaker(service: "s", opened: BreakerCause(.share, words: ""), at: script.now))
        script.wait(Self.seconds(Self.bounds.breaker) + extra)
        script.see(.finished)
        #expect(script.broken == broken)
    }

    @Test("a breaker stays open while too much is overdue")
    func share() {
        var script = Script()
        script.grow(4, until: 660) { $0.maxOverdueSharePercent = 50 }
        script.see(.healed)
        for number in 1...4 {
            script.see(.told(kind: "warned", operation: script.name(number), text: ""))
        }
        script.write(
            .breaker(service: "s", opened: BreakerCause(.share, words: ""), at: script.now))
        script.wait(1_000_000)
        script.see(.finished)
        #expect(script.broken == [])
    }

    @Test("no more than twenty violations are kept")
    func bounded() {
        var script = Script()
        script.grow(until: 60)
        for _ in 1...30 { script.seen(1) }
        #expect(script.judge.violations.count == 20)
    }
}

extension Script {
    /// One that would be overdue all the while.
    mutating func waitLong(
        before: (inout Script) -> Void = { _ in }, _ change: (inout SimulatedPolicy) -> Void
    ) {
        grow(1, until: 720, change)
        before(&self)
        see(.healed)
        see(.told(kind: "warned", operation: name(1), text: ""))
        wait(1_000_000)
        see(.finished)
    }
}
