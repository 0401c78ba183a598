import OpwatchReports
internal import CSystemd
internal import Glibc

/// An entry in the form that journald takes: one buffer of `NAME=value` pieces and where each lies.
struct JournalDatagram {
    private(set) var bytes: [UInt8] = []
    private(set) var spans: [Range<Int>] = []

    init(_ entry: JournalEntry) {
        append("MESSAGE", entry.message)
        append("PRIORITY", String(entry.priority.rawValue))
        append("SYSLOG_IDENTIFIER", "opwatchd")
        if let kind = entry.kind {
            append("MESSAGE_ID", kind.entry.id)
        }
        append("CODE_FILE", String(describing: entry.codeFile))
        append("CODE_LINE", String(entry.codeLine))
        if let errno = entry.errno {
            append("ERRNO", String(errno))
        }
        for field in entry.fields {
            append(field.name.rawValue, field.value)
        }
    }

    private mutating func append(_ name: String, _ value: String) {
        let start = bytes.count
        bytes += name.utf8
        bytes.append(UInt8(ascii: "="))
        bytes += value.utf8
        spans.append(start..<bytes.count)
    }

    /// Hands it to journald; blocks while journald does not read.
    /// - Returns: whether journald took it. Also true when nothing listens at journald's socket:
    ///   libsystemd drops entries silently then.
    consuming func send() -> Bool {
        let spans = spans
        return bytes.withUnsafeMutableBytes { buffer in
            let pieces = spans.map { span in
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[span])
                return iovec(iov_base: piece.baseAddress, iov_len: piece.count)
            }
            return sd_journal_sendv(pieces, Int32(pieces.count)) >= 0
        }
    }
}
