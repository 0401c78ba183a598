import OpwatchCore
import SeededRandom
import WireFormat

/// A request that gets no answer of the service's own, or the answer that the service cannot
/// serve it now.
struct Interruption: Sendable {
    let failure: CallFailure
    /// Nil: as long as any answer.
    var delay: Duration?
    var didArrive = true
    /// Whether the service did what it was asked to do all the same.
    var isDone = false
    /// What the service said, where it said anything.
    var status: StatusCode?

    enum Request { case list, get, cancel }
}

extension Faults {
    /// What keeps a request of now from being answered, if anything does.
    mutating func interruption(
        of request: Interruption.Request, at now: Timestamp
    ) -> Interruption? {
        if strikes(.requestLost) { return lostRequest() }
        if storm(.unauthenticated, at: now) != nil { return unauthenticated() }
        if let storm = storm(.throttled, at: now) { return throttled(storm) }
        if let storm = storm(.denied, at: now), request == .cancel || !storm.isForCancels {
            return denied()
        }
        if rages(.serverError, at: now) { return serverError(request) }
        if rages(.foreignPage, at: now) { return foreignPage(request) }
        if strikes(.wordless) { return wordless(request) }
        if strikes(.replyLost) { return lostReply() }
        if request == .cancel, strikes(.truncated) { return cutReply() }
        return nil
    }

    /// For minutes, or for this one request.
    private mutating func rages(_ kind: FaultKind, at now: Timestamp) -> Bool {
        guard storm(kind, at: now) != nil || draws(kind) else { return false }
        count(kind)
        return true
    }

    private static let patience: Duration = .seconds(30)

    private mutating func lostRequest() -> Interruption {
        let failure: CallFailure
        var delay: Duration?
        switch random.below(4) {
        case 0: failure = .unavailable(reason: "no connection", retryAfter: nil, sent: .no)
        case 1:
            failure = .timedOut(after: Self.patience, sent: .no)
            delay = Self.patience
        case 2: failure = Self.brokenOff
        default: (failure, delay) = (.timedOut(after: Self.patience, sent: .maybe), Self.patience)
        }
        return Interruption(failure: failure, delay: delay, didArrive: false)
    }

    private mutating func lostReply() -> Interruption {
        guard random.once(in: 2) else { return Interruption(failure: Self.brokenOff, isDone: true) }
        return Interruption(
            failure: .timedOut(after: Self.patience, sent: .maybe), delay: Self.patience,
            isDone: true)
    }

    private static let brokenOff = CallFailure.unavailable(
        reason: "the connection ended early", retryAfter: nil, sent: .maybe)

    private func cutReply() -> Interruption {
        Interruption(
            failure: .malformed(reason: "HTTP 200, only a part of the answer"), isDone: true)
    }

    private mutating func unauthenticated() -> Interruption {
        count(.unauthenticated)
        let error = ServiceError(
            http: 401, code: .unauthenticated, message: "Request had invalid credentials.")
        return Interruption(failure: .unauthenticated(error), status: error.code)
    }

    private mutating func throttled(_ storm: Storm) -> Interruption {
        count(.throttled)
        let error = ServiceError(
            http: 429, code: .resourceExhausted, message: "Quota exceeded for quota metric.",
            retryAfter: storm.retryAfter)
        return Interruption(failure: .throttled(error), status: error.code)
    }

    private mutating func denied() -> Interruption {
        count(.denied)
        let error = Self.denial
        return Interruption(failure: .denied(error), status: error.code)
    }

    static let denial = ServiceError(
        http: 403, code: .permissionDenied, message: "The caller does not have permission")

    private mutating func serverError(_ request: Interruption.Request) -> Interruption {
        let isInternal = random.once(in: 2)
        let failure = CallFailure.unavailable(
            reason: isInternal ? "HTTP 500 INTERNAL" : "HTTP 503 UNAVAILABLE",
            retryAfter: random.once(in: 4) ? random.seconds(1...120) : nil, sent: .maybe)
        return Interruption(
            failure: failure, isDone: request == .cancel && random.once(in: 3),
            status: isInternal ? .internal : .unavailable)
    }

    private mutating func foreignPage(_ request: Interruption.Request) -> Interruption {
        let http = random.pick([200, 404, 502, 503])
        let didArrive = random.once(in: 2)
        return Interruption(
            failure: .foreign(http: http, reason: "an HTML page (text/html)"),
            didArrive: didArrive, isDone: didArrive)
    }

    private mutating func wordless(_ request: Interruption.Request) -> Interruption {
        let http = random.pick(request == .get ? [403, 404] : [403, 404, 501])
        return Interruption(failure: .wordless(http: http), didArrive: false)
    }
}
