import Testing
import WireFormat

@testable import OpwatchCore

@Suite("What becomes of a cancel")
struct VerificationTests {
    private static let running = OperationSnapshot(name: "a")
    private static let flagged = OperationSnapshot(name: "a", isCancelRequested: true)

    private static func done(_ code: Int64) -> OperationSnapshot {
        OperationSnapshot(name: "a", isDone: true, outcomeCode: code)
    }

    private func settings(within: Int64 = 600, attempts: Int = 3) -> VerifySettings {
        var settings = VerifySettings()
        settings.within = .seconds(within)
        settings.attempts = attempts
        return settings
    }

    private static let asked = CancelHistory.of(.answered(.accepted), accepted: 1)

    @Test(
        "the answer to :cancel",
        arguments: [
            (200, "OK", CancelAnswer.accepted), (204, "OK", .accepted),
            (404, "NOT_FOUND", .missing),
            (400, "FAILED_PRECONDITION", .refused(.passing)), (409, "ABORTED", .refused(.passing)),
            (400, "INVALID_ARGUMENT", .refused(.lasting)),
            (400, "OUT_OF_RANGE", .refused(.lasting)),
            (409, "ALREADY_EXISTS", .refused(.lasting)),
            (501, "UNIMPLEMENTED", .refused(.unimplemented)),
            (403, "PERMISSION_DENIED", .denied),
            (401, "UNAUTHENTICATED", .unanswered), (429, "RESOURCE_EXHAUSTED", .unanswered),
            (503, "UNAVAILABLE", .unanswered), (0, "DEADLINE_EXCEEDED", .unanswered),
            (501, "FOREIGN", .unanswered), (404, "WORDLESS", .unanswered),
            (302, "MALFORMED", .unanswered), (199, "", .unanswered), (300, "", .unanswered),
        ])
    func answers(http: Int, status: String, meaning: CancelAnswer) {
        #expect(CancelHistory.of(.recorded).meaning(http: http, status: status) == meaning)
    }

    @Test(
        "a refusal behind an attempt that was taken or may have arrived counts as asked",
        arguments: [
            (400, "FAILED_PRECONDITION", CancelAnswer.accepted), (501, "UNIMPLEMENTED", .accepted),
            (400, "INVALID_ARGUMENT", .accepted), (404, "NOT_FOUND", .accepted),
            (403, "PERMISSION_DENIED", .denied), (503, "UNAVAILABLE", .unanswered),
        ])
    func afterAnother(http: Int, status: String, meaning: CancelAnswer) {
        for history in [
            CancelHistory.of(.recorded, accepted: 1), .of(.recorded, mayHaveArrived: true),
        ] {
            #expect(history.meaning(http: http, status: status) == meaning)
        }
    }

    @Test(
        "an answer without a word counts when the same comes again",
        arguments: [
            (404, 404, CancelAnswer.missing), (501, 501, .refused(.unimplemented)),
            (403, 403, .denied), (404, 501, .unanswered), (0, 404, .unanswered),
        ])
    func wordless(before: Int, http: Int, meaning: CancelAnswer) {
        var history = CancelHistory.of(.recorded)
        history.earlier.wordless = before
        #expect(history.meaning(http: http, status: AskedStatus.wordless) == meaning)
        // And goes on to count as often as it comes.
        history.take(meaning, http: http, status: AskedStatus.wordless, words: "")
        if meaning == .denied {
            #expect(history.meaning(http: http, status: AskedStatus.wordless) == .denied)
        }
        #expect(!history.earlier.mayHaveArrived)
    }

