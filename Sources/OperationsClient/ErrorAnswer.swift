package import OpwatchCore
package import WireFormat

/// An answer that is not a success, read for what the caller can do about it.
package enum ErrorAnswer {
    /// The failure that an answer means: by the envelope's `status` first, by the number second.
    ///
    /// - Parameters:
    ///   - httpStatus: any number but 2xx.
    ///   - retryAfter: every `Retry-After` header.
    ///   - date: server time of the answer.
    ///   - body: an error envelope, HTML, nothing, or anything.
    package static func failure(
        httpStatus: Int, retryAfter: [String], date: Timestamp?, body: [UInt8]
    ) -> CallFailure {
        failure(httpStatus, retryAfter, date, body, redact: { $0 })
    }

    static func failure(
        _ httpStatus: Int, _ retryAfter: [String], _ date: Timestamp?, _ body: [UInt8],
        redact: (String) -> String
    ) -> CallFailure {
        if (300...399).contains(httpStatus) {
            return .malformed(reason: "redirect refused (HTTP \(httpStatus))")
        }
        let envelope = ErrorEnvelope(body)
        let wait = RetryAfter.longest(
            headers: retryAfter, date: date, retryDelay: envelope.retryDelay)
        let known = envelope.status.flatMap { Status(rawValue: $0) }
        let label = "HTTP \(httpStatus)" + (known.map { " " + $0.rawValue } ?? "")
        let said = RemoteText.clean(redact(envelope.message ?? ""))
        let message = said.isEmpty ? label : said
        let reason = said.isEmpty ? label : "\(label): \(said)"

        switch known ?? Status(httpStatus: httpStatus) {
        case .unauthenticated: return .unauthenticated(message: message)
        case .permissionDenied:
            let isRateLimit = envelope.reasons.contains { rateLimitReasons.contains($0) }
            return isRateLimit ? .throttled(retryAfter: wait) : .denied(message: message)
        case .resourceExhausted: return .throttled(retryAfter: wait)
        case .notFound: return .notFound
        case .unimplemented: return .unsupported(message: message)
        case .failedPrecondition: return .precondition(message: message)
        case .invalidArgument, .outOfRange, .alreadyExists:
            return .invalidArgument(message: message)
        case .cancelled, .unknown, .deadlineExceeded, .aborted, .internal, .unavailable, .dataLoss:
            return .unavailable(reason: reason, retryAfter: wait, sent: .maybe)
        case nil: return .malformed(reason: label)
        }
    }

    private static let rateLimitReasons: Set<String> = [
        "RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded",
    ]

    /// The canonical codes but OK, which is no failure.
    private enum Status: String {
        case cancelled = "CANCELLED"
        case unknown = "UNKNOWN"
        case invalidArgument = "INVALID_ARGUMENT"
        case deadlineExceeded = "DEADLINE_EXCEEDED"
        case notFound = "NOT_FOUND"
        case alreadyExists = "ALREADY_EXISTS"
        case permissionDenied = "PERMISSION_DENIED"
        case resourceExhausted = "RESOURCE_EXHAUSTED"
        case failedPrecondition = "FAILED_PRECONDITION"
        case aborted = "ABORTED"
        case outOfRange = "OUT_OF_RANGE"
        case unimplemented = "UNIMPLEMENTED"
        case `internal` = "INTERNAL"
        case unavailable = "UNAVAILABLE"
        case dataLoss = "DATA_LOSS"
        case unauthenticated = "UNAUTHENTICATED"

        /// What the number alone says; nil for a number that no service should send.
        init?(httpStatus: Int) {
            switch httpStatus {
            case 401: self = .unauthenticated
            case 403: self = .permissionDenied
            case 404: self = .notFound
            // The request did not get through: a slow sender, a replay guard, a gone client.
            case 408, 425, 499: self = .unavailable
            case 429: self = .resourceExhausted
            case 400...498: self = .invalidArgument
            case 501: self = .unimplemented
            case 500...599: self = .unavailable
            default: return nil
            }
        }
    }
}
