/// An error that a service answered with, in whatever envelope it stood.
package struct ServiceError: Error, Sendable, Equatable {
    /// The status of the answer.
    package var http: Int
    /// As the envelope says; by the HTTP status where it names none.
    package var code: StatusCode
    /// The service's own words, escaped, at most 256 bytes; empty where it said nothing.
    package var message: String
    /// How long it asked to be left alone.
    package var retryAfter: Duration?

    package init(http: Int, code: StatusCode, message: String = "", retryAfter: Duration? = nil) {
        self.http = http
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }
}

extension ServiceError: CustomStringConvertible {
    /// `HTTP 400 FAILED_PRECONDITION: the service's own words`.
    package var description: String {
        let label = "HTTP \(http) \(code.rawValue)"
        return message.isEmpty ? label : "\(label): \(message)"
    }
}