    @Test(
        "a failed call is journalled by what it means",
        arguments: [
            (CallFailure.denied(ServiceError(http: 403, code: .permissionDenied)), .denied),
            (.unsupported(ServiceError(http: 501, code: .unimplemented)), .refused(.unimplemented)),
            (.refused(ServiceError(http: 400, code: .failedPrecondition)), .refused(.passing)),
            (.refused(ServiceError(http: 409, code: .aborted)), .refused(.passing)),
            (.refused(ServiceError(http: 400, code: .invalidArgument)), .refused(.lasting)),
            (.notFound(ServiceError(http: 404, code: .notFound)), .missing),
            (.throttled(ServiceError(http: 429, code: .resourceExhausted)), .unanswered),
            (.throttled(ServiceError(http: 403, code: .permissionDenied)), .unanswered),
            (.unauthenticated(ServiceError(http: 401, code: .unauthenticated)), .unanswered),
            (.wordless(http: 404), .unanswered), (.foreign(http: 501, reason: ""), .unanswered),
            (.timedOut(after: .seconds(30), sent: .maybe), .unanswered),
            (.unavailable(reason: "", retryAfter: nil, sent: .no), .unanswered),
            (.malformed(reason: ""), .unanswered), (.tooLarge(limitBytes: 1), .unanswered),
        ] as [(CallFailure, CancelAnswer)])
    func failures(failure: CallFailure, meaning: CancelAnswer) {
        let (http, status, _) = AskedStatus.of(failure)
        #expect(CancelHistory.of(.recorded).meaning(http: http, status: status) == meaning)
    }

    @Test(
        "the end proves it",
        arguments: [
            (CancelHistory.State.answered(.accepted), 1, Int64(1), Verdict.cancelled),
            (.answered(.accepted), 1, 0, .finishedAnyway),
            (.answered(.accepted), 1, 13, .failedOtherwise),
            (.recorded, 0, 1, .cancelled), (.answered(.unanswered), 0, 1, .cancelled),
            (.answered(.refused(.passing)), 0, 1, .cancelled),
            (.answered(.refused(.unimplemented)), 0, 0, .finishedAnyway),
            (.answered(.missing), 0, 1, .cancelledByOther), (.answered(.missing), 1, 1, .cancelled),
            (.answered(.denied), 1, 1, .cancelled), (.withdrawn, 1, 1, .cancelled),
            (.answered(.denied), 0, 1, .cancelledByOther), (.withdrawn, 0, 1, .cancelledByOther),
        ])
    func ends(state: CancelHistory.State, accepted: Int, code: Int64, verdict: Verdict) {
        var verification = Verification(settings())
        let history = CancelHistory.of(state, accepted: accepted)
        #expect(verification.found(Self.done(code), history, at: time(0)) == .verdict(verdict))
    }

    @Test(
        "the end behind a refusal is ours, unless it was seen to go on without the cancel flag",
        arguments: [
            (false, 0, Verdict.cancelled), (true, 0, .cancelledByOther), (true, 1, .cancelled),
        ])
    func refusalStands(wentOn: Bool, accepted: Int, verdict: Verdict) {
        var verification = Verification(settings())
        let history = CancelHistory.of(
            .answered(.refused(.passing)), accepted: accepted, refusals: 1)
        if wentOn { _ = verification.found(Self.running, history, at: time(0)) }
        #expect(verification.found(Self.done(1), history, at: time(5)) == .verdict(verdict))
    }

    @Test("fetches come 5 s apart, doubling to 60 s")
    func pauses() {
        var verification = Verification(settings())
        let steps = (0..<6).map { verification.found(Self.running, Self.asked, at: time($0)) }
        #expect(steps == [5, 10, 20, 40, 60, 60].map { .fetch(after: .seconds($0)) })
    }

    @Test(
        "a refusal that lasts is final once a GET says that it still runs",
        arguments: [CancelAnswer.refused(.lasting), .refused(.unimplemented), .missing])
    func refused(answer: CancelAnswer) {
        let history = CancelHistory.of(.answered(answer))
        var verification = Verification(settings())
        #expect(verification.unanswered(at: time(0)) == .fetch(after: .seconds(5)))
        #expect(verification.found(Self.running, history, at: time(9)) == .verdict(.refused))
    }

    @Test(
        "with the cancel flag in sight no refusal is one: the windows count as attempts",
        arguments: [
            CancelAnswer.refused(.lasting), .refused(.passing), .refused(.unimplemented), .missing,
            .unanswered,
        ])
    func refusedButFlagged(answer: CancelAnswer) {
        let history = CancelHistory.of(.answered(answer), refusals: 3, unanswered: 1)
        var verification = Verification(settings(within: 100, attempts: 2))
        let steps = [0, 100, 199, 200].map {
            verification.found(Self.flagged, history, at: time($0))
        }
        #expect(steps.map { $0 == .verdict(.defied) } == [false, false, false, true])
        #expect(!verification.mayRetry)
    }

