import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// Breaker, canary, denials, and what became of earlier attempts.
@Suite struct JudgeRailTests {
    @Test(
        "breaker",
        arguments: [
            Trial("open", .breakerOpen) {
                $0.grow()
                $0.write(
                    .breaker(service: "s", opened: BreakerCause(.share, words: ""), at: $0.now))
                $0.wait(6)
                $0.cancel(1, 1)
            },
            Trial("open over a restart", .breakerOpen) {
                $0.grow()
                $0.write(
                    .breaker(service: "s", opened: BreakerCause(.share, words: ""), at: $0.now))
                $0.see(.daemonKilled)
                $0.start()
                $0.poll(until: 900)
                $0.cancel(1, 1)
            },
            Trial("closed again") {
                $0.grow()
                $0.write(
                    .breaker(service: "s", opened: BreakerCause(.share, words: ""), at: $0.now))
                $0.poll(until: $0.second + 180)
                $0.write(.breaker(service: "s", opened: nil, at: $0.now))
                $0.cancel(1, 1)
            },
            Trial("that of another service") {
                $0.grow()
                $0.write(
                    .breaker(service: "t", opened: BreakerCause(.share, words: ""), at: $0.now))
                $0.wait(1)
                $0.cancel(1, 1)
            },
            Trial("due after two that were refused", .breakerDue) {
                $0.grow(3) { $0.cancelsPerPoll = 9 }
                for id in 1...2 { $0.refuse(UInt64(id), id) }
                $0.cancel(3, 3)
            },
            Trial("not due after one") {
                $0.grow(3) { $0.cancelsPerPoll = 9 }
                $0.refuse(1, 1)
                $0.cancel(3, 3)
            },
            Trial("UNIMPLEMENTED does not count", .unsupportedKind) {
                $0.grow(3) { $0.cancelsPerPoll = 9 }
                for id in 1...2 { $0.refuse(UInt64(id), id, "UNIMPLEMENTED") }
                $0.write(
                    .unsupported(
                        Endpoint(Script.endpoint), collection: "p/operations", type: nil, at: $0.now
                    ))
                $0.wait(1)
                $0.cancel(3, 3)
            },
        ])
    func breaker(_ trial: Trial) { trial.check() }

