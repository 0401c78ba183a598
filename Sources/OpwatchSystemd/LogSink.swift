import OpwatchReports
internal import Glibc

/// Writes one entry at a time to its target; only the writer thread uses it, because it may block.
struct LogSink: Sendable {
    let target: LogTarget
    /// Where lines of text go; journald has its own socket.
    let descriptor: Int32

    /// - Returns: false when the entry is lost.
    func deliver(_ entry: JournalEntry, at time: Int64) -> Bool {
        switch target {
        case .journald: JournalDatagram(entry).send()
        case .prefixed: write(LogLine.prefixed(entry))
        case .plain: write(LogLine.plain(entry, at: time))
        case .terminal(let colour): write(LogLine.terminal(entry, at: time, colour: colour))
        }
    }

    private func write(_ line: String) -> Bool {
        let bytes = Array(line.utf8)
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { rest in
                Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if written >= 0 {
                start += written
            } else if errno == EAGAIN {
                waitUntilWritable()
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// The stream may have been made non-blocking by another process that shares it.
    private func waitUntilWritable() {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, -1)
    }
}