    @Test(
        "a refusal that may pass is tried again after within, 2 x within, attempts in all",
        arguments: [(1, 600), (2, 1_200)])
    func passing(refusals: Int, wait: Int64) {
        let history = CancelHistory.of(.answered(.refused(.passing)), refusals: refusals)
        var verification = Verification(settings(attempts: 3))
        _ = verification.found(Self.running, history, at: time(0))
        _ = verification.found(Self.running, history, at: time(wait - 1))
        #expect(!verification.mayRetry)
        _ = verification.found(Self.running, history, at: time(wait))
        #expect(verification.mayRetry)
        let last = CancelHistory.of(.answered(.refused(.passing)), refusals: 3)
        var end = Verification(settings(attempts: 3))
        #expect(end.found(Self.running, last, at: time(0)) == .verdict(.refused))
    }

    @Test(
        "what was not answered is repeated after within, doubling up to an hour, unless flagged",
        arguments: [
            (CancelHistory.State.recorded, 0, 600), (.answered(.unanswered), 1, 600),
            (.answered(.unanswered), 2, 1_200), (.answered(.unanswered), 3, 2_400),
            (.answered(.unanswered), 4, 3_600), (.answered(.unanswered), 9, 3_600),
        ])
    func unanswered(state: CancelHistory.State, count: Int, wait: Int64) {
        let history = CancelHistory.of(state, unanswered: count)
        var verification = Verification(settings())
        _ = verification.unanswered(at: time(0))
        _ = verification.found(Self.flagged, history, at: time(1))
        _ = verification.found(Self.running, history, at: time(wait))
        #expect(!verification.mayRetry)
        _ = verification.found(Self.running, history, at: time(wait + 1))
        #expect(verification.mayRetry)
    }

    @Test("a window in which nothing followed is known as such")
    func idle() {
        var verification = Verification(settings(within: 100))
        for (now, isIdle) in [(0, false), (100, false), (199, false), (200, true)] {
            _ = verification.found(Self.running, Self.asked, at: time(Int64(now)))
            #expect(verification.isIdle == isIdle)
        }
    }

    @Test("ten requests without an answer that counts are the last")
    func tenUnanswered() {
        for (state, count) in [
            (CancelHistory.State.answered(.unanswered), 10), (.recorded, 9),
        ] {
            var verification = Verification(settings())
            let history = CancelHistory.of(state, unanswered: count)
            _ = verification.found(Self.running, history, at: time(0))
            let step = verification.found(Self.running, history, at: time(3_600))
            #expect(step == .verdict(.defied))
        }
    }

    @Test(
        "what was withdrawn or denied behind an attempt that ended may be repeated at once",
        arguments: [CancelHistory.State.withdrawn, .answered(.denied)])
    func afterWindow(state: CancelHistory.State) {
        var verification = Verification(settings())
        _ = verification.found(Self.running, .of(state, accepted: 1), at: time(5))
        #expect(verification.mayRetry)
    }

    @Test("still running at the end of the window: the next attempt, and the last one is defied")
    func window() {
        for accepted in 1...3 {
            let history = CancelHistory.of(.answered(.accepted), accepted: accepted)
            var verification = Verification(settings())
            _ = verification.found(Self.running, history, at: time(1_000))
            _ = verification.found(Self.running, history, at: time(1_599))
            #expect(!verification.mayRetry)
            let step = verification.found(Self.running, history, at: time(1_600))
            #expect((step == .verdict(.defied)) == (accepted == 3))
            #expect(verification.mayRetry == (accepted < 3))
        }
    }

    @Test("time before the first look and around looks without an answer does not count")
    func onlyAnswered() {
        var verification = Verification(settings(within: 100, attempts: 1))
        _ = verification.unanswered(at: time(0))
        _ = verification.found(Self.running, Self.asked, at: time(10_000))
        _ = verification.found(Self.running, Self.asked, at: time(10_060))
        #expect(verification.unprovenSince == nil)
        _ = verification.unanswered(at: time(10_100))
        _ = verification.unanswered(at: time(10_200))
        #expect(verification.unprovenSince == time(10_100))
        _ = verification.found(Self.running, Self.asked, at: time(20_000))
        #expect(verification.unprovenSince == nil)
        _ = verification.missing(at: time(20_020))
        _ = verification.found(Self.running, Self.asked, at: time(20_040))
        let early = verification.found(Self.running, Self.asked, at: time(20_079))
        #expect(early != .verdict(.defied))
        let late = verification.found(Self.running, Self.asked, at: time(20_080))
        #expect(late == .verdict(.defied))
    }

