import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// Whole lives of a right daemon, told to the end of the run: nothing is found.
@Suite struct JudgeStoryTests {
    @Test(
        "whole lives",
        arguments: [
            Trial("cancelled and proven") {
                $0.grow(2)
                $0.see(.told(kind: "warned", operation: $0.name(1), text: "is overdue"))
                $0.see(.told(kind: "warned", operation: $0.name(2), text: "is overdue"))
                for number in 1...2 {
                    $0.cancel(UInt64(number), number)
                    $0.end(number, code: 1)
                    $0.wait(5)
                    $0.get(number)
                    $0.prove(number, UInt64(number), .cancelled)
                    $0.see(.told(kind: "cancelled", operation: $0.name(number), text: ""))
                }
                $0.rest()
            },
            Trial("killed behind the POST, and asked again") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.see(.postAnswered(intent: IntentID(1), .accepted))
                $0.see(.daemonKilled)
                $0.wait(10)
                $0.start()
                $0.get(1)
                $0.poll(until: 1_080)
                $0.cancel(2, 1)
                $0.end(1, code: 1)
                $0.get(1)
                $0.prove(1, 2, .cancelled)
                $0.rest()
            },
            Trial("defied, and its late end") {
                $0.grow { $0.verifyAttempts = 1 }
                $0.cancel(1, 1)
                $0.poll(until: 1_080)
                $0.get(1)
                $0.prove(1, 1, .defied)
                $0.poll(until: 3_600)
                $0.end(1, code: 0)
                $0.wait(5)
                $0.get(1)
                $0.prove(1, 1, .finishedAnyway, late: true)
                $0.rest()
            },
            Trial("a name that is used again") {
                $0.grow(until: 660)
                $0.vanish(1)
                $0.wait(40)
                $0.bear(2, "p/operations/1")
                $0.poll(until: 720)
                $0.get(2)
                $0.write(.vanished(Script.identity($0.name(2))))
                $0.seen(2)
                $0.poll(until: 1_440)
                $0.cancel(1, 2)
                $0.end(2, code: 1)
                $0.get(2)
                $0.prove(2, 1, .cancelled)
                $0.rest()
            },
            Trial("a service that was renamed") {
                $0.grow()
                $0.cancel(1, 1)
                $0.reload { $0.services[0].name = "t" }
                $0.service = "t"
                $0.write(
                    .moved(
                        Script.identity($0.name(1)),
                        to: Partition(
                            service: "t", endpoint: Endpoint(Script.endpoint), parent: "p")))
                $0.poll(until: 1_080)
                $0.cancel(2, 1, attempt: 2)
                $0.end(1, code: 1)
                $0.get(1)
                $0.prove(1, 2, .cancelled)
                $0.rest()
            },
            Trial("a parent that was dropped and is back") {
                $0.grow()
                let identity = Script.identity($0.name(1))
                $0.reload { $0.services[0].parents = ["q"] }
                $0.write(.dropped(identity))
                $0.wait(600)
                $0.reload { $0.services[0].parents = ["p"] }
                $0.wait(60)
                $0.poll()
                $0.seen(1)
                $0.poll(until: 1_500)
                $0.cancel(1, 1)
                $0.end(1, code: 1)
                $0.get(1)
                $0.prove(1, 1, .cancelled)
                $0.rest()
            },
            Trial("refused for now, then cancelled") {
                $0.grow()
                $0.cancel(1, 1, .error("FAILED_PRECONDITION"), http: 400)
                $0.get(1)
                $0.poll(until: 1_080)
                $0.cancel(2, 1)
                $0.end(1, code: 1)
                $0.get(1)
                $0.prove(1, 2, .cancelled)
                $0.rest()
            },
            Trial("the local clock is off for a while") {
                $0.grow(until: 600)
                $0.see(.clockOff(by: .seconds(7_200)))
                $0.poll(until: 900)
                $0.see(.clockOff(by: .zero))
                $0.poll(until: 1_080)
                $0.cancel(1, 1)
                $0.end(1, code: 0)
                $0.get(1)
                $0.prove(1, 1, .finishedAnyway)
                $0.rest()
            },
        ])
    func lives(_ trial: Trial) { trial.check() }

    @Test(
        "and where they go wrong",
        arguments: [
            Trial("the younger one by what was known of the older", .namesakeHit, .getOtherwise) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.vanish(1)
                $0.bear(2, "p/operations/1")
                $0.get(2)
                $0.send(1, 2)
            },
            Trial("off clocks, and cancelled on their `Date`s", .clocksDisagree) {
                $0.grow(until: 600)
                $0.see(.clockOff(by: .seconds(7_200)))
                $0.poll(until: 900)
                $0.wait(6)
                $0.cancel(1, 1)
            },
            Trial("the moved one by its old service", .intentFigures) {
                $0.grow()
                $0.reload { $0.services[0].name = "t" }
                $0.service = "t"
                $0.write(
                    .moved(
                        Script.identity($0.name(1)),
                        to: Partition(
                            service: "t", endpoint: Endpoint(Script.endpoint), parent: "p")))
                $0.poll(until: 840)
                $0.service = "s"
                $0.write($0.intent(1, 1))
            },
            Trial("the end of a lost intent is never recorded", .verdictMissing) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.see(.daemonKilled)
                $0.start()
                $0.end(1, code: 1)
                $0.rest()
            },
        ])
    func wrongs(_ trial: Trial) { trial.check() }
}

extension Script {
    /// Nothing fails any more, and the run ends long after.
    mutating func rest() {
        see(.healed)
        wait(1_000_000)
        see(.finished)
    }
}
