import OpwatchReports
internal import Glibc

/// The loop of the writer thread.
final class LogThread: Sendable {
    private let queue: LogQueue
    private let sink: LogSink

    init(queue: LogQueue, sink: LogSink) {
        self.queue = queue
        self.sink = sink
    }

    /// Runs `thread` on a thread that nobody waits for: one that blocks in journald could not be
    /// joined.
    static func start(_ thread: LogThread) throws(LogWriterError) {
        // Signals are for the threads that await them; a new thread inherits the mask.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        let retained = Unmanaged.passRetained(thread)
        var id = pthread_t()
        let failure = pthread_create(
            &id, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<LogThread>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        guard failure == 0 else {
            retained.release()
            throw .noThread(errno: failure)
        }
        pthread_detach(id)
    }

    private func run() {
        while let (item, dropped) = queue.next() {
            var lost: UInt64 = 0
            if dropped > 0, !sink.deliver(Self.notice(of: dropped), at: item.time) {
                lost += dropped
            }
            if !sink.deliver(item.entry, at: item.time) {
                lost += 1
            }
            queue.settle(lost: lost)
        }
    }

    private static func notice(of dropped: UInt64) -> JournalEntry {
        JournalEntry(
            .logDropped,
            dropped == 1 ? "one log line was lost here" : "\(dropped) log lines were lost here",
            fields: [(.dropped, String(dropped))])
    }
}
