import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// Notice, polls, the GET, rails and attempts: what else must hold when a POST leaves.
@Suite struct JudgeGateTests {
    @Test(
        "no cancel before its notice",
        arguments: [
            Trial("due at this second") {
                $0.growWithNotice(warnedAt: 420)
                $0.cancel(1, 1)
            },
            Trial("due a second later", .noNotice) {
                $0.growWithNotice(warnedAt: 421)
                $0.cancel(1, 1)
            },
            Trial("none", .noNotice) {
                $0.growWithNotice(warnedAt: nil)
                $0.cancel(1, 1)
            },
            Trial("one that is no notice", .noNotice) {
                $0.growWithNotice(warnedAt: 360, isNotice: false)
                $0.cancel(1, 1)
            },
            Trial("of another deadline", .warnedFigures, .noNotice) {
                $0.growWithNotice(warnedAt: 360, deadline: 590)
                $0.cancel(1, 1)
            },
            Trial("of a rule whose notice was another", .noNotice) {
                $0.growWithNotice(warnedAt: 360)
                $0.reload { $0.rules[0].warnBefore = .seconds(200) }
                $0.poll(until: 840)
                $0.cancel(1, 1)
            },
        ])
    func notice(_ trial: Trial) { trial.check() }

    @Test(
        "complete polls in a row",
        arguments: [
            Trial("one is too few", .notConfirmed) {
                $0.grow(until: 660)
                $0.cancel(1, 1)
            },
            Trial("a partial poll does not count", .notConfirmed) {
                $0.grow(until: 660)
                $0.wait(60)
                $0.poll(unreachable: ["x"])
                $0.cancel(1, 1)
            },
            Trial("a poll without its last page does not count", .notConfirmed) {
                $0.grow(until: 660)
                $0.wait(60)
                $0.page(isLast: false)
                $0.cancel(1, 1)
            },
            Trial("a walk that failed does not go on", .notConfirmed) {
                $0.grow(until: 660)
                $0.wait(60)
                $0.page(isLast: false)
                $0.failPage()
                $0.page(isFirst: false)
                $0.cancel(1, 1)
            },
            Trial("a late page of the walk before is not looked at") {
                $0.grow(until: 660)
                $0.wait(60)
                $0.page(isLast: false)
                $0.page(isLast: true, without: [1], ofWalkBefore: true)
                $0.page(isFirst: false, without: [1])
                $0.cancel(1, 1)
            },
            Trial("several pages are one poll") {
                $0.grow(until: 660)
                $0.wait(60)
                $0.page(isLast: false)
                $0.page(isFirst: false, without: [1])
                $0.cancel(1, 1)
            },
            Trial("a failed one between takes none away") {
                $0.grow(until: 660)
                $0.wait(60)
                $0.page(isLast: false)
                $0.failPage()
                $0.wait(60)
                $0.poll()
                $0.cancel(1, 1)
            },
            Trial("one that lacks it begins anew", .notConfirmed) {
                $0.grow(until: 660)
                $0.wait(60)
                $0.poll(without: [1])
                $0.wait(60)
                $0.poll()
                $0.cancel(1, 1)
            },
            Trial("the last lacks it", .notListed) {
                $0.grow()
                $0.wait(60)
                $0.poll(without: [1])
                $0.wait(1)
                $0.cancel(1, 1)
            },
            Trial("a new policy begins anew", .notConfirmed) {
                $0.grow()
                $0.reload { $0.cancelsPerHour = 4 }
                $0.wait(60)
                $0.poll()
                $0.cancel(1, 1)
            },
            Trial("the same policy changes nothing") {
                $0.grow()
                $0.reload { _ in }
                $0.cancel(1, 1)
            },
            Trial("a restart begins anew", .notConfirmed) {
                $0.grow { $0.confirmations = 3 }
                $0.see(.daemonKilled)
                $0.start()
                $0.poll(until: 840)
                $0.cancel(1, 1)
            },
            Trial("after a restart the first poll only warns", .notConfirmed, .warnOnlyPoll) {
                $0.grow()
                $0.see(.daemonKilled)
                $0.start()
                $0.poll(until: 780)
                $0.cancel(1, 1)
            },
            Trial("after a gap too", .notConfirmed, .warnOnlyPoll) {
                $0.grow()
                $0.wait(240)
                $0.poll()
                $0.cancel(1, 1)
            },
            Trial("three intervals are no gap") {
                $0.grow()
                $0.wait(180)
                $0.poll()
                $0.cancel(1, 1)
            },
            Trial("after a jump of the clock too", .warnOnlyPoll) {
                $0.grow()
                $0.see(.clockOff(by: .seconds(301)))
                $0.wait(60)
                $0.see(.clockOff(by: .zero))
                $0.poll()
                $0.cancel(1, 1)
            },
            Trial("a jump behind the intent") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.see(.clockOff(by: .seconds(301)))
                $0.post(1, 1)
            },
            Trial("and the second may cancel") {
                $0.grow()
                $0.see(.clockOff(by: .seconds(301)))
                $0.see(.clockOff(by: .zero))
                $0.poll(until: 840)
                $0.cancel(1, 1)
            },
            Trial("no complete poll for more than three intervals", .notListed) {
                $0.grow()
                $0.wait(211)
                $0.cancel(1, 1)
            },
        ])
    func polls(_ trial: Trial) { trial.check() }

    @Test(
        "clocks that disagree",
        arguments: [
            Trial("a page since the GET has no `Date`", .clocksDisagree) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.wait(1)
                $0.page(isLast: false, dateOff: nil)
                $0.wait(2)
                $0.post(1, 1)
            },
            Trial("the last page had none", .clocksDisagree) {
                $0.grow()
                $0.wait(60)
                $0.poll(dateOff: nil)
                $0.wait(6)
                $0.cancel(1, 1)
            },
            Trial("the last page had none, the GET a good one") {
                $0.grow()
                $0.wait(60)
                $0.poll(dateOff: nil)
                $0.wait(1)
                $0.write($0.intent(1, 1))
                $0.getDated(1, off: 0)
                $0.post(1, 1)
            },
            Trial("one of 300 seconds ahead is allowed") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.wait(1)
                $0.page(isLast: false, dateOff: 300)
                $0.wait(1)
                $0.post(1, 1)
            },
        ])
    func clocks(_ trial: Trial) { trial.check() }

    @Test(
        "the GET before the POST",
        arguments: [
            Trial("five seconds old, all of them under way") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1, took: 5)
                $0.post(1, 1)
            },
            Trial("six seconds old", .getStale) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1, took: 5)
                $0.wait(1)
                $0.post(1, 1)
            },
            Trial("six seconds under way", .getStale) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1, took: 6)
                $0.post(1, 1)
            },
            Trial("sent before the intent was durable", .getMissing) {
                $0.grow()
                $0.get(1)
                $0.wait(1)
                $0.write($0.intent(1, 1))
                $0.post(1, 1)
            },
            Trial("found nothing", .getOtherwise) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.getNothing($0.name(1))
                $0.post(1, 1)
            },
            Trial("showed the end", .getOtherwise) {
                $0.grow()
                $0.end(1, code: 0)
                $0.cancel(1, 1)
            },
            Trial("showed the flag", .getOtherwise) {
                $0.grow()
                $0.flag(1)
                $0.cancel(1, 1)
            },
            Trial("showed another creation time", .getOtherwise) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.show(1) { $0.created = Script.at(1) }
                $0.get(1)
                $0.post(1, 1)
            },
            Trial("showed a label of `ignore`", .getOtherwise) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.show(1) { $0.team = "keep" }
                $0.get(1)
                $0.post(1, 1)
            },
            Trial("ended and flagged after the GET") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.flag(1)
                $0.end(1, code: 0)
                $0.post(1, 1)
            },
            Trial("a page since the intent shows the end", .pageOtherwise) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.wait(1)
                $0.end(1, code: 0)
                $0.page(isLast: false)
                $0.wait(1)
                $0.post(1, 1)
            },
            Trial("a page of the very moment shows it") {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.wait(1)
                $0.end(1, code: 0)
                $0.page(isLast: false)
                $0.post(1, 1)
            },
        ])
    func get(_ trial: Trial) { trial.check() }

    @Test(
        "caps",
        arguments: [
            Trial("two of one poll") {
                $0.grow(2)
                $0.cancel(1, 1)
                $0.cancel(2, 2)
            },
            Trial("three of one poll", .pollCap) {
                $0.grow(3)
                for id in 1...3 { $0.cancel(UInt64(id), id) }
            },
            Trial("the third at the next poll") {
                $0.grow(3)
                for id in 1...2 { $0.cancel(UInt64(id), id) }
                $0.wait(60)
                $0.poll()
                $0.cancel(3, 3)
            },
            Trial("one that was not sent is given back") {
                $0.grow(3)
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.see(.postAnswered(intent: IntentID(1), .notSent))
                $0.write(.withdrawn(IntentID(1), reason: "x"))
                for id in 2...3 { $0.cancel(UInt64(id), id) }
            },
            Trial("four of one hour", .hourCap) {
                $0.grow(4) { $0.cancelsPerPoll = 9 }
                for id in 1...4 { $0.cancel(UInt64(id), id) }
            },
            Trial("refused ones cost nothing of the hour") {
                $0.grow(4) { $0.cancelsPerPoll = 9 }
                $0.cancel(1, 1, .error("ABORTED"), http: 409)
                for id in 2...4 { $0.cancel(UInt64(id), id) }
            },
            Trial("one of an hour ago does not count") {
                $0.grow(4) { $0.cancelsPerPoll = 9 }
                for id in 1...3 { $0.cancel(UInt64(id), id) }
                $0.poll(until: 720 + 3_600)
                $0.cancel(4, 4)
            },
            Trial("one of less than an hour ago counts", .hourCap) {
                $0.grow(4) { $0.cancelsPerPoll = 9 }
                for id in 1...3 { $0.cancel(UInt64(id), id) }
                $0.poll(until: 720 + 3_540)
                $0.cancel(4, 4)
            },
        ])
    func caps(_ trial: Trial) { trial.check() }
}

extension Script {
    mutating func growWithNotice(warnedAt: Int?, isNotice: Bool = true, deadline: Int = 600) {
        start { $0.rules[0].warnBefore = .seconds(300) }
        bear(1)
        poll()
        seen(1)
        poll(until: warnedAt.map { $0 - 1 } ?? 720)
        if let warnedAt {
            wait(until: warnedAt)
            warn(1, deadline: deadline, isNotice: isNotice)
        }
        wait(until: (second + 59) / 60 * 60)
        poll()
        poll(until: 720)
    }
}
