import OpwatchCore
import SeededRandom
import WireFormat

extension Faults {
    /// A request that was interrupted.
    mutating func reply<Outcome>(
        _ interruption: Interruption, _ place: Agenda.Place?
    ) -> Reply<Outcome> {
        let number = interruption.didArrive ? place?.number : nil
        return Reply(
            delay: interruption.delay ?? delay(), result: .failure(interruption.failure),
            fate: Fate(
                didArrive: interruption.didArrive, number: number, status: interruption.status))
    }

    /// A failure that the service itself answers with.
    mutating func reply<Outcome>(
        _ failure: CallFailure, _ status: StatusCode, _ place: Agenda.Place?
    ) -> Reply<Outcome> {
        Reply(
            delay: delay(), result: .failure(failure),
            fate: Fate(number: place?.number, status: status))
    }

    mutating func notFound<Outcome>(
        _ name: String, _ place: Agenda.Place?
    ) -> Reply<Outcome> {
        let error = ServiceError(http: 404, code: .notFound, message: "\(name) was not found")
        return reply(.notFound(error), error.code, place)
    }

    mutating func refusal<Outcome>(
        _ http: Int, _ code: StatusCode, _ words: String, _ place: Agenda.Place?
    ) -> Reply<Outcome> {
        let error = ServiceError(http: http, code: code, message: words)
        return reply(code == .unimplemented ? .unsupported(error) : .refused(error), code, place)
    }

    /// What the cancels of an operation come to.
    mutating func manner() -> CancelManner {
        if draws(.cancelRefused) { return .refused }
        if draws(.cancelRefusedForNow) { return .refusedUntilStarted }
        if draws(.cancelNotFound) { return .notFound }
        if draws(.cancelDenied) { return .denied }
        if draws(.cancelIgnored) { return .ignored(isFlagged: random.once(in: 2)) }
        return draws(.cancelSlow) ? .slow : .honoured
    }

    /// Another time of creation, a second or hours off; none now and then.
    mutating func shifted(_ created: Timestamp?) -> Timestamp? {
        let amount: Duration = .seconds(random.pick([1, 3_600, 7 * 3_600]))
        return created?.advanced(by: random.once(in: 2) ? amount : .zero - amount)
    }

    /// Spoils a body, if it comes to that: it then is no JSON, or not what was asked for.
    mutating func breaks(_ body: inout [UInt8]) -> Bool {
        if body.count > 3, strikes(.truncated) {
            // The bracket that ends it must not be left, whatever white space follows.
            body.removeLast(random.within(3...body.count))
            return true
        }
        guard strikes(.malformed) else { return false }
        switch random.below(5) {
        case 0: body.insert(0x01, at: random.below(body.count))
        case 1: body.insert(0xFF, at: random.below(body.count))
        case 2: body += "}".utf8
        case 3: body.insert(contentsOf: [0xEF, 0xBB, 0xBF], at: 0)
        default: body = Array(#"{"kind":"discovery#restDescription","version":"v1"}"#.utf8)
        }
        return true
    }
}
