import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// Records about what is watched, and what people are told.
@Suite struct JudgeTrackingTests {
    @Test(
        "what is tracked",
        arguments: [
            Trial("seen twice", .seenTwice) {
                $0.grow()
                $0.seen(1)
            },
            Trial("seen, but done at first sight", .seenFalse) {
                $0.start()
                $0.bear(1)
                $0.end(1, code: 0)
                $0.poll()
                $0.seen(1)
            },
            Trial("seen, but listed by nobody", .seenFalse) {
                $0.start()
                $0.bear(1)
                $0.seen(1)
            },
            Trial("seen again after its end") {
                $0.grow()
                $0.end(1, code: 0)
                $0.write(.finished(Script.identity($0.name(1)), code: 0))
                $0.seen(1)
            },
            Trial("finished with another code", .endFalse) {
                $0.grow()
                $0.end(1, code: 0)
                $0.write(.finished(Script.identity($0.name(1)), code: 4))
            },
            Trial("finished with code 1", .endFalse) {
                $0.grow()
                $0.end(1, code: 1)
                $0.write(.finished(Script.identity($0.name(1)), code: 1))
            },
            Trial("finished while it runs", .endFalse) {
                $0.grow()
                $0.write(.finished(Script.identity($0.name(1)), code: 0))
            },
            Trial("finished with a cancel open", .endOpenCancel) {
                $0.grow()
                $0.cancel(1, 1)
                $0.end(1, code: 0)
                $0.write(.finished(Script.identity($0.name(1)), code: 0))
            },
            Trial("finished after a denial") {
                $0.grow()
                $0.cancel(1, 1, .error("PERMISSION_DENIED"), http: 403)
                $0.end(1, code: 0)
                $0.write(.finished(Script.identity($0.name(1)), code: 0))
            },
            Trial("dropped with a cancel open", .endOpenCancel) {
                $0.grow()
                $0.cancel(1, 1)
                $0.write(.dropped(Script.identity($0.name(1))))
            },
            Trial("vanished after 404 once", .endFalse) {
                $0.grow()
                $0.vanish(1)
                $0.getNothing("p/operations/1")
                $0.write(.vanished(Script.identity("p/operations/1")))
            },
            Trial("vanished after 404 twice") {
                $0.grow()
                $0.vanish(1)
                for _ in 1...2 { $0.getNothing("p/operations/1") }
                $0.write(.vanished(Script.identity("p/operations/1")))
            },
            Trial("a record about nothing", .untracked) {
                $0.start()
                $0.bear(1)
                $0.write(.started(Script.identity($0.name(1))))
            },
            Trial("nothing is certain after damage") {
                $0.start()
                $0.bear(1)
                $0.write(
                    .damage(file: "x", offset: 1), .started(Script.identity($0.name(1))))
            },
            Trial("started twice", .repeated) {
                $0.grow()
                for _ in 1...2 { $0.write(.started(Script.identity($0.name(1)))) }
            },
            Trial("unlisted, listed, unlisted") {
                $0.grow()
                let identity = Script.identity($0.name(1))
                $0.write(.unlisted(identity), .relisted(identity), .unlisted(identity))
            },
            Trial("listed again without being unlisted", .repeated) {
                $0.grow()
                $0.write(.relisted(Script.identity($0.name(1))))
            },
            Trial("would be cancelled, told twice", .repeated) {
                $0.grow()
                let would = JournalRecord.WouldCancel(
                    operation: Script.identity($0.name(1)), rule: "slow", clock: .total,
                    age: .seconds(700), timeout: .seconds(600))
                $0.write(.wouldCancel(would), .wouldCancel(would))
            },
            Trial("deferred twice", .repeated) {
                $0.grow()
                for _ in 1...2 { $0.write(.deferred(Script.identity($0.name(1)), reason: "x")) }
            },
            Trial("a warning before it is due", .warnedFigures) {
                $0.grow(until: 540) { $0.rules[0].warnBefore = .seconds(50) }
                $0.warn(1, deadline: 600)
            },
            Trial("notice while only observed", .noticeFalse) {
                $0.grow { $0.mode = .observe }
                $0.warn(1, deadline: 600)
            },
        ])
    func tracking(_ trial: Trial) { trial.check() }

    @Test(
        "nothing is told before it is durable",
        arguments: [
            Trial("asked") {
                $0.grow()
                $0.cancel(1, 1)
                $0.see(.told(kind: "cancelAsked", operation: $0.name(1), text: ""))
            },
            Trial("asked, with no record", .toldBeforeDurable) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.see(.postAnswered(intent: IntentID(1), .accepted))
                $0.see(.told(kind: "cancelAsked", operation: $0.name(1), text: ""))
            },
            Trial("cancelled") {
                $0.grow()
                $0.cancel(1, 1)
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelled)
                $0.see(.told(kind: "cancelled", operation: $0.name(1), text: ""))
            },
            Trial("cancelled, with no record", .toldBeforeDurable) {
                $0.grow()
                $0.cancel(1, 1)
                $0.end(1, code: 1)
                $0.see(
                    .told(kind: nil, operation: $0.name(1), text: "cancelled, proven by its code 1")
                )
            },
        ])
    func telling(_ trial: Trial) { trial.check() }
}
