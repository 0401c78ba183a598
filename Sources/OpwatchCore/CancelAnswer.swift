/// What an answer to `:cancel` means.
package enum CancelAnswer: Sendable, Equatable {
    /// 2xx, or a refusal after a cancel that may have arrived: verify.
    case accepted
    /// A definite no; a GET decides.
    case refused(Refusal)
    /// NOT_FOUND; a GET decides.
    case missing
    /// PERMISSION_DENIED: no verdict, one trial an hour.
    case denied
    /// 401, 429, a rate limit, 5xx, a proxy's page or nothing: it may have arrived all the same.
    case unanswered

    /// How long a refusal holds.
    package enum Refusal: Sendable, Equatable {
        /// FAILED_PRECONDITION, ABORTED, 409, 412: in another state it may be cancelled.
        case passing
        /// The request itself is refused.
        case lasting
        /// UNIMPLEMENTED: no operation of this kind can be cancelled.
        case unimplemented
    }
}

/// The words of `asked.status` in the journal: the name of a `StatusCode`, or one of these.
package enum AskedStatus {
    package static let ok = "OK"
    /// 403, 404 or 501 without a body.
    package static let wordless = "WORDLESS"

    /// The HTTP status, the word and the service's own words that the journal keeps of a failed
    /// `:cancel`.
    package static func of(
        _ failure: CallFailure
    ) -> (http: Int, status: String, words: String) {
        switch failure {
        // Also where it came as a 403 with a reason of rate or quota.
        case .throttled(let error):
            (error.http, StatusCode.resourceExhausted.rawValue, error.message)
        case .unauthenticated(let error), .denied(let error), .notFound(let error),
            .unsupported(let error), .refused(let error):
            (error.http, error.code.rawValue, error.message)
        case .wordless(let http): (http, wordless, "")
        case .foreign(let http, let reason): (http, "FOREIGN", reason)
        case .unavailable(let reason, _, _): (0, "UNAVAILABLE", reason)
        case .malformed(let reason): (0, "MALFORMED", reason)
        case .tooLarge: (0, "TOO_LARGE", "")
        case .timedOut: (0, "DEADLINE_EXCEEDED", "")
        case .notSent(let reason): (0, "NOT_SENT", reason)
        }
    }
}
