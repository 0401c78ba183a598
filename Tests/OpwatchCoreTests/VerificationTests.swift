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
            (200, "OK", 0, CancelAnswer.accepted), (204, "OK", 0, .accepted),
            (404, "NOT_FOUND", 0, .missing),
            (400, "FAILED_PRECONDITION", 0, .refused(isUnimplemented: false)),
            (501, "UNIMPLEMENTED", 0, .refused(isUnimplemented: true)),
            (400, "FAILED_PRECONDITION", 1, .accepted), (501, "UNIMPLEMENTED", 2, .accepted),
            (403, "PERMISSION_DENIED", 0, .denied), (403, "PERMISSION_DENIED", 1, .denied),
            (401, "UNAUTHENTICATED", 0, .unanswered), (429, "RESOURCE_EXHAUSTED", 0, .unanswered),
            (503, "UNAVAILABLE", 0, .unanswered), (0, "DEADLINE_EXCEEDED", 0, .unanswered),
            (302, "MALFORMED", 0, .unanswered), (199, "", 0, .unanswered),
            (300, "", 0, .unanswered),
        ])
    func answers(http: Int, status: String, accepted: Int, meaning: CancelAnswer) {
        #expect(CancelAnswer(http: http, status: status, accepted: accepted) == meaning)
    }

    @Test(
        "a failed call is journalled by what it means",
        arguments: [
            (CallFailure.denied(message: ""), CancelAnswer.denied),
            (.unsupported(message: ""), .refused(isUnimplemented: true)),
            (.precondition(message: ""), .refused(isUnimplemented: false)),
            (.notFound, .missing), (.throttled(retryAfter: nil), .unanswered),
            (.unauthenticated(message: ""), .unanswered),
            (.timedOut(after: .seconds(30), sent: .maybe), .unanswered),
            (.unavailable(reason: "", retryAfter: nil, sent: .no), .unanswered),
            (.malformed(reason: ""), .unanswered), (.tooLarge(limitBytes: 1), .unanswered),
        ])
    func failures(failure: CallFailure, meaning: CancelAnswer) {
        let (http, status) = AskedStatus.of(failure)
        #expect(CancelAnswer(http: http, status: status, accepted: 0) == meaning)
    }

    @Test(
        "the end proves it",
        arguments: [
            (CancelHistory.State.answered(.accepted), 1, Int64(1), Verdict.cancelled),
            (.answered(.accepted), 1, 0, .finishedAnyway),
            (.answered(.accepted), 1, 13, .failedOtherwise),
            (.recorded, 0, 1, .cancelled), (.answered(.unanswered), 0, 1, .cancelled),
            (.answered(.refused(isUnimplemented: false)), 0, 1, .cancelledByOther),
            (.answered(.refused(isUnimplemented: true)), 0, 0, .finishedAnyway),
            (.answered(.missing), 0, 1, .cancelledByOther), (.answered(.missing), 1, 1, .cancelled),
            (.answered(.denied), 1, 1, .cancelled), (.withdrawn, 1, 1, .cancelled),
        ])
    func ends(state: CancelHistory.State, accepted: Int, code: Int64, verdict: Verdict) {
        var verification = Verification(settings())
        let history = CancelHistory.of(state, accepted: accepted)
        #expect(verification.found(Self.done(code), history, at: time(0)) == .verdict(verdict))
    }

    @Test("looks come 5 s apart, doubling to 60 s")
    func pauses() {
        var verification = Verification(settings())
        let steps = (0..<6).map { verification.found(Self.running, Self.asked, at: time($0)) }
        #expect(steps == [5, 10, 20, 40, 60, 60].map { .look(after: .seconds($0)) })
    }

    @Test("refused once a GET says that it still runs")
    func refused() {
        for isUnimplemented in [false, true] {
            let history = CancelHistory.of(
                .answered(.refused(isUnimplemented: isUnimplemented)))
            var verification = Verification(settings())
            #expect(verification.unanswered(at: time(0)) == .look(after: .seconds(5)))
            #expect(verification.found(Self.running, history, at: time(9)) == .verdict(.refused))
        }
    }

    @Test(
        "what may not have arrived may be repeated after a GET, unless a flag says it did",
        arguments: [
            CancelHistory.State.recorded, .answered(.unanswered),
        ])
    func unanswered(state: CancelHistory.State) {
        var verification = Verification(settings())
        #expect(!verification.mayRetry)
        _ = verification.unanswered(at: time(0))
        #expect(!verification.mayRetry)
        _ = verification.found(Self.flagged, .of(state), at: time(1))
        #expect(!verification.mayRetry)
        _ = verification.found(Self.running, .of(state), at: time(2))
        #expect(verification.mayRetry)
    }

    @Test("404 on the cancel and still running by GET is refused, unless it was taken after all")
    func cancelNotFound() {
        let first = CancelHistory.of(.answered(.missing))
        var verification = Verification(settings())
        #expect(
            verification.found(Self.flagged, first, at: time(0)) == .look(after: .seconds(5)))
        #expect(!verification.mayRetry)
        #expect(verification.found(Self.running, first, at: time(5)) == .verdict(.refused))
        var later = Verification(settings())
        let second = CancelHistory.of(.answered(.missing), accepted: 1)
        #expect(later.found(Self.running, second, at: time(5)) == .look(after: .seconds(5)))
        #expect(later.mayRetry)
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

    @Test("with a cancel flag in sight only the waiting repeats")
    func flag() {
        var verification = Verification(settings(within: 100, attempts: 1))
        _ = verification.found(Self.flagged, Self.asked, at: time(0))
        #expect(verification.found(Self.flagged, Self.asked, at: time(100)) != .verdict(.defied))
        #expect(!verification.mayRetry)
        #expect(verification.found(Self.running, Self.asked, at: time(199)) != .verdict(.defied))
        #expect(verification.found(Self.running, Self.asked, at: time(200)) == .verdict(.defied))
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
        #expect(verification.missing(at: time(0)) == .look(after: pause))
        if apart > 0 { #expect(verification.missing(at: time(apart - 1)) != .verdict(.vanished)) }
        _ = verification.unanswered(at: time(apart))
        #expect(verification.missing(at: time(max(apart, 1))) == .verdict(.vanished))
    }

    @Test("found between two answers of 404 begins that anew")
    func foundBetween() {
        var verification = Verification(settings())
        _ = verification.missing(at: time(0))
        _ = verification.found(Self.running, Self.asked, at: time(50))
        #expect(verification.missing(at: time(100)) == .look(after: .seconds(60)))
        #expect(verification.missing(at: time(160)) == .verdict(.vanished))
    }

    @Test(
        "which histories are still to be proven",
        arguments: [
            (CancelHistory.State.recorded, 0, true), (.answered(.accepted), 1, true),
            (.answered(.refused(isUnimplemented: true)), 0, true), (.answered(.missing), 0, true),
            (.answered(.unanswered), 0, true), (.answered(.denied), 0, false),
            (.answered(.denied), 1, true), (.withdrawn, 0, false), (.withdrawn, 1, true),
            (.ended(.defied, at: time(0)), 3, false),
        ])
    func isOpen(state: CancelHistory.State, accepted: Int, isOpen: Bool) {
        #expect(CancelHistory.of(state, accepted: accepted).isOpen == isOpen)
    }
}
