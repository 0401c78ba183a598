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
        let named = envelope.status.flatMap { StatusCode(rawValue: $0) }
        guard let code = named ?? StatusCode(http: httpStatus) else {
            return .malformed(reason: "HTTP \(httpStatus)")
        }
        let error = ServiceError(
            http: httpStatus, code: code,
            message: RemoteText.clean(redact(envelope.message ?? "")), retryAfter: wait)
        switch code {
        case .unauthenticated: return .unauthenticated(error)
        case .permissionDenied:
            let isRateLimit = envelope.reasons.contains { rateLimitReasons.contains($0) }
            return isRateLimit ? .throttled(error) : .denied(error)
        case .resourceExhausted: return .throttled(error)
        case .notFound: return .notFound(error)
        case .unimplemented: return .unsupported(error)
        case .failedPrecondition, .aborted, .invalidArgument, .outOfRange, .alreadyExists:
            return .refused(error)
        case .cancelled, .unknown, .deadlineExceeded, .internal, .unavailable, .dataLoss:
            return .unavailable(reason: error.description, retryAfter: wait, sent: .maybe)
        }
    }

    private static let rateLimitReasons: Set<String> = [
        "RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded",
    ]
}
