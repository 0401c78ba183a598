package import OpwatchReports
internal import Glibc

/// Writes log entries from a thread of its own, so that a journald that stands still never holds up
/// whoever logs.
///
/// Between the two is a ring of bounded size. When it is full the oldest of the least important
/// entries is given up, and the next one that comes through is preceded by a `logDropped` that
/// counts them.
package final class LogWriter: Sendable {
    private let queue: LogQueue
    private let now: @Sendable () -> Int64

    /// Starts the thread.
    /// - Parameters:
    ///   - capacity: entries that may wait; at least 1.
    ///   - descriptor: where lines of text go; must stay open as long as the process.
    ///   - now: seconds since 1970 UTC.
    package init(
        target: LogTarget, capacity: Int = 4_096, descriptor: Int32 = STDERR_FILENO,
        now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) throws(LogWriterError) {
        queue = LogQueue(capacity: capacity)
        self.now = now
        try LogThread.start(
            LogThread(queue: queue, sink: LogSink(target: target, descriptor: descriptor)))
    }

    deinit {
        queue.close()
    }

    /// Leaves the entry to the writer thread; never blocks. Ignored after `close`.
    package func write(_ entry: JournalEntry) {
        queue.push(entry, at: now())
    }

    /// Waits until everything written before the call has left, at most `limit`; for the stop only.
    /// - Returns: whether it has left, or was given up for lack of room.
    @discardableResult
    package func flush(within limit: Duration) -> Bool {
        queue.waitUntilSettled(within: limit)
    }

    /// Takes no more entries; the thread ends by itself once the rest has left.
    package func close() {
        queue.close()
    }

    /// Entries that the thread has not begun to write.
    package var waiting: Int { queue.waiting }
}

/// Why there is no log writer.
package enum LogWriterError: Error, Equatable, CustomStringConvertible {
    /// The system refused a thread, with its error number.
    case noThread(errno: Int32)

    package var description: String {
        switch self {
        case .noThread(let errno):
            "cannot start the log thread: \(String(cString: strerror(errno)))"
        }
    }
}
