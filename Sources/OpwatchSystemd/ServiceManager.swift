import OpwatchReports
internal import CSystemd
internal import Glibc

/// Talks to the service manager over sd_notify(3).
///
/// Every call is harmless where no manager listens. A status is one line: control characters are
/// escaped, and what exceeds `statusBytesMax` is cut.
package struct ServiceManager: Sendable {
    /// The manager drops a message of more than 4,096 bytes whole, and people read one line.
    package static let statusBytesMax = 200

    /// Whether a service manager asked to be notified.
    package let isPresent: Bool
    /// The time after which the manager takes us for hung (`WatchdogSec=`); ping at half of it.
    ///
    /// Nil when the watchdog is off or meant for another process.
    package let watchdogInterval: Duration?
    private let send: @Sendable (String) -> Void
    private let wait: @Sendable (Duration) -> Bool

    /// The manager named by `$NOTIFY_SOCKET` and `$WATCHDOG_USEC`, if any.
    package init() {
        isPresent = environmentValue("NOTIFY_SOCKET") != nil
        var microseconds: UInt64 = 0
        watchdogInterval =
            sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(microseconds) : nil
        // A lost message leaves the manager's view stale, which is all that can be said about it.
        send = { message in _ = sd_notify(0, message) }
        wait = { limit in sd_notify_barrier(0, limit.wholeMicroseconds) > 0 }
    }

    /// A manager that hands each message to `send`, so that a test can read them.
    package init(watchdogInterval: Duration? = nil, send: @escaping @Sendable (String) -> Void) {
        self.init(isPresent: true, watchdogInterval, send)
    }

    /// Nobody listens.
    package static let absent = ServiceManager(isPresent: false, nil) { _ in }

    private init(
        isPresent: Bool, _ watchdogInterval: Duration?, _ send: @escaping @Sendable (String) -> Void
    ) {
        self.isPresent = isPresent
        self.watchdogInterval = watchdogInterval
        self.send = send
        wait = { _ in isPresent }
    }

    /// Policy and journal are loaded; also ends a reload.
    package func ready(status: String) {
        send("READY=1\n\(Self.line(status))")
    }

    /// Replaces the line that `systemctl status` shows.
    package func status(_ status: String) {
        send(Self.line(status))
    }

    /// Tells that the work loop made progress; to be called from that loop only.
    package func watchdog() {
        send("WATCHDOG=1")
    }

    /// A reload begins; `ready` ends it.
    package func reloading(status: String) {
        // The manager takes the time only from the message that announces the reload.
        send("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)\n\(Self.line(status))")
    }

    /// The shutdown begins.
    package func stopping(status: String) {
        send("STOPPING=1\n\(Self.line(status))")
    }

    /// Asks for `duration` from now before the manager gives up on a start, reload or stop.
    package func extendTimeout(_ duration: Duration, status: String) {
        send("EXTEND_TIMEOUT_USEC=\(duration.wholeMicroseconds)\n\(Self.line(status))")
    }

    /// Says why the daemon is about to exit with an error.
    /// - Parameter errno: the nearest system error, e.g. EINVAL for a bad policy.
    package func failed(status: String, errno: Int32) {
        send("\(Self.line(status))\nERRNO=\(errno)")
    }

    /// Waits until the manager has read everything sent so far, at most `timeout`.
    ///
    /// To be called before exit, where a message of a process that is gone could be discarded.
    /// - Returns: whether it has; false also where no manager listens.
    @discardableResult
    package func barrier(timeout: Duration) -> Bool {
        wait(timeout)
    }

    private static func line(_ status: String) -> String {
        "STATUS=\(Untrusted.text(status, maxBytes: statusBytesMax))"
    }

    private static var monotonicMicroseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }
}

extension Duration {
    /// Rounded down; 0 for a negative one, and the largest number for what does not fit.
    var wholeMicroseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflows) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000)
        let (sum, carries) = product.addingReportingOverflow(
            UInt64(attoseconds / 1_000_000_000_000))
        return overflows || carries ? .max : sum
    }
}
