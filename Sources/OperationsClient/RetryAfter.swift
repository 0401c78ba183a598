package import WireFormat

/// How long a service asks to be left alone.
package enum RetryAfter {
    /// Nobody is left alone for longer, whatever the service says.
    package static let longest = Duration.seconds(3_600)

    /// The largest of what an answer asks for, at most `longest`; nil if it asks for nothing.
    ///
    /// - Parameters:
    ///   - headers: every `Retry-After`: seconds, or an HTTP date.
    ///   - date: `Date` of the same answer; without it an HTTP date says nothing.
    ///   - retryDelay: `RetryInfo.retryDelay` of the error envelope.
    package static func longest(
        headers: [String], date: Timestamp?, retryDelay: Duration?
    ) -> Duration? {
        var asked = headers.compactMap { wait($0, date) }
        if let retryDelay, retryDelay >= .zero { asked.append(retryDelay) }
        return asked.max().map { min($0, longest) }
    }

    private static func wait(_ header: String, _ date: Timestamp?) -> Duration? {
        let text = header.trimmingBlanks
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // What does not fit into 64 bits is absurd, and absurd means the longest.
            return Int64(text).map { .seconds(min($0, 1 << 32)) } ?? longest
        }
        guard let date, let until = Timestamp(httpDate: text) else { return nil }
        return max(until.duration(since: date), .zero)
    }
}

extension String {
    fileprivate var trimmingBlanks: Substring {
        var text = Substring(self)
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