    @Test("a server clock that goes back takes nothing away and adds nothing")
    func backwards() {
        var verification = Verification(settings(within: 100, attempts: 1))
        _ = verification.found(Self.running, Self.asked, at: time(1_000))
        _ = verification.found(Self.running, Self.asked, at: time(1_060))
        _ = verification.found(Self.running, Self.asked, at: time(100))
        #expect(verification.found(Self.running, Self.asked, at: time(139)) != .verdict(.defied))
        #expect(verification.found(Self.running, Self.asked, at: time(140)) == .verdict(.defied))
    }

    @Test("with a cancel flag in sight a window is an attempt without a request")
    func flag() {
        var verification = Verification(settings(within: 100, attempts: 2))
        _ = verification.found(Self.flagged, Self.asked, at: time(0))
        #expect(!verification.isWindowOver)
        #expect(verification.found(Self.flagged, Self.asked, at: time(100)) != .verdict(.defied))
        #expect(verification.isWindowOver)
        #expect(!verification.mayRetry)
        #expect(verification.found(Self.flagged, Self.asked, at: time(199)) != .verdict(.defied))
        #expect(verification.found(Self.flagged, Self.asked, at: time(200)) == .verdict(.defied))
    }

    @Test("a flag that appears late takes the next attempt back")
    func lateFlag() {
        var verification = Verification(settings(within: 100))
        _ = verification.found(Self.running, Self.asked, at: time(0))
        _ = verification.found(Self.running, Self.asked, at: time(100))
        #expect(verification.mayRetry)
        _ = verification.found(Self.flagged, Self.asked, at: time(105))
        #expect(!verification.mayRetry)
    }

    @Test(
        "vanished after two answers of 404, min(60 s, within/2) apart",
        arguments: [(600, 60), (120, 60), (100, 50), (1, 0)])
    func vanished(within: Int64, apart: Int64) {
        var verification = Verification(settings(within: within))
        let pause = within == 1 ? Duration.milliseconds(500) : .seconds(apart)
        #expect(verification.missing(at: time(0)) == .fetch(after: pause))
        if apart > 0 { #expect(verification.missing(at: time(apart - 1)) != .verdict(.vanished)) }
        _ = verification.unanswered(at: time(apart))
        #expect(verification.missing(at: time(max(apart, 1))) == .verdict(.vanished))
    }

    @Test("two answers of 404 prove it gone, though the clock has gone back years between them")
    func goneWhileClockGoesBack() {
        var proof = Verification(settings())
        _ = proof.missing(at: time(315_360_000))
        #expect(proof.missing(at: time(60)) == .fetch(after: .seconds(60)))
        #expect(proof.missing(at: time(120)) == .verdict(.vanished))
    }

    @Test("found between two answers of 404 begins that anew")
    func foundBetween() {
        var verification = Verification(settings())
        _ = verification.missing(at: time(0))
        _ = verification.found(Self.running, Self.asked, at: time(50))
        #expect(verification.missing(at: time(100)) == .fetch(after: .seconds(60)))
        #expect(verification.missing(at: time(160)) == .verdict(.vanished))
    }

    @Test(
        "which histories are still to be proven",
        arguments: [
            (CancelHistory.State.recorded, 0, true), (.answered(.accepted), 1, true),
            (.answered(.refused(.unimplemented)), 0, true), (.answered(.missing), 0, true),
            (.answered(.unanswered), 0, true), (.answered(.denied), 0, false),
            (.answered(.denied), 1, true), (.withdrawn, 0, false), (.withdrawn, 1, true),
            (.ended(.defied, at: time(0)), 3, false),
        ])
    func isOpen(state: CancelHistory.State, accepted: Int, isOpen: Bool) {
        #expect(CancelHistory.of(state, accepted: accepted).isOpen == isOpen)
    }
}
