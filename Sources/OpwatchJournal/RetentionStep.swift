/// What `retain` did, for the log.
package enum RetentionStep: Sendable, Equatable, CustomStringConvertible {
    /// The next call goes on with what is in hand.
    case underway
    /// Of a journal file, past its time or the first to go for size, only the audit lines are kept.
    case thinned(file: String, kept: Int, of: Int)
    /// Audit lines past their time are gone.
    case removed(file: String)
    /// More than the policy allows, and nothing that may go.
    case tooLarge(bytes: Int64, allowed: Int64)

    /// One line for the log.
    package var description: String {
        switch self {
        case .underway: "the journal goes through its old files"
        case .thinned(let file, let kept, let count):
            "the journal keeps of \(file) its \(kept) audit lines of \(count)"
        case .removed(let file): "the journal lets \(file) go, past its time"
        case .tooLarge(let bytes, let allowed):
            "the journal has \(bytes) bytes, the policy allows \(allowed); what is left are the "
                + "files in use, audit lines before their time, and damaged files"
        }
    }
}