    @Test(
        "canary",
        arguments: [
            Trial("the first goes alone", .canary) {
                $0.grow(2) { $0.canary = true }
                $0.cancel(1, 1)
                $0.cancel(2, 2)
            },
            Trial("the second after its verdict") {
                $0.grow(2) { $0.canary = true }
                $0.cancel(1, 1)
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelled)
                $0.cancel(2, 2)
            },
            Trial("or after it was refused") {
                $0.grow(2) { $0.canary = true }
                $0.cancel(1, 1, .error("ABORTED"), http: 409)
                $0.cancel(2, 2)
            },
            Trial("or when it is unproven") {
                $0.grow(2) { $0.canary = true }
                $0.cancel(1, 1)
                $0.poll(until: 1_020)
                $0.cancel(2, 2)
            },
            Trial("not a moment earlier", .canary) {
                $0.grow(2) { $0.canary = true }
                $0.cancel(1, 1)
                $0.poll(until: 960)
                $0.cancel(2, 2)
            },
            Trial("a new policy asks for another", .canary) {
                $0.grow(3) { $0.canary = true }
                $0.cancel(1, 1)
                $0.end(1, code: 1)
                $0.prove(1, 1, .cancelled)
                $0.reload { $0.cancelsPerHour = 9 }
                $0.poll(until: 840)
                $0.cancel(2, 2)
                $0.cancel(3, 3)
            },
            Trial("one that was open at a start is it", .canary) {
                $0.grow(2) { $0.canary = true }
                $0.poll(until: 1_200)
                $0.cancel(1, 1)
                $0.see(.daemonKilled)
                $0.start()
                $0.poll(until: 1_320)
                $0.cancel(2, 2)
            },
        ])
    func canary(_ trial: Trial) { trial.check() }

    @Test(
        "attempts of one operation",
        arguments: [
            Trial("the next one after the window") {
                $0.grow()
                $0.cancel(1, 1)
                $0.poll(until: 1_020)
                $0.cancel(2, 1, attempt: 2)
            },
            Trial("inside the window", .attemptOpen) {
                $0.grow()
                $0.cancel(1, 1)
                $0.poll(until: 960)
                $0.cancel(2, 1, attempt: 2)
            },
            Trial("while one is under way", .attemptOpen) {
                $0.grow()
                $0.write($0.intent(1, 1))
                $0.get(1)
                $0.post(1, 1)
                $0.poll(until: 1_200)
                $0.cancel(2, 1)
            },
            Trial("more than `attempts`", .intentFigures, .attemptsSpent) {
                $0.grow()
                for id in 0..<3 {
                    $0.poll(until: 720 + 300 * id)
                    $0.cancel(UInt64(id + 1), 1, attempt: id + 1)
                }
            },
            Trial("refusals that pass: `within`, then twice that") {
                $0.grow { $0.verifyAttempts = 3 }
                for (id, second) in [720, 1_020, 1_620].enumerated() {
                    $0.poll(until: second)
                    $0.cancel(UInt64(id + 1), 1, .error("ABORTED"), http: 409)
                }
            },
            Trial("refusals that pass, too early", .attemptOpen) {
                $0.grow { $0.verifyAttempts = 3 }
                for (id, second) in [720, 1_020, 1_560].enumerated() {
                    $0.poll(until: second)
                    $0.cancel(UInt64(id + 1), 1, .error("ABORTED"), http: 409)
                }
            },
            Trial("more refusals than `attempts`", .attemptsSpent) {
                $0.grow()
                for (id, second) in [720, 1_020, 1_620].enumerated() {
                    $0.poll(until: second)
                    $0.cancel(UInt64(id + 1), 1, .error("ABORTED"), http: 409)
                }
            },
            Trial(
                "a refusal behind an accepted one counts as accepted", .intentFigures,
                .attemptsSpent
            ) {
                $0.grow()
                $0.cancel(1, 1)
                $0.poll(until: 1_020)
                $0.cancel(2, 1, attempt: 2, .error("INVALID_ARGUMENT"), http: 400)
                $0.poll(until: 1_320)
                $0.cancel(3, 1, attempt: 3)
            },
            Trial("unanswered: `within`, then twice that") {
                $0.grow()
                for (id, second) in [720, 1_020, 1_620].enumerated() {
                    $0.poll(until: second)
                    $0.cancel(UInt64(id + 1), 1, .lost, http: 0)
                }
            },
            Trial("unanswered, too early", .attemptOpen) {
                $0.grow()
                for (id, second) in [720, 1_020, 1_560].enumerated() {
                    $0.poll(until: second)
                    $0.cancel(UInt64(id + 1), 1, .lost, http: 0)
                }
            },
            Trial("a refusal that does not pass", .attemptsSpent) {
                $0.grow()
                $0.cancel(1, 1, .error("INVALID_ARGUMENT"), http: 400)
                $0.poll(until: 1_200)
                $0.cancel(2, 1)
            },
            Trial("denied: after an hour") {
                $0.grow()
                $0.cancel(1, 1, .error("PERMISSION_DENIED"), http: 403)
                $0.poll(until: 4_320)
                $0.cancel(2, 1)
            },
            Trial("denied: before an hour", .attemptOpen) {
                $0.grow()
                $0.cancel(1, 1, .error("PERMISSION_DENIED"), http: 403)
                $0.poll(until: 4_260)
                $0.cancel(2, 1)
            },
            Trial("after its verdict", .intentAfterVerdict, .settled) {
                $0.grow { $0.verifyAttempts = 1 }
                $0.cancel(1, 1)
                $0.poll(until: 1_020)
                $0.get(1)
                $0.prove(1, 1, .defied)
                $0.reload { $0.verifyAttempts = 2 }
                $0.poll(until: 1_320)
                $0.cancel(2, 1, attempt: 2)
            },
        ])
    func attempts(_ trial: Trial) { trial.check() }

    @Test(
        "a service that denies",
        arguments: [
            Trial("one operation says nothing of the service") {
                $0.grow(2)
                $0.cancel(1, 1, .error("PERMISSION_DENIED"), http: 403)
                $0.cancel(2, 2)
            },
            Trial("two in a row shut it", .serviceDenied) {
                $0.grow(3) { $0.cancelsPerPoll = 9 }
                for id in 1...2 {
                    $0.cancel(UInt64(id), id, .error("PERMISSION_DENIED"), http: 403)
                }
                $0.cancel(3, 3)
            },
            Trial("for an hour") {
                $0.grow(3) { $0.cancelsPerPoll = 9 }
                for id in 1...2 {
                    $0.cancel(UInt64(id), id, .error("PERMISSION_DENIED"), http: 403)
                }
                $0.poll(until: 4_320)
                $0.cancel(3, 3)
            },
            Trial("an accepted one between is none in a row") {
                $0.grow(4) { $0.cancelsPerPoll = 9 }
                $0.cancel(1, 1, .error("PERMISSION_DENIED"), http: 403)
                $0.cancel(2, 2)
                $0.cancel(3, 3, .error("PERMISSION_DENIED"), http: 403)
                $0.cancel(4, 4)
            },
            Trial("seven days for a kind that is not supported") {
                $0.grow(2)
                $0.write(
                    .unsupported(
                        Endpoint(Script.endpoint), collection: "p/operations", type: nil, at: $0.now
                    ))
                $0.wait(7 * 86_400)
                $0.poll()
                $0.wait(60)
                $0.poll()
                $0.cancel(1, 1)
            },
        ])
    func denials(_ trial: Trial) { trial.check() }
}

extension Script {
    mutating func refuse(_ id: UInt64, _ number: Int, _ code: String = "INVALID_ARGUMENT") {
        cancel(id, number, .error(code), http: 400)
        get(number)
        prove(number, id, .refused)
    }
}
