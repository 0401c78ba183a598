/// Why there is no token, told by what may help.
package enum AuthFailure: Error, Sendable, Equatable {
    /// A file, a variable or a policy that somebody has to mend; nothing was sent.
    case setup(String)
    /// The other side said a definite no: a key that was revoked, a login that is over.
    case refused(String)
    /// No answer, or one that may pass: tried again.
    case unavailable(String)
    /// The asking task was cancelled.
    case stopped
}

extension AuthFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .setup(let reason), .refused(let reason), .unavailable(let reason): reason
        case .stopped: "stopped before the token came"
        }
    }
}
