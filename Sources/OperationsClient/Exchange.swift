import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OpwatchCore
import WireFormat

/// One request as it will go over the wire.
struct WireRequest: Sendable {
    enum Verb: Sendable {
        case get
        /// A POST that is only sent before this instant.
        case cancel(expires: ContinuousClock.Instant)
        /// Whatever somebody else than a service wants.
        case other(HTTPMethod, headers: [(name: String, value: String)], body: [UInt8])
    }

    let verb: Verb
    let url: String
    let authority: String
    let userAgent: String
    let grant: TokenGrant?
    /// The one it carries and those before it: a server may quote an older one.
    let tokens: [BearerToken]
    let bodyBytesMax: Int
}

/// A whole answer.
struct WireAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
    let sentAt: ContinuousClock.Instant

    var isSuccess: Bool { (200...299).contains(status) }

    /// A success with all of what was asked for: 206 has a part of it, though nobody asked for one.
    var isWhole: Bool { isSuccess && status != 206 }

    func context(of request: WireRequest) -> BodyContext {
        BodyContext(contentType: headers.first(name: "Content-Type"), tokens: request.tokens)
    }
}

/// Sends one request once and reads its whole answer within the time limit.
struct Exchange: Sendable {
    /// Asked at each request, so that files that changed count at once.
    let connections: Connections
    let requestTime: Duration
    let dependencies: OperationsClient.Dependencies

    private enum Event: Sendable {
        case answer(Result<WireAnswer, WireFailure>)
        case timeIsUp
        case stopped
    }

    /// - Throws: when no whole answer came; an answer of any status is returned.
    func run(_ request: WireRequest) async throws(WireFailure) -> WireAnswer {
        // The pool's own deadline ends with the head of the answer; a body could drip for ever.
        let result = await withTaskGroup(
            of: Event.self, returning: Result<WireAnswer, WireFailure>.self
        ) { group in
            group.addTask { .answer(await send(request)) }
            group.addTask {
                do {
                    try await dependencies.sleep(requestTime)
                    return .timeIsUp
                } catch {
                    return .stopped
                }
            }
            // Whoever ends first ends the other, and the sender knows best what became of the
            // request, also when it comes second.
            var result = Result<WireAnswer, WireFailure>.failure(.stopped)
            var isLate = false
            for await event in group {
                group.cancelAll()
                switch event {
                case .answer(let answer): result = answer
                case .timeIsUp: isLate = true
                case .stopped: break
                }
            }
            return isLate ? result.mapError { late($0) } : result
        }
        return try result.get()
    }

    private func late(_ ended: WireFailure) -> WireFailure {
        if case .notSent = ended.failure {
            return WireFailure(.timedOut(after: requestTime, sent: .no))
        }
        return WireFailure(.timedOut(after: requestTime, sent: .maybe))
    }

    private func send(_ request: WireRequest) async -> Result<WireAnswer, WireFailure> {
        let pool: HTTPPool
        do throws(CallFailure) {
            pool = try connections.pool()
        } catch {
            return .failure(WireFailure(error))
        }
        guard pool.settings.room.enter() else {
            return .failure(WireFailure(.notSent(reason: DescriptorRoom.words)))
        }
        defer { pool.settings.room.leave() }
        let message = message(of: request, isCompressed: pool.settings.compression)
        let route = Route(to: request.authority, through: pool)
        if Task.isCancelled { return .failure(WireFailure(.notSent(reason: "stopping"))) }
        let sentAt = dependencies.now()
        if case .cancel(let expires) = request.verb, sentAt >= expires {
            return .failure(WireFailure(.notSent(reason: "the permit expired")))
        }
        let response: HTTPClientResponse
        do {
            response = try await pool.client.execute(message, timeout: poolTime)
        } catch {
            return .failure(WireFailure(error, on: route, hasHead: false))
        }
        return await answer(to: request, sentAt: sentAt, from: response, on: route)
    }

    /// A wider net than the race above, for a sleep that would not end.
    private var poolTime: TimeAmount { TimeAmount(min(requestTime, .seconds(3_600)) * 2) }

    private func message(of request: WireRequest, isCompressed: Bool) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: request.url)
        // Given here because the library leaves the brackets of an IPv6 address off.
        message.headers.add(name: "Host", value: request.authority)
        message.headers.add(name: "User-Agent", value: request.userAgent)
        message.headers.add(name: "Accept", value: "application/json")
        if isCompressed { message.headers.add(name: "Accept-Encoding", value: "gzip") }
        if let grant = request.grant {
            message.headers.add(name: "Authorization", value: grant.token.headerValue)
            if let project = grant.quotaProject {
                message.headers.add(name: "X-Goog-User-Project", value: project)
            }
        }
        switch request.verb {
        case .get: message.method = .GET
        case .cancel:
            message.method = .POST
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(ByteBuffer(string: "{}"))
        case .other(let method, let headers, let body):
            message.method = method
            for header in headers { message.headers.add(name: header.name, value: header.value) }
            // Without a body there is no length either; a POST has one, if of nothing.
            if method != .GET { message.body = .bytes(ByteBuffer(bytes: body)) }
        }
        return message
    }

    private func answer(
        to request: WireRequest, sentAt: ContinuousClock.Instant,
        from response: HTTPClientResponse, on route: Route
    ) async -> Result<WireAnswer, WireFailure> {
        let status = Int(response.status.code)
        let answer = { (body: [UInt8]) in
            WireAnswer(status: status, headers: response.headers, body: body, sentAt: sentAt)
        }
        let isSuccess = answer([]).isSuccess
        do throws(WireFailure) {
            // An endless error page is still an error of this number, and known by its beginning.
            let body =
                isSuccess
                ? try await body(of: response, bytesMax: request.bodyBytesMax, on: route)
                : try await beginning(
                    of: response, bytesMax: min(request.bodyBytesMax, ReadLimits.body.bytesMax),
                    on: route)
            return .success(answer(body))
        } catch {
            // The service has accepted the cancel; how it went on talking changes nothing.
            if isSuccess, case .cancel = request.verb { return .success(answer([])) }
            // The head has the number, and how long to wait.
            if ErrorAnswer.isTold(byNumber: status) { return .success(answer([])) }
            return .failure(error)
        }
    }

    private func body(
        of response: HTTPClientResponse, bytesMax: Int, on route: Route
    ) async throws(WireFailure) -> [UInt8] {
        let tooLarge = WireFailure(.tooLarge(limitBytes: bytesMax))
        if let promised = response.headers.first(name: "Content-Length").flatMap({ Int($0) }),
            promised > bytesMax
        {
            throw tooLarge
        }
        let bytes = try await beginning(of: response, bytesMax: bytesMax + 1, on: route)
        guard bytes.count <= bytesMax else { throw tooLarge }
        return bytes
    }

    /// As much of the body as the limit allows.
    private func beginning(
        of response: HTTPClientResponse, bytesMax: Int, on route: Route
    ) async throws(WireFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in response.body {
                bytes += chunk.readableBytesView.prefix(bytesMax - bytes.count)
                if bytes.count >= bytesMax { break }
            }
        } catch {
            throw WireFailure(error, on: route, hasHead: true)
        }
        // A cancelled stream may end like a finished one.
        if Task.isCancelled { throw .stopped }
        return bytes
    }
}
