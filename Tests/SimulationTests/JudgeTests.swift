import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// Cancels that left, right ones and wrong ones.
@Suite struct JudgeTests {
    @Test(
        "standing conditions of a POST",
        arguments: [
            Trial("all is right") {
                $0.grow()
                $0.cancel(1, 1)
            },
            Trial("observe", .noMode) {
                $0.grow { $0.mode = .observe }
                $0.cancel(1, 1)
            },
            Trial("a refused policy", .refusedPolicy) {
                $0.grow()
                $0.see(.policyRefused)
                $0.wait(6)
                $0.cancel(1, 1)
            },
            Trial("one that is refused behind the permit's last check") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.permit(1, 1)
                $0.see(.policyRefused)
                $0.wait(5)
                $0.leave(1, 1)
            },
            Trial("one that leaves six seconds behind the permit's last check", .permitOver) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.permit(1, 1)
                $0.wait(6)
                $0.leave(1, 1)
            },
            Trial("one that the gate did not let go", .noPermit) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.leave(1, 1)
            },
            Trial("observed only since now, the permit had left") {
                $0.grow()
                $0.reload { $0.mode = .observe }
                $0.cancel(1, 1)
            },
            Trial("observed only since a second ago", .noMode, .notConfirmed) {
                $0.grow()
                $0.reload { $0.mode = .observe }
                $0.wait(1)
                $0.cancel(1, 1)
            },
            Trial("a refused policy that was mended") {
                $0.grow()
                $0.see(.policyRefused)
                $0.reload { _ in }
                $0.cancel(1, 1)
            },
            Trial("a damaged journal", .journalDamaged) {
                $0.grow()
                $0.write(.damage(file: "x", offset: 1))
                $0.cancel(1, 1)
            },
            Trial("damage that was accepted") {
                $0.grow()
                $0.write(.damage(file: "x", offset: 1), .damageAccepted(by: "me"))
                $0.cancel(1, 1)
            },
        ])
    func standing(_ trial: Trial) { trial.check() }

    @Test(
        "each POST has one durable intent of its own",
        arguments: [
            Trial("none", .noIntent, .noPermit) {
                $0.grow()
                $0.get(1)
                $0.post(1, 1)
            },
            Trial("that of another operation", .intentOfOther, .noPermit) {
                $0.grow(2)
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.send(1, 2)
            },
            Trial("a second POST", .intentReused) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.post(1, 1)
            },
            Trial(
                "a POST again after a kill", .intentReused, .notListed, .notConfirmed,
                .warnOnlyPoll, .getMissing, .intentReused
            ) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.see(.daemonKilled)
                $0.start()
                $0.post(1, 1)
            },
            Trial("one that was given back", .intentWithdrawn) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.write(.withdrawn(IntentID(1), reason: "x"))
                $0.post(1, 1)
            },
            Trial("one of an earlier daemon", .intentOfEarlierLife, .getMissing) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.see(.daemonKilled)
                $0.start()
                $0.poll(until: 840)
                $0.get(1)
                $0.post(1, 1)
            },
        ])
    func ofIntent(_ trial: Trial) { trial.check() }

    @Test(
        "the operation that is hit is the one that was decided on",
        arguments: [
            Trial("gone before the POST arrives") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.see(.gone(number: 1))
                $0.send(1, 1)
                $0.see(.postArrived(endpoint: Script.endpoint, name: $0.name(1), number: nil))
            },
            Trial("the name is another's when the POST leaves", .namesakeHit) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.see(.gone(number: 1))
                $0.bear(2, "p/operations/1")
                $0.send(1, 1)
            },
            Trial("the name is another's when the POST arrives", .namesakeHit) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.send(1, 1)
                $0.see(.gone(number: 1))
                $0.bear(2, "p/operations/1")
                $0.see(.postArrived(endpoint: Script.endpoint, name: $0.name(1), number: 2))
            },
        ])
    func namesakes(_ trial: Trial) { trial.check() }

    @Test(
        "the rule that truly decides cancels it",
        arguments: [
            Trial("the first match decides") {
                $0.grow {
                    $0.rules.append(
                        SimulatedRule(name: "later", action: .warn, total: .seconds(60)))
                }
                $0.cancel(1, 1)
            },
            Trial("a warn rule decides", .wrongRule, .getOtherwise) {
                $0.grow {
                    $0.rules.insert(
                        SimulatedRule(name: "first", action: .warn, total: .seconds(60)), at: 0)
                }
                $0.cancel(1, 1)
            },
            Trial("protected, though the label was not shown", .protectedHit, .notConfirmed) {
                $0.start()
                $0.bear(1, team: "keep")
                $0.show(1) { $0.team = nil }
                $0.poll()
                $0.seen(1)
                $0.poll(until: 720)
                $0.cancel(1, 1)
            },
            Trial("another timeout than the rule's", .intentFigures, .wrongRule) {
                $0.grow()
                $0.write($0.intent(1, 1) { $0.timeout = .seconds(300) })
                $0.get(1)
                $0.post(1, 1)
            },
        ])
    func rules(_ trial: Trial) { trial.check() }

    @Test(
        "strictly after the deadline, by the `Date`s that were shown",
        arguments: [
            (second: 600, ahead: 0, isRight: false), (second: 601, ahead: 0, isRight: true),
            (second: 480, ahead: 120, isRight: false), (second: 481, ahead: 120, isRight: true),
        ])
    func overdue(second: Int, ahead: Int, isRight: Bool) {
        var script = Script()
        script.start { $0.confirmations = 1 }
        script.bear(1)
        script.poll(dateOff: ahead)
        script.seen(1)
        script.wait(until: second)
        script.poll(dateOff: ahead)
        script.write(
            script.intent(1, 1) {
                $0.age = .seconds(601)
                $0.serverTime = Script.at(601)
            })
        script.get(1)
        script.post(1, 1)
        // 480 s are a gap, so that the poll is a warn-only one.
        #expect(script.broken.contains(.notOverdue) != isRight)
        #expect(script.broken.contains(.notConfirmed) != isRight)
    }

    @Test(
        "the `Date` of the GET counts where it is told",
        arguments: [
            (off: -121, broken: [RuleName.notOverdue]), (off: -120, broken: [.notOverdue]),
            (off: -119, broken: []),
            (off: -303, broken: [.clocksDisagree]), (off: 303, broken: [.clocksDisagree]),
            (off: 299, broken: []),
        ])
    func dateOfGet(off: Int, broken: [RuleName]) {
        var script = Script()
        script.grow()
        script.write(script.intent(1, 1))
        script.getDated(1, off: off)
        script.post(1, 1)
        #expect(script.broken == broken)
    }

    @Test(
        "without a creation time it counts from the first sight, and one second",
        arguments: [(second: 661, broken: [RuleName.notConfirmed]), (second: 662, broken: [])])
    func firstSeen(second: Int, broken: [RuleName]) {
        var script = Script()
        script.start { $0.confirmations = 1 }
        script.bear(1)
        script.show(1) { $0.created = nil }
        script.wait(60)
        script.poll()
        script.seen(1)
        script.poll(until: 600)
        script.wait(until: second)
        script.poll()
        script.write(
            script.intent(1, 1) {
                $0.created = Script.at(61)
                $0.deadline = Script.at(661)
                $0.serverTime = Script.at(662)
                $0.age = .seconds(601)
            })
        script.get(1)
        script.post(1, 1)
        #expect(script.broken == broken)
    }

    @Test(
        "the clock of the intent counts from what is true",
        arguments: [
            Trial("running, over") {
                $0.run(1, timeout: 300, startedAt: 119, until: 480)
                $0.cancelRunning(startedAt: 119)
            },
            Trial("running, confirmed once", .notConfirmed) {
                $0.run(1, timeout: 300, startedAt: 120, until: 480)
                $0.cancelRunning(startedAt: 120)
            },
            Trial("running, not over", .notOverdue, .notConfirmed) {
                $0.run(1, timeout: 300, startedAt: 180, until: 480)
                $0.cancelRunning(startedAt: 180)
            },
            Trial("running, never started", .notOverdue, .notConfirmed) {
                $0.grow(1, until: 720) { $0.rules[0].running = .seconds(300) }
                $0.cancelRunning(startedAt: 120)
            },
            Trial("running, and the GET shows another start", .getOtherwise) {
                $0.run(1, timeout: 300, startedAt: 119, until: 480)
                $0.show(1) { $0.started = Script.at(130) }
                $0.cancelRunning(startedAt: 119)
            },
        ])
    func clocks(_ trial: Trial) { trial.check() }

    @Test(
        "`stalled` counts observed time only",
        arguments: [
            Trial("unchanged for long enough") {
                $0.stall(until: 540)
                $0.cancelStalled()
            },
            Trial("confirmed once", .notConfirmed) {
                $0.stall(until: 480)
                $0.cancelStalled()
            },
            Trial("changed meanwhile", .notConfirmed) {
                $0.stall(until: 300)
                $0.show(1) { $0.updated = Script.at(300) }
                $0.poll(until: 540)
                $0.cancelStalled()
            },
            Trial("the GET shows a change", .getOtherwise) {
                $0.stall(until: 540)
                $0.show(1) { $0.updated = Script.at(540) }
                $0.cancelStalled()
            },
            Trial("a restart begins anew", .notConfirmed) {
                $0.stall(until: 360)
                $0.see(.daemonKilled)
                $0.start()
                $0.poll(until: 540)
                $0.cancelStalled()
            },
            Trial("a restart goes on from a durable half") {
                $0.stall(until: 240)
                $0.write(
                    .stalling(
                        .init(
                            operation: Script.identity($0.name(1)), fieldHash: 1,
                            since: Script.at(60), stalledFor: .seconds(180))))
                $0.see(.daemonKilled)
                $0.start()
                $0.poll(until: 660)
                $0.cancelStalled()
            },
        ])
    func stalled(_ trial: Trial) { trial.check() }
}

