import NIOHTTP1
package import OpwatchCore
import WireFormat

/// A request to somebody else than a service, such as a token endpoint.
package struct PlainRequest: Sendable {
    /// GET, POST or PUT.
    package var method: String
    /// `http(s)://HOST…`
    package var url: String
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8] = []
    /// For the whole exchange.
    package var timeout: Duration

    package init(method: String, url: String, timeout: Duration) {
        self.method = method
        self.url = url
        self.timeout = timeout
    }
}

/// Its whole answer, of whatever status.
package struct PlainAnswer: Sendable {
    /// Of HTTP.
    package let status: Int
    package let headers: [(name: String, value: String)]
    /// At most 1 MiB.
    package let body: [UInt8]
}

extension PlainRequest: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(method) to somebody" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension PlainAnswer: CustomStringConvertible, CustomReflectable {
    package var description: String { "HTTP \(status)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension HTTPPool {
    /// Sends a request once.
    ///
    /// - Throws: when no whole answer came.
    package func send(
        _ request: PlainRequest, userAgent: String, dependencies: OperationsClient.Dependencies
    ) async throws(CallFailure) -> PlainAnswer {
        guard let origin = WebOrigin(request.url) else {
            throw .notSent(reason: "no URL of a plain host")
        }
        let exchange = Exchange(
            connections: Connections { self }, requestTime: request.timeout,
            dependencies: dependencies)
        let wire = WireRequest(
            verb: .other(
                HTTPMethod(rawValue: request.method), headers: request.headers,
                body: request.body),
            url: request.url, authority: origin.authority,
            userAgent: userAgent, grant: nil, tokens: [],
            bodyBytesMax: OperationsClient.Bounds().bodyBytesMax)
        do throws(WireFailure) {
            let answer = try await exchange.run(wire)
            return PlainAnswer(
                status: answer.status, headers: answer.headers.map { ($0.name, $0.value) },
                body: answer.body)
        } catch {
            throw error.failure
        }
    }
}
