/// What goes wrong between a client and the simulated service.
package struct Faults: Sendable, Equatable {
    /// Real time between a request's effect and its answer.
    package var latency: Duration = .zero
    /// What is wrong with the `Date` of every answer.
    package var date = DateFault.none
    /// Named as unreachable on every page of a list.
    package var unreachable: [String] = []
    /// Waiting faults. A request meets the first that fits it, and only that one.
    package var waiting: [Fault] = []

    /// Nothing goes wrong.
    package init() {}

    /// What is wrong with a `Date` header.
    package enum DateFault: Sendable, Equatable {
        case none
        case missing
        /// Ahead of the service's time, or behind it when negative.
        case skewed(Duration)
        /// Any text.
        case garbled(String)
    }

    /// Lets a fault wait for the requests it fits.
    package mutating func add(_ effect: Fault.Effect, on calls: Set<SimulatedCall>? = nil) {
        waiting.append(Fault(effect, on: calls))
    }

    /// Answers the next requests of those kinds with something else, without any effect.
    package mutating func failNext(
        _ count: Int = 1, _ calls: Set<SimulatedCall>? = nil, with answer: SimulatedAnswer
    ) {
        waiting.append(Fault(.answer(answer), on: calls, times: count))
    }

    /// Uses up and gives the fault that a request meets.
    mutating func next(for call: SimulatedCall, _ resource: String) -> Fault.Effect? {
        for index in waiting.indices where waiting[index].fits(call, resource) {
            if waiting[index].skipping > 0 {
                waiting[index].skipping -= 1
                continue
            }
            let effect = waiting[index].effect
            if waiting[index].times <= 1 {
                waiting.remove(at: index)
            } else if waiting[index].times < Int.max {
                waiting[index].times -= 1
            }
            return effect
        }
        return nil
    }
}

/// One thing that goes wrong with one request or several.
package struct Fault: Sendable, Equatable {
    /// What happens.
    package var effect: Effect
    /// The kinds of requests it fits; nil for all.
    package var calls: Set<SimulatedCall>?
    /// Only requests for this operation, or lists of this parent; nil for all.
    package var resource: String?
    /// Lets so many fitting requests pass first.
    package var skipping: Int
    /// Then strikes so often; `Int.max` is for ever.
    package var times: Int

    /// One request of any kind, unless told otherwise.
    package init(
        _ effect: Effect, on calls: Set<SimulatedCall>? = nil, resource: String? = nil,
        skipping: Int = 0, times: Int = 1
    ) {
        self.effect = effect
        self.calls = calls
        self.resource = resource
        self.skipping = skipping
        self.times = times
    }

    /// What happens instead of, or to, the right answer.
    package enum Effect: Sendable, Equatable {
        /// This answer; the request has no effect.
        case answer(SimulatedAnswer)
        /// The request has its effect, then this answer.
        case answerAfterEffect(SimulatedAnswer)
        /// The connection ends without an answer; the request has no effect.
        case dropBeforeEffect
        /// The request has its effect, then the connection ends without an answer.
        case dropAfterEffect
        /// The whole head and so many bytes of the body, then the connection ends.
        case dropInBody(after: Int)
        /// The right answer, then the connection ends although nothing announced that.
        case closeAfterAnswer
        /// The answer comes so much later.
        case delay(Duration)
        /// The body comes in pieces of so many bytes with pauses between them.
        case drip(bytes: Int, every: Duration)
        /// The body is cut in half, and its length is told so.
        case malformedBody
        /// White space behind the body up to this size.
        case hugeBody(bytes: Int, chunked: Bool)
        /// 302 to another place; the request has no effect.
        case redirect(to: String)
        /// A page whose token is the one it was asked with.
        case repeatedPageToken
        /// A page without operations but with a token.
        case emptyPageWithToken
        /// A page that names these as unreachable.
        case unreachable([String])
    }

    func fits(_ call: SimulatedCall, _ resource: String) -> Bool {
        times > 0 && calls?.contains(call) ?? true && (self.resource ?? resource) == resource
    }
}