extension Script {
    mutating func run(_ number: Int, timeout: Int, startedAt: Int, until last: Int) {
        start {
            $0.rules[0].total = nil
            $0.rules[0].running = .seconds(timeout)
        }
        bear(number)
        poll()
        seen(number)
        poll(until: startedAt - 1)
        wait(until: startedAt)
        run(number)
        poll(until: last)
    }

    mutating func cancelRunning(startedAt: Int) {
        write(
            intent(1, 1) {
                $0.clock = .running
                $0.timeout = .seconds(300)
                $0.age = .seconds(301)
                $0.deadline = Script.at(startedAt + 300)
                $0.serverTime = Script.at(startedAt + 301)
            })
        get(1)
        post(1, 1)
    }

    /// One that runs from second 60 on and changes no more; `stalled` after six minutes.
    mutating func stall(until last: Int) {
        start {
            $0.rules[0].total = nil
            $0.rules[0].stalled = .seconds(360)
        }
        bear(1)
        poll()
        seen(1)
        wait(until: 60)
        run(1)
        poll()
        poll(until: last)
    }

    mutating func cancelStalled() {
        write(
            intent(1, 1) {
                $0.clock = .stalled
                $0.timeout = .seconds(360)
                $0.age = .seconds(361)
                $0.deadline = Script.at(420)
                $0.serverTime = Script.at(421)
            })
        get(1)
        post(1, 1)
    }
}
