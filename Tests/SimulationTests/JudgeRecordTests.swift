import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// What the journal says of intents and verdicts.
@Suite struct JudgeRecordTests {
    @Test(
        "intents",
        arguments: [
            Trial("one that was given back makes way") {
                $0.grow(2)
                $0.write($0.intent(1, 1), .withdrawn(IntentID(1), reason: "x"), $0.intent(2, 2))
            },
            Trial("one beside another", .intentBesideOther) {
                $0.grow(2)
                $0.write($0.intent(1, 1), $0.intent(2, 2))
            },
            Trial("a number that was used", .intentID) {
                $0.grow(2)
                $0.write($0.intent(1, 1), .withdrawn(IntentID(1), reason: "x"), $0.intent(1, 2))
            },
            Trial("an age below the timeout", .intentFigures) {
                $0.grow(until: 600)
                $0.write($0.intent(1, 1))
            },
            Trial("a deadline that is another's", .intentFigures) {
                $0.grow()
                $0.write($0.intent(1, 1) { $0.deadline = Script.at(610) })
            },
            Trial("a time that is not yet", .intentFigures) {
                $0.grow()
                $0.write($0.intent(1, 1) { $0.serverTime = Script.at(722) })
            },
            Trial("an attempt that was before", .intentFigures) {
                $0.grow()
                $0.cancel(1, 1)
                $0.poll(until: 1_020)
                $0.write($0.intent(2, 1))
            },
            Trial("an attempt too many", .intentFigures) {
                $0.grow()
                $0.write($0.intent(1, 1, attempt: 3))
            },
            Trial("of what is not tracked", .untracked) {
                $0.start()
                $0.bear(1)
                $0.wait(700)
                $0.write($0.intent(1, 1))
            },
            Trial("withdrawn though sent", .withdrawnFalse) {
                $0.grow()
                $0.cancel(1, 1)
                $0.write(.withdrawn(IntentID(1), reason: "x"))
            },
            Trial("withdrawn twice", .withdrawnFalse) {
                $0.grow()
                $0.write($0.intent(1, 1))
                for _ in 1...2 { $0.write(.withdrawn(IntentID(1), reason: "x")) }
            },
            Trial("asked without a POST", .askedFalse) {
                $0.grow()
                $0.write($0.intent(1, 1), .asked(IntentID(1), http: 200, status: "OK"))
            },
            Trial("asked otherwise than answered", .askedFalse) {
                $0.grow()
                $0.cancel(1, 1, .accepted, http: 409)
            },
            Trial("asked twice", .askedFalse) {
                $0.grow()
                $0.cancel(1, 1)
                $0.write(.asked(IntentID(1), http: 200, status: "OK"))
            },
        ])
    func intents(_ trial: Trial) { trial.check() }

    @Test(
        "a verdict is true",
        arguments: [
            (code: Int?(1), verdict: Verdict.cancelled, isTrue: true),
            (code: 0, verdict: .cancelled, isTrue: false),
            (code: nil, verdict: .cancelled, isTrue: false),
            (code: 0, verdict: .finishedAnyway, isTrue: true),
            (code: 1, verdict: .finishedAnyway, isTrue: false),
            (code: 4, verdict: .failedOtherwise, isTrue: true),
            (code: 1, verdict: .failedOtherwise, isTrue: false),
            (code: 1, verdict: .cancelledByOther, isTrue: false),
            (code: 1, verdict: .vanished, isTrue: false),
            (code: 1, verdict: .refused, isTrue: false),
            (code: 1, verdict: .defied, isTrue: false),
        ])
    func verdict(code: Int?, verdict: Verdict, isTrue: Bool) {
        var script = Script()
        script.grow()
        script.cancel(1, 1)
        if let code { script.end(1, code: code) }
        script.wait(5)
        script.get(1)
        script.prove(1, 1, verdict)
        #expect(script.broken == (isTrue ? [] : [.verdictFalse]))
    }

