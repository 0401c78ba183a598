/// Why a call to an API gave no usable answer, told by what the caller can do about it.
package enum CallFailure: Error, Sendable, Equatable {
    /// 429, or 403 with a rate-limit reason: wait at least `retryAfter` if the server named it.
    case throttled(retryAfter: Duration?)
    /// 401: the token was refused, also after it was read again.
    case unauthenticated(message: String)
    /// 403: the caller lacks a permission.
    case denied(message: String)
    /// 404.
    case notFound
    /// 501 or UNIMPLEMENTED: the service does not offer this call.
    case unsupported(message: String)
    /// 400 FAILED_PRECONDITION: not in this state of the operation.
    case precondition(message: String)
    /// 400 INVALID_ARGUMENT and other 4xx: the request itself is wrong, e.g. a filter.
    case invalidArgument(message: String)
    /// 5xx, or no connection, or a connection that ended early.
    case unavailable(reason: String, retryAfter: Duration?, sent: Sent)
    /// An answer that is not what the API promises.
    case malformed(reason: String)
    /// A body or header over its limit.
    case tooLarge(limitBytes: Int)
    /// No whole answer within the time limit.
    case timedOut(after: Duration, sent: Sent)
    /// The daemon stops, or the call's permit had expired: nothing was sent.
    case notSent(reason: String)

    /// Whether the server may have seen the request.
    package enum Sent: Sendable, Equatable { case no, maybe }

    /// Whether a list or get may be repeated at once; a cancel never is.
    package var isRetryable: Bool {
        switch self {
        case .unavailable, .timedOut, .throttled: true
        case .unauthenticated, .denied, .notFound, .unsupported, .precondition, .invalidArgument,
            .malformed, .tooLarge, .notSent:
            false
        }
    }

    /// How long the server asked to be left alone.
    package var retryAfter: Duration? {
        switch self {
        case .throttled(let retryAfter), .unavailable(_, let retryAfter, _): retryAfter
        default: nil
        }
    }
}

extension CallFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .throttled(let retryAfter?):
            "throttled by the service, retry after \(retryAfter.components.seconds) s"
        case .throttled(nil): "throttled by the service"
        case .unauthenticated(let message): "the token was refused (401): \(message)"
        case .denied(let message): "permission denied (403): \(message)"
        case .notFound: "not found (404)"
        case .unsupported(let message): "not supported by the service (UNIMPLEMENTED): \(message)"
        case .precondition(let message):
            "not possible in this state (FAILED_PRECONDITION): \(message)"
        case .invalidArgument(let message): "refused as invalid: \(message)"
        case .unavailable(let reason, _, _): "unavailable: \(reason)"
        case .malformed(let reason): "malformed answer: \(reason)"
        case .tooLarge(let limitBytes): "answer larger than \(limitBytes) bytes"
        case .timedOut(let limit, _): "no whole answer within \(limit.components.seconds) s"
        case .notSent(let reason): "not sent: \(reason)"
        }
    }
}
