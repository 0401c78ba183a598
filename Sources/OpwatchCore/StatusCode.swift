/// The codes of `google.rpc.Code` but OK, which is no failure; the raw value is the name that
/// stands in an error's `status` and in the journal.
package enum StatusCode: String, Sendable, CaseIterable {
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

    /// By the number of `google.rpc.Code`, 1...16; nil for any other.
    package init?(number: Int64) {
        guard (1...Int64(Self.allCases.count)).contains(number) else { return nil }
        self = Self.allCases[Int(number) - 1]
    }

    /// What the HTTP status alone says; nil for one that no service should send as a failure.
    package init?(http: Int) {
        switch http {
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404: self = .notFound
        // The request did not get through: a slow sender, a replay guard, a gone client.
        case 408, 425, 499: self = .unavailable
        case 409: self = .aborted
        case 412: self = .failedPrecondition
        case 429: self = .resourceExhausted
        case 400...498: self = .invalidArgument
        case 501: self = .unimplemented
        case 500...599: self = .unavailable
        default: return nil
        }
    }
}