    @Test(
        "verdicts",
        arguments: [
            Trial("404 twice, a minute apart") {
                $0.grow()
                $0.cancel(1, 1)
                $0.vanish(1)
                for _ in 1...2 {
                    $0.getNothing("p/operations/1")
                    $0.wait(60)
                }
                $0.prove(1, 1, .vanished)
            },
            Trial("404 once", .verdictFalse) {
                $0.grow()
                $0.cancel(1, 1)
                $0.vanish(1)
                $0.getNothing("p/operations/1")
                $0.prove(1, 1, .vanished)
            },
            Trial("404 twice, too soon", .verdictFalse) {
                $0.grow()
                $0.cancel(1, 1)
                $0.vanish(1)
                $0.getNothing("p/operations/1")
                $0.wait(57)
                $0.getNothing("p/operations/1")
                $0.prove(1, 1, .vanished)
            },
            Trial("a younger one has its name") {
                $0.grow()
                $0.cancel(1, 1)
                $0.vanish(1)
                $0.bear(2, "p/operations/1")
                $0.prove(1, 1, .vanished)
            },
            Trial("cancelled by others after a refusal") {
                $0.grow()
                $0.cancel(1, 1, .error("ABORTED"), http: 409)
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelledByOther)
            },
            Trial("cancelled by others though one of ours was lost", .verdictFalse) {
                $0.grow()
                $0.cancel(1, 1, .lost, http: 0)
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelledByOther)
            },
            Trial("ours, by what a killed daemon may have sent") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.see(.daemonKilled)
                $0.start()
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelled)
            },
            Trial("refused by what is no refusal", .verdictFalse) {
                $0.grow()
                $0.cancel(1, 1, .error("UNAVAILABLE"), http: 503)
                $0.get(1)
                $0.prove(1, 1, .refused)
            },
            Trial("refused after one that may pass", .verdictFalse) {
                $0.grow()
                $0.cancel(1, 1, .error("ABORTED"), http: 409)
                $0.get(1)
                $0.prove(1, 1, .refused)
            },
            Trial("defied after every attempt") {
                $0.grow()
                $0.cancel(1, 1)
                $0.poll(until: 1_020)
                $0.cancel(2, 1, attempt: 2)
                $0.poll(until: 1_320)
                $0.get(1)
                $0.prove(1, 2, .defied)
            },
            Trial("defied inside the last window", .verdictFalse) {
                $0.grow()
                $0.cancel(1, 1)
                $0.poll(until: 1_020)
                $0.cancel(2, 1, attempt: 2)
                $0.poll(until: 1_260)
                $0.get(1)
                $0.prove(1, 2, .defied)
            },
            Trial("defied after one of two", .verdictFalse) {
                $0.grow()
                $0.cancel(1, 1)
                $0.poll(until: 1_020)
                $0.get(1)
                $0.prove(1, 1, .defied)
            },
            Trial("twice", .untracked) {
                $0.grow()
                $0.cancel(1, 1)
                $0.end(1, code: 1)
                for _ in 1...2 { $0.prove(1, 1, .cancelled) }
            },
            Trial("late behind refused") {
                $0.grow()
                $0.refuse(1, 1)
                $0.end(1, code: 0)
                $0.prove(1, 1, .finishedAnyway, late: true)
            },
            Trial("late behind nothing", .lateWithoutFirst) {
                $0.grow()
                $0.cancel(1, 1)
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelled, late: true)
            },
            Trial("not late behind refused", .verdictTwice) {
                $0.grow()
                $0.refuse(1, 1)
                $0.end(1, code: 0)
                $0.prove(1, 1, .finishedAnyway)
            },
            Trial("no intent", .verdictWithoutIntent) {
                $0.grow()
                $0.end(1, code: 0)
                $0.prove(1, nil, .finishedAnyway)
            },
            Trial("no intent of ours") {
                $0.grow()
                $0.flag(1)
                $0.end(1, code: 1)
                $0.prove(1, nil, .cancelledByOther)
            },
            Trial("before the answer is durable", .verdictBeforeAsked) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.see(.postAnswered(intent: IntentID(1), .accepted))
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelled)
            },
            Trial("without the answer that a kill took") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.see(.postAnswered(intent: IntentID(1), .accepted))
                $0.see(.daemonKilled)
                $0.start()
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelled)
            },
        ])
    func verdicts(_ trial: Trial) { trial.check() }
}
