/// Why a call to an API gave no usable answer, told by what the caller can do about it.
package enum CallFailure: Error, Sendable, Equatable {
    /// 429, or 403 with a reason of rate or quota: wait at least as long as it asks.
    case throttled(ServiceError)
    /// 401: the token was refused, also after it was read again.
    case unauthenticated(ServiceError)
    /// PERMISSION_DENIED: the caller lacks a permission.
    case denied(ServiceError)
    /// NOT_FOUND.
    case notFound(ServiceError)
    /// UNIMPLEMENTED: the service does not offer this call.
    case unsupported(ServiceError)
    /// Any other definite no, e.g. FAILED_PRECONDITION, ABORTED, INVALID_ARGUMENT: the code says
    /// whether it may pass.
    case refused(ServiceError)
    /// 403, 404 or 501 without a body: speaks for the service only where it is repeated.
    case wordless(http: Int)
    /// An answer of somebody in between, such as the HTML page of a proxy: speaks for nobody.
    case foreign(http: Int, reason: String)
    /// 5xx, or no connection, or a connection that ended early.
    case unavailable(reason: String, retryAfter: Duration?, sent: Sent)
    /// An answer that is not what the API promises.
    case malformed(reason: String)
    /// A body over its limit.
    case tooLarge(limitBytes: Int)
    /// No whole answer within the time limit.
    case timedOut(after: Duration, sent: Sent)
    /// The daemon stops, or the call's permit had expired: nothing was sent.
    case notSent(reason: String)

    /// Whether the server may have seen the request.
    package enum Sent: Sendable, Equatable { case no, maybe }

    /// Whether a list or get may be repeated at once; a cancel never is. What took all the time
    /// there is would do so again.
    package var isRetryable: Bool {
        switch self {
        case .unavailable, .throttled: true
        case .timedOut, .unauthenticated, .denied, .notFound, .unsupported, .refused, .wordless,
            .foreign, .malformed, .tooLarge, .notSent:
            false
        }
    }

    /// Whether nothing of the request can have reached the service.
    package var isUnsent: Bool {
        switch self {
        case .notSent, .unavailable(_, _, sent: .no), .timedOut(_, sent: .no): true
        case .throttled, .unauthenticated, .denied, .notFound, .unsupported, .refused, .wordless,
            .foreign, .unavailable, .malformed, .tooLarge, .timedOut:
            false
        }
    }

    /// How long the server asked to be left alone.
    package var retryAfter: Duration? {
        if case .unavailable(_, let retryAfter, _) = self { return retryAfter }
        return error?.retryAfter
    }

    /// What the service itself said, where it said anything.
    package var error: ServiceError? {
        switch self {
        case .throttled(let error), .unauthenticated(let error), .denied(let error),
            .notFound(let error), .unsupported(let error), .refused(let error):
            error
        case .wordless, .foreign, .unavailable, .malformed, .tooLarge, .timedOut, .notSent: nil
        }
    }

    /// Whether it says something about the service, and not about the one resource that was asked
    /// for.
    package var isOfService: Bool {
        switch self {
        case .throttled, .unauthenticated, .foreign, .unavailable, .timedOut: true
        case .denied, .notFound, .unsupported, .refused, .wordless, .malformed, .tooLarge,
            .notSent:
            false
        }
    }

    /// Whether fewer operations in a page may help.
    package var isOfPageSize: Bool {
        switch self {
        case .tooLarge: true
        case .refused(let error): error.code == .outOfRange
        case .throttled, .unauthenticated, .denied, .notFound, .unsupported, .wordless, .foreign,
            .unavailable, .malformed, .timedOut, .notSent:
            false
        }
    }

    /// Whether the resource is not there: 404, said by the service or without a word.
    package var saysGone: Bool {
        switch self {
        case .notFound, .wordless(http: 404): true
        case .throttled, .unauthenticated, .denied, .unsupported, .refused, .wordless, .foreign,
            .unavailable, .malformed, .tooLarge, .timedOut, .notSent:
            false
        }
    }
}

extension CallFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .throttled(let error): "throttled by the service, \(error)\(Self.wait(error))"
        case .unauthenticated(let error): "the token was refused, \(error)"
        case .denied(let error): "permission denied, \(error)"
        case .notFound(let error): "not found, \(error)"
        case .unsupported(let error): "not supported by the service, \(error)"
        case .refused(let error): "refused, \(error)"
        case .wordless(let http): "HTTP \(http) without a word"
        case .foreign(let http, let reason): "HTTP \(http), not the service's own answer: \(reason)"
        case .unavailable(let reason, _, _): "unavailable: \(reason)"
        case .malformed(let reason): "malformed answer: \(reason)"
        case .tooLarge(let limitBytes): "answer larger than \(limitBytes) bytes"
        case .timedOut(let limit, _): "no whole answer within \(limit.components.seconds) s"
        case .notSent(let reason): "not sent: \(reason)"
        }
    }

    /// The same without the word that nothing was sent, for where that is no question.
    package var cause: String {
        if case .notSent(let reason) = self { reason } else { description }
    }

    private static func wait(_ error: ServiceError) -> String {
        error.retryAfter.map { ", retry after \($0.components.seconds) s" } ?? ""
    }
}
