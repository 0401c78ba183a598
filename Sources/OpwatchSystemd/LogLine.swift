import OpwatchReports
internal import Glibc

/// An entry as one line of text with its line feed, for everything but journald's own protocol.
///
/// Times are seconds since 1970 UTC.
enum LogLine {
    /// `<4>…`, as sd-daemon(3) has it.
    static func prefixed(_ entry: JournalEntry) -> String {
        "<\(entry.priority.rawValue)>\(entry.message)\n"
    }

    /// `2025-07-01T12:04:05Z warning: …`
    static func plain(_ entry: JournalEntry, at time: Int64) -> String {
        let t = brokenDown(time, by: gmtime_r)
        let year = padded(t.tm_year + 1_900, to: 4)
        let date = "\(year)-\(padded(t.tm_mon + 1))-\(padded(t.tm_mday))"
        return "\(date)T\(clockTime(t))Z \(entry.priority.word): \(entry.message)\n"
    }

    /// `12:04:05 warning: …` in the time zone of whoever watches; plain information bears no
    /// word.
    static func terminal(_ entry: JournalEntry, at time: Int64, colour: Bool) -> String {
        let label = entry.priority == .info ? "" : "\(entry.priority.word): "
        let text = "\(clockTime(brokenDown(time, by: localtime_r))) \(label)\(entry.message)"
        guard colour, let code = colourCode(entry.priority) else { return "\(text)\n" }
        return "\u{1b}[\(code)m\(text)\u{1b}[0m\n"
    }

    /// The parameters of "select graphic rendition".
    private static func colourCode(_ priority: Priority) -> String? {
        switch priority {
        case .error: "1;31"
        case .warning: "33"
        case .notice: "1"
        case .info: nil
        case .debug: "2"
        }
    }

    /// gmtime_r or localtime_r.
    private typealias Conversion = (
        UnsafePointer<time_t>, UnsafeMutablePointer<tm>
    ) -> UnsafeMutablePointer<tm>?

    private static func brokenDown(_ time: Int64, by convert: Conversion) -> tm {
        var seconds = time_t(time)
        var parts = tm()
        _ = convert(&seconds, &parts)
        return parts
    }

    private static func clockTime(_ t: tm) -> String {
        "\(padded(t.tm_hour)):\(padded(t.tm_min)):\(padded(t.tm_sec))"
    }

    private static func padded(_ number: Int32, to width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
