/// The proven end of a cancel, read back from the service.
package enum Verdict: String, Sendable, Hashable, CaseIterable {
    /// Done with code 1 after we asked.
    case cancelled
    /// Done without an error although we asked.
    case finishedAnyway
    /// Done with another error code.
    case failedOtherwise
    /// Gone: two answers of 404, some time apart.
    case vanished
    /// The service does not cancel this operation, and it still runs.
    case refused
    /// Still running after every attempt was accepted and waited for: a human must look.
    case defied
    /// Done with code 1 although we never asked.
    case cancelledByOther

    /// Whether the operation still ran when this was found, so that its real end comes later.
    package var leavesRunning: Bool {
        switch self {
        case .refused, .defied: true
        case .cancelled, .finishedAnyway, .failedOtherwise, .vanished, .cancelledByOther: false
        }
    }
}
