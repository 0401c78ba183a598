import NIOHTTP1
package import OpwatchCore
import WireFormat

/// One service's API: lists, gets and cancels operations.
///
/// Stateless but for connections and the tokens that no message may show; calls may overlap. A list
/// or get ends within `Bounds.callTime`, anything else within `Bounds.requestTime`; a failure tells
/// what the caller can do about it.
package struct OperationsClient: Sendable {
    private let endpoint: Endpoint
    private let service: Result<ServiceURL, CallFailure>
    private let authorization: Authorization
    private let lately = RecentTokens()
    private let userAgent: String
    private let bounds: Bounds
    private let exchange: Exchange
    private let jitter: @Sendable (Duration) -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Sends nothing yet; an endpoint or a token that cannot be used fails each call as not sent.
    ///
    /// - Parameters:
    ///   - endpoint: the base URL; plain `http` with a token is used for loopback only.
    ///   - authorization: asked at each request, so that a rotated token is picked up.
    ///   - connections: of a pool that the caller shuts down.
    ///   - version: of this program, for `User-Agent`.
    package init(
        endpoint: Endpoint, authorization: Authorization, version: String,
        bounds: Bounds = Bounds(), dependencies: Dependencies = .live,
        connections: Connections
    ) {
        self.endpoint = endpoint
        self.bounds = bounds
        self.authorization = authorization
        service = Self.service(endpoint, hasToken: authorization.isUsed)
        userAgent = "opwatchd/\(version)"
        exchange = Exchange(
            connections: connections, requestTime: bounds.requestTime,
            dependencies: dependencies)
        jitter = dependencies.jitter
        sleep = dependencies.sleep
    }

    private static func service(
        _ endpoint: Endpoint, hasToken: Bool
    ) -> Result<ServiceURL, CallFailure> {
        do throws(CallFailure) {
            let service = try ServiceURL(endpoint)
            guard service.protectsToken || !hasToken else {
                throw .notSent(
                    reason: "a token is not sent over plain http to \(service.origin.authority)")
            }
            return .success(service)
        } catch {
            return .failure(error)
        }
    }

    /// Fetches one page, with retries.
    ///
    /// - Parameter noticing: called with the failure of each try that is repeated, before the
    ///   pause; the failure of the last try is thrown.
    package func list(
        _ request: ListRequest, noticing: @Sendable (CallFailure) -> Void = { _ in }
    ) async throws(CallFailure) -> PageAnswer {
        let url = try service.get().page(request)
        let (answer, context) = try await get(
            url, bodyBytesMax: bounds.pageBytesMax, triesMax: Backoff.triesMax, noticing)
        return PageAnswer(
            body: answer.body, time: Self.time(of: answer),
            context: context.answerContext)
    }

    /// Fetches one operation by its full name, with retries.
    ///
    /// `sentAt` is that of the request that was answered.
    /// - Parameter noticing: as for `list`.
    package func get(
        _ name: String, noticing: @Sendable (CallFailure) -> Void = { _ in }
    ) async throws(CallFailure) -> OperationAnswer {
        try await get(name, triesMax: Backoff.triesMax, noticing)
    }

    /// Fetches one operation with a single request, for a decision that must be fresh; with a
    /// second one where the token was refused and there is another.
    /// - Parameter noticing: as for `list`.
    package func getOnce(
        _ name: String, noticing: @Sendable (CallFailure) -> Void = { _ in }
    ) async throws(CallFailure) -> OperationAnswer {
        try await get(name, triesMax: 1, noticing)
    }

    /// Asks the service to cancel one operation: at most one POST, never repeated.
    ///
    /// The permit's expiry is looked at as the last act before the request is handed to the pool,
    /// where it waits at most `Limits.connectTimeout` for a connection.
    /// - Throws: `.notSent` if nothing left; any other failure may have reached the service.
    package func cancel(_ permit: consuming CancelPermit) async throws(CallFailure) -> Asked {
        let operation = permit.operation
        let expires = permit.expires
        guard operation.endpoint == endpoint else {
            throw .notSent(reason: "the permit is for \(operation.endpoint)")
        }
        return try await postCancel(of: operation.name, expires: expires)
    }

    /// The POST of `cancel`, which alone calls it: only a permit gives the right to send.
    func postCancel(
        of name: String, expires: ContinuousClock.Instant
    ) async throws(CallFailure) -> Asked {
        let url = try service.get().operation(name) + ":cancel"
        // A permit does not wait: the GET before it has seen to the token.
        let request = try request(
            .cancel(expires: expires), url, try authorization.tokenAtHand(),
            bodyBytesMax: bounds.bodyBytesMax)
        let answer: WireAnswer
        do throws(WireFailure) {
            answer = try await exchange.run(request)
        } catch {
            throw error.failure
        }
        if answer.isSuccess { return Asked(httpStatus: answer.status) }
        let failure = Self.failure(answer, to: request)
        if case .unauthenticated = failure, let grant = request.grant {
            authorization.letGo(grant.token)
        }
        throw failure
    }

    /// Asks for a token ahead of the old one's end, where that is due; nobody has to wait for it.
    package func renewToken() async { await authorization.renew() }

    /// An operator may know better: a token that did not come is asked for again at once.
    package func retryCredentials() { authorization.retry() }

    private func get(
        _ name: String, triesMax: Int, _ noticing: @Sendable (CallFailure) -> Void
    ) async throws(CallFailure) -> OperationAnswer {
        let url = try service.get().operation(name)
        let (answer, context) = try await get(
            url, bodyBytesMax: bounds.bodyBytesMax, triesMax: triesMax, noticing)
        return OperationAnswer(
            body: answer.body, time: Self.time(of: answer),
            context: context.answerContext)
    }

    private func get(
        _ url: String, bodyBytesMax: Int, triesMax: Int,
        _ noticing: @Sendable (CallFailure) -> Void
    ) async throws(CallFailure) -> (WireAnswer, BodyContext) {
        var backoff = Backoff(triesMax: triesMax)
        var isRenewed = false
        while true {
            let request = try request(
                .get, url, try await authorization.token(), bodyBytesMax: bodyBytesMax)
            let wire: WireFailure
            do throws(WireFailure) {
                let answer = try await exchange.run(request)
                if answer.isWhole { return (answer, answer.context(of: request)) }
                wire = WireFailure(Self.failure(answer, to: request))
            } catch {
                wire = error
            }
            if case .unauthenticated = wire.failure {
                guard let refused = request.grant?.token else { throw wire.failure }
                authorization.letGo(refused)
                // One that is made anew is tried once, also for a decision that must be fresh:
                // the time of the answer is that of the second request.
                guard !isRenewed, try await authorization.token()?.token != refused else {
                    throw wire.failure
                }
                isRenewed = true
                noticing(wire.failure)
                continue
            }
            try await pause(after: wire, &backoff, noticing)
        }
    }

    /// Waits before the next try, or gives the failure to the caller.
    private func pause(
        after wire: WireFailure, _ backoff: inout Backoff,
        _ noticing: @Sendable (CallFailure) -> Void
    ) async throws(CallFailure) {
        let pause = backoff.pause(
            after: wire.failure, closedUnanswered: wire.closedUnanswered, jitter: jitter)
        guard let pause, !Task.isCancelled else { throw wire.failure }
        noticing(wire.failure)
        do {
            try await sleep(pause)
        } catch {
            throw wire.failure
        }
    }

    private func request(
        _ verb: WireRequest.Verb, _ url: String, _ grant: TokenGrant?, bodyBytesMax: Int
    ) throws(CallFailure) -> WireRequest {
        WireRequest(
            verb: verb, url: url, authority: try service.get().origin.authority,
            userAgent: userAgent,
            grant: grant, tokens: lately.adding(grant?.token), bodyBytesMax: bodyBytesMax)
    }

    private static func time(of answer: WireAnswer) -> AnswerTime {
        AnswerTime(sentAt: answer.sentAt, date: date(of: answer))
    }

    private static func date(of answer: WireAnswer) -> Timestamp? {
        let dates = answer.headers["Date"]
        return dates.count == 1 ? Timestamp(httpDate: dates[0]) : nil
    }

    private static func failure(_ answer: WireAnswer, to request: WireRequest) -> CallFailure {
        if answer.isSuccess {
            return .malformed(reason: "HTTP \(answer.status), only a part of the answer")
        }
        return ErrorAnswer.failure(
            answer.status, answer.headers["Retry-After"], date(of: answer), answer.body,
            answer.context(of: request))
    }
}
