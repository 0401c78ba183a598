import WireFormat

/// A request to whoever gives tokens. It holds secrets, and has no description but where it goes.
package struct TokenRequest: Sendable {
    /// The verbs that token services know.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    /// How it is sent.
    package enum Route: Sendable, Equatable {
        /// Through the proxy, where there is one.
        case usual
        /// Never: the address means something on this very machine or network only.
        case direct
    }

    package let method: Method
    package let url: String
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    package let route: Route
    /// For the whole exchange.
    package let timeout: Duration

    init(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [],
        body: [UInt8] = [], route: Route = .usual, timeout: Duration = .seconds(10)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.route = route
        self.timeout = timeout
    }

    /// A POST of fields as forms have them; those without a value are left out.
    static func form(
        _ url: String, _ fields: [(name: String, value: String?)],
        headers: [(name: String, value: String)] = []
    ) -> TokenRequest {
        let pairs = fields.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : name + "=" + URLPath.encodeQueryValue($0) }
        }
        return TokenRequest(
            .post, url,
            headers: [("Content-Type", "application/x-www-form-urlencoded")] + headers,
            body: Array(pairs.joined(separator: "&").utf8))
    }

    /// What whoever answers may quote of it and nobody else is to see: headers, and the query.
    var secrets: [String] {
        let values = headers.filter {
            !["content-type", "metadata-flavor"].contains($0.name.lowercased())
        }
        .flatMap { [$0.value] + $0.value.split(separator: " ").dropFirst().map(String.init) }
        let query = url.split(separator: "?", maxSplits: 1).dropFirst().map(String.init)
        return (values + query).filter { $0.utf8.count >= 6 }
    }

    /// Where it goes, without what may be secret in a query.
    package var place: String {
        let path = url.prefix { $0 != "?" }
        // In front of an @ stands what nobody is to see.
        let shown = path.contains("@") && WebOrigin(url) == nil ? "a URL with a user" : path
        return "\(method.rawValue) \(RemoteText.clean(String(shown)))"
    }
}

extension TokenRequest: CustomStringConvertible, CustomReflectable {
    package var description: String { place }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The whole answer to a token request.
package struct TokenAnswer: Sendable {
    /// Of HTTP.
    package let status: Int
    /// In any case.
    private let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of the name.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    var isSuccess: Bool { (200...299).contains(status) }
    /// Whether asking again may help: overload, rate, and what breaks on the way.
    var mayPass: Bool { status >= 500 || status == 408 || status == 429 }
}

extension TokenAnswer: CustomStringConvertible, CustomReflectable {
    package var description: String { "HTTP \(status)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
