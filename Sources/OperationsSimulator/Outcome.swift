/// How a finished operation ended.
package enum Outcome: Hashable, Sendable {
    /// `done` with a `response` that suits the operation's type.
    case response
    /// `done` with neither `response` nor `error`, as some services do.
    case nothing
    /// `done` with an `error` of that code.
    case error(RPCStatus, message: String)

    /// `done` with `error.code` 1, the mark of a cancellation that took effect.
    package static let cancelled = Outcome.error(.cancelled, message: "Operation was cancelled.")
}
