internal import Glibc

/// Where log lines go and how they look there.
package enum LogTarget: Sendable, Equatable {
    /// journald's own protocol, with all fields.
    case journald
    /// Lines that begin with `<N>`, for a stream that journald reads.
    case prefixed
    /// Short lines for a human who watches.
    case terminal(colour: Bool)
    /// Lines that begin with the time in UTC, for files and pipes.
    case plain

    /// journald's socket for entries with fields.
    private static let journaldSocket = "/run/systemd/journal/socket"

    /// What standard error is: `$JOURNAL_STREAM` names the device and inode of the stream that
    /// systemd made for it (systemd.exec(5)), so a redirected stream is recognised as something
    /// else.
    ///
    /// `NO_COLOR` and `TERM=dumb` are respected.
    package static func detect() -> LogTarget {
        detect(descriptor: STDERR_FILENO, socket: journaldSocket, environment: environmentValue)
    }

    static func detect(
        descriptor: Int32, socket: String, environment: (String) -> String?
    ) -> LogTarget {
        if let stream = environment("JOURNAL_STREAM"), stream == identity(of: descriptor) {
            return access(socket, W_OK) == 0 ? .journald : .prefixed
        }
        guard isatty(descriptor) == 1 else { return .plain }
        let isColourless =
            environment("NO_COLOR")?.isEmpty == false || environment("TERM") == "dumb"
        return .terminal(colour: !isColourless)
    }

    /// `device:inode`, as in `$JOURNAL_STREAM`.
    private static func identity(of descriptor: Int32) -> String? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return "\(status.st_dev):\(status.st_ino)"
    }
}

/// A variable of the environment; nothing sets one while the daemon runs.
func environmentValue(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
}
