import WireFormat

/// All that a running simulator holds: the service, its faults and its memory of requests.
struct SimulatorState: Sendable {
    var service: SimulatedService
    var faults: Faults
    private(set) var log = RequestLog()

    init(_ service: SimulatedService, _ faults: Faults) {
        self.service = service
        self.faults = faults
    }

    /// Takes a request that arrives at `now` through faults and service, and records it.
    mutating func respond(to request: SimulatedRequest, at now: Timestamp) -> Delivery {
        service.advance(to: now)
        var call: SimulatedCall?
        var resource: String?
        var delivery: Delivery
        do throws(RouteError) {
            let route = try Route(request)
            call = route.call
            resource = route.resource
            delivery = deliver(route, request)
        } catch {
            delivery = Delivery(answer: service.dated(error.answer))
        }
        apply(faults.date, to: &delivery.answer)
        delivery.delay += faults.latency
        log.append(
            RequestRecord(
                method: request.method, target: request.target, call: call, resource: resource,
                time: now,
                authorizationHash: request.header("Authorization").map(
                    RequestRecord.hash(ofAuthorization:)),
                userAgent: request.header("User-Agent"),
                contentType: request.header("Content-Type"), body: request.body,
                status: delivery.transport == .dropped ? nil : delivery.answer.status))
        return delivery
    }

    private mutating func deliver(_ route: Route, _ request: SimulatedRequest) -> Delivery {
        guard let effect = faults.next(for: route.call, route.resource) else {
            return Delivery(answer: answer(route, request))
        }
        switch effect {
        case .answer(let other): return Delivery(answer: service.dated(other))
        case .answerAfterEffect(let other):
            _ = answer(route, request)
            return Delivery(answer: service.dated(other))
        case .dropBeforeEffect:
            return Delivery(answer: service.dated(.unavailable), transport: .dropped)
        case .dropAfterEffect:
            return Delivery(answer: answer(route, request), transport: .dropped)
        case .dropInBody(let after):
            return Delivery(answer: answer(route, request), transport: .cut(after: after))
        case .closeAfterAnswer:
            return Delivery(answer: answer(route, request), transport: .closing)
        case .delay(let delay): return Delivery(answer: answer(route, request), delay: delay)
        case .drip(let bytes, let every):
            return Delivery(
                answer: answer(route, request), transport: .drip(bytes: bytes, every: every))
        case .malformedBody:
            var answer = answer(route, request)
            answer.body.removeLast(answer.body.count - answer.body.count / 2)
            return Delivery(answer: answer)
        case .hugeBody(let bytes, let chunked):
            var answer = answer(route, request)
            let padding = max(0, bytes - answer.body.count)
            answer.body += repeatElement(UInt8(ascii: " "), count: padding)
            return Delivery(answer: answer, transport: chunked ? .chunked : .whole)
        case .redirect(let place):
            var answer = SimulatedAnswer.html(status: 302, title: "Found")
            answer.setHeader("Location", place)
            return Delivery(answer: service.dated(answer))
        case .repeatedPageToken:
            return Delivery(answer: answer(route, request, bend: .repeatsToken))
        case .emptyPageWithToken:
            return Delivery(answer: answer(route, request, bend: .emptyWithToken))
        case .unreachable(let names):
            return Delivery(answer: answer(route, request, unreachable: names))
        }
    }

    private mutating func answer(
        _ route: Route, _ request: SimulatedRequest, bend: SimulatedService.PageBend = .none,
        unreachable: [String] = []
    ) -> SimulatedAnswer {
        switch route {
        case .get(let name): return service.get(name)
        case .cancel(let name):
            if let refusal = Self.refusal(ofBody: request) { return service.dated(refusal) }
            return service.cancel(name)
        case .list(let parent, let query):
            if query.returnsPartialSuccess {
                let message = "Partial success is not supported for this collection."
                return service.dated(.failure(.unimplemented, message))
            }
            return service.list(
                parent, filter: query.filter, pageSize: query.pageSize,
                pageToken: query.pageToken, bend: bend,
                unreachable: faults.unreachable + unreachable)
        }
    }

    /// A cancel has a length and the empty message; the front end answers 411 to one without.
    private static func refusal(ofBody request: SimulatedRequest) -> SimulatedAnswer? {
        guard request.header("Content-Length") != nil else {
            return .html(status: 411, title: "Length Required")
        }
        let blanks = Array(" \t\r\n".utf8)
        let body = request.body.filter { !blanks.contains($0) }
        if body.isEmpty || body == Array("{}".utf8) { return nil }
        return .failure(.invalidArgument, "Invalid JSON payload received.")
    }

    private func apply(_ fault: Faults.DateFault, to answer: inout SimulatedAnswer) {
        switch fault {
        case .none: break
        case .missing: answer.setHeader("Date", nil)
        case .skewed(let ahead):
            answer.setHeader("Date", service.now.advanced(by: ahead).httpDate)
        case .garbled(let text): answer.setHeader("Date", text)
        }
    }
}
