/// Makes text from outside fit for a log line or a status: short, and unable to steer a terminal.
package enum Untrusted {
    /// What stands at the end of a text that was cut.
    private static let ellipsis = "…"

    /// `text` in at most `maxBytes` bytes of UTF-8, with every character that shows nothing or
    /// moves other text written as `\u{hex}`.
    ///
    /// Escaped are control and format characters (C0, DEL, C1, bidirectional controls, zero
    /// widths) and line and paragraph separators. A text that is too long ends in `…`, cut
    /// between characters and never inside an escape.
    /// - Parameter maxBytes: 256 is the bound of remote text in a log field; at least 3.
    package static func text(_ text: some StringProtocol, maxBytes: Int = 256) -> String {
        // Nearly every text is of this kind, and a table has a million of them.
        let whole = String(text)
        if whole.utf8.count <= maxBytes, whole.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            return whole
        }
        var kept = ""
        var keptBytes = 0
        // The longest beginning that would still leave room for the ellipsis.
        var cutHere = kept.endIndex
        for scalar in whole.unicodeScalars {
            let piece = shown(scalar)
            guard keptBytes + piece.utf8.count <= maxBytes else {
                return kept[..<cutHere] + ellipsis
            }
            kept += piece
            keptBytes += piece.utf8.count
            if keptBytes + ellipsis.utf8.count <= maxBytes { cutHere = kept.endIndex }
        }
        return kept
    }

    /// How many names `list` gives.
    package static let listedMax = 10

    /// The first ten names, and how many more there are.
    /// - Parameter count: of all names, those included that are not given.
    package static func list(_ names: some Collection<String>, count: Int) -> String {
        let listed = names.prefix(listedMax).map { text($0, maxBytes: 128) }
        let more = count - listed.count
        return listed.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            "\\u{\(String(scalar.value, radix: 16))}"
        default:
            String(scalar)
        }
    }
}
