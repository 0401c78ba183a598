import WireFormat

/// An HTTP answer of the simulated service.
package struct SimulatedAnswer: Sendable, Equatable {
    /// The HTTP status.
    package var status: Int
    /// Names and values in the order of the wire; `Content-Length` is the sender's affair.
    package var headers: [Header]
    /// As it is sent, before any chunking.
    package var body: [UInt8]

    /// One header line.
    package struct Header: Sendable, Equatable {
        /// In any case; compared without regard to it.
        package var name: String
        /// Without white space around it.
        package var value: String

        /// A header as it goes on the wire.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Any answer, also one that breaks the rules of the API.
    package init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of the first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Puts the header in the place of all others of its name; nil only removes these.
    package mutating func setHeader(_ name: String, _ value: String?) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value { headers.append(Header(name, value)) }
    }
}

extension SimulatedAnswer {
    /// A JSON answer.
    package static func json(_ body: [UInt8], status: Int = 200) -> SimulatedAnswer {
        SimulatedAnswer(
            status: status, headers: [Header("Content-Type", "application/json; charset=UTF-8")],
            body: body)
    }

    /// The empty message, e.g. of a cancel that was accepted.
    package static let empty = json(Array("{}\n".utf8))

    /// The error envelope of Google APIs; its `code` is the HTTP status.
    /// - Parameter reason: an `ErrorInfo.reason` for the details, e.g. `RATE_LIMIT_EXCEEDED`.
    package static func failure(
        _ status: RPCStatus, _ message: String, reason: String? = nil,
        metadata: [String: String] = [:]
    ) -> SimulatedAnswer {
        var json = JSONWriter()
        json.beginObject()
        json.key("error")
        json.beginObject()
        json.key("code")
        json.integer(Int64(status.httpStatus))
        json.member("message", message)
        json.member("status", status.rawValue)
        if let reason {
            json.key("details")
            json.beginArray()
            json.beginObject()
            json.member("@type", "type.googleapis.com/google.rpc.ErrorInfo")
            json.member("reason", reason)
            json.member("domain", "googleapis.com")
            json.key("metadata")
            json.beginObject()
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                json.member(key, value)
            }
            json.endObject()
            json.endObject()
            json.endArray()
        }
        json.endObject()
        json.endObject()
        return .json(json.bytes, status: status.httpStatus)
    }

    /// 503 UNAVAILABLE.
    package static let unavailable = failure(
        .unavailable, "The service is currently unavailable.")

    /// 401 UNAUTHENTICATED.
    package static let unauthenticated = failure(
        .unauthenticated, "Request had invalid authentication credentials.",
        reason: "ACCESS_TOKEN_EXPIRED")

    /// 429 RESOURCE_EXHAUSTED, perhaps with `Retry-After` in seconds.
    package static func throttled(retryAfterSeconds: Int? = nil) -> SimulatedAnswer {
        var answer = failure(
            .resourceExhausted, "Quota exceeded for quota metric 'Requests'.",
            reason: "RATE_LIMIT_EXCEEDED")
        answer.setHeader("Retry-After", retryAfterSeconds.map(String.init))
        return answer
    }

    /// What a front end says in HTML, without an envelope.
    package static func html(status: Int = 500, title: String = "Server Error") -> SimulatedAnswer {
        SimulatedAnswer(
            status: status, headers: [Header("Content-Type", "text/html; charset=UTF-8")],
            body: Array("<html><title>Error \(status) (\(title))</title></html>\n".utf8))
    }
}
