/// How much a log line asks of its reader; the numbers are those of syslog(3).
package enum Priority: Int, Sendable, CaseIterable, Comparable {
    /// A human must act.
    case error = 3
    /// Something failed, and we go on.
    case warning = 4
    /// We acted on an operation, or something changed that an operator did.
    case notice = 5
    case info = 6
    case debug = 7

    /// The more important one is the smaller, as in syslog.
    package static func < (one: Priority, other: Priority) -> Bool {
        one.rawValue < other.rawValue
    }

    /// The word for people.
    package var word: String {
        switch self {
        case .error: "error"
        case .warning: "warning"
        case .notice: "notice"
        case .info: "info"
        case .debug: "debug"
        }
    }
}
