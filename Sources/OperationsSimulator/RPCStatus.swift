/// The codes of `google.rpc.Code` that the simulator speaks, by their wire names.
package enum RPCStatus: String, Sendable, CaseIterable {
    case cancelled = "CANCELLED"
    case invalidArgument = "INVALID_ARGUMENT"
    case notFound = "NOT_FOUND"
    case permissionDenied = "PERMISSION_DENIED"
    case resourceExhausted = "RESOURCE_EXHAUSTED"
    case failedPrecondition = "FAILED_PRECONDITION"
    case unimplemented = "UNIMPLEMENTED"
    case `internal` = "INTERNAL"
    case unavailable = "UNAVAILABLE"
    case unauthenticated = "UNAUTHENTICATED"

    /// The number inside an operation's `error.code`.
    package var code: Int {
        switch self {
        case .cancelled: 1
        case .invalidArgument: 3
        case .notFound: 5
        case .permissionDenied: 7
        case .resourceExhausted: 8
        case .failedPrecondition: 9
        case .unimplemented: 12
        case .internal: 13
        case .unavailable: 14
        case .unauthenticated: 16
        }
    }

    /// The status of the HTTP answer, also the `error.code` of its envelope.
    package var httpStatus: Int {
        switch self {
        case .cancelled: 499
        case .invalidArgument, .failedPrecondition: 400
        case .notFound: 404
        case .permissionDenied: 403
        case .resourceExhausted: 429
        case .unimplemented: 501
        case .internal: 500
        case .unavailable: 503
        case .unauthenticated: 401
        }
    }
}
