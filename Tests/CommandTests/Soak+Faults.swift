import Foundation
import Glibc
import OperationsSimulator
import SeededRandom
import WireFormat

extension Soak {
    /// Something goes wrong with a service, once or for some seconds.
    func strike() {
        tally.strikes += 1
        let service = random.pick(SoakService.allCases)
        switch random.below(30) {
        case 0: mistakeDate(of: service)
        case 1: last(service, Fault(.dropBeforeEffect, times: .max))
        case 2: last(service, Fault(.answer(.unauthenticated), times: .max))
        case 3: last(service, Fault(.answer(.html(status: 502)), on: [.list], times: .max))
        case 4: loseToken()
        case 5: hide()
        case 6...9: once(service, listFault(), on: [.list])
        case 10...14: once(service, readFault(), on: [.list, .get])
        case 15...17: once(service, cancelFault(), on: [.cancel])
        default: once(service, anyFault(), on: nil)
        }
    }

    private func once(_ service: SoakService, _ effect: Fault.Effect, on calls: Set<SimulatedCall>?)
    {
        servers[service]?.withFaults { $0.add(effect, on: calls) }
    }

    /// Of requests of any kind: never a word that would be the service's own on a cancel.
    private func anyFault() -> Fault.Effect {
        let delay = Duration.milliseconds(20 + random.below(random.once(in: 4) ? 8_000 : 600))
        return random.pick([
            .delay(delay), .delay(delay), .dropBeforeEffect, .dropAfterEffect, .closeAfterAnswer,
            .dropInBody(after: random.below(30)), .drip(bytes: 40, every: .milliseconds(3)),
            .answer(.throttled()), .answer(.throttled(retryAfterSeconds: 1 + random.below(3))),
            .answer(.unavailable), .answer(.unauthenticated), .answer(.html(status: 500)),
            .answer(.html(status: 404, title: "Not Found")), .answer(.html(status: 403)),
            .answer(.html(status: 501)), .answer(SimulatedAnswer(status: 500)),
            .answer(SimulatedAnswer(status: 503)), .redirect(to: "http://127.0.0.1:1/"),
            .answer(Self.json(503, #"{"code":14,"message":"no upstream"}"#)),
            .answer(Self.json(429, #"{"error":"slow down"}"#)),
            .answer(Self.json(500, #"{"errors":[{"reason":"backendError","message":"x"}]}"#)),
            .answer(Self.json(503, #"{"title":"Unavailable","detail":"of a gateway"}"#)),
            .answer(Self.json(403, #"{"errors":[{"reason":"rateLimitExceeded"}]}"#)),
        ])
    }

    private func readFault() -> Fault.Effect {
        random.pick([
            .malformedBody, .hugeBody(bytes: 12 << 20, chunked: random.once(in: 2)),
            .answer(.html(status: 200, title: "Sign in")), .answer(SimulatedAnswer(status: 200)),
            .answer(Self.json(200, "[]")), .answer(Self.json(200, #"{"name":"projects/x"}"#)),
            .answer(Self.json(200, #"{"name":1,"name":2}"#)),
        ])
    }

    private func listFault() -> Fault.Effect {
        random.pick([
            .repeatedPageToken, .emptyPageWithToken, .unreachable(["locations/north"]),
            .answer(.failure(.permissionDenied, "Not now.")), .answer(SimulatedAnswer(status: 404)),
            .answer(Self.json(200, #"{"operations":{}}"#)),
            .answer(Self.json(200, #"{"items":[]}"#)),
        ])
    }

    private func cancelFault() -> Fault.Effect {
        random.pick([
            .answerAfterEffect(.unavailable), .answerAfterEffect(.html(status: 504)),
            .dropAfterEffect, .dropBeforeEffect, .malformedBody,
            .answer(Self.json(400, #"{"code":9,"message":"cannot be cancelled now"}"#)),
            .answer(.failure(.failedPrecondition, "It is busy.")),
        ])
    }

    private static func json(_ status: Int, _ text: String) -> SimulatedAnswer {
        .json(Array(text.utf8), status: status)
    }

    // MARK: For some seconds

    private func last(_ service: SoakService, _ fault: Fault) {
        servers[service]?.withFaults { $0.waiting.insert(fault, at: 0) }
        later { soak in soak.servers[service]?.withFaults { $0.waiting = [] } }
    }

    private func mistakeDate(of service: SoakService) {
        let fault = random.pick([
            Faults.DateFault.missing, .skewed(.seconds(900)), .skewed(.seconds(-900)),
            .garbled("yesterday"),
        ])
        let from = Storm.clock
        let isNew = servers[service]?.withFaults { faults in
            defer { if faults.date == .none { faults.date = fault } }
            return faults.date == .none
        }
        // The end of one is not to end another.
        guard isNew == true else { return }
        later { soak in
            let end = Storm.clock
            soak.servers[service]?.withFaults { $0.date = .none }
            soak.requests.dateless.append((service, from, end))
        }
    }

    /// The token's file is gone, or holds something else, until another token comes.
    private func loseToken() {
        if random.once(in: 2) {
            unlink(folder.path("token"))
        } else {
            write(random.pick(["", "two words", "{\"type\":\"service_account\"}"]), to: "token")
        }
        later { soak in soak.write("token-\(soak.random.next())", to: "token") }
    }

    /// An operation is not listed for a while, although it runs.
    private func hide() {
        guard let operation = operations.values.map(\.name).sorted().randomElement(using: &random),
            let service = operations[operation]?.service
        else { return }
        servers[service]?.withService { $0.setListed(false, operation) }
        later { soak in soak.servers[service]?.withService { $0.setListed(true, operation) } }
    }

    private func later(_ undo: @escaping (Soak) -> Void) {
        let end = ContinuousClock.now.advanced(by: .milliseconds(2_000 + random.below(6_000)))
        undone.append((end, undo))
    }

    /// Ends what lasts for some seconds.
    func undoFaults(all: Bool = false) {
        let now = ContinuousClock.now
        let over = undone.filter { all || $0.at <= now }
        undone.removeAll { all || $0.at <= now }
        for fault in over { fault.undo(self) }
        if all { for server in servers.values { server.withFaults { $0 = Faults() } } }
    }
}
