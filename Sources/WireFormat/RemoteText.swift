/// Text of a server, made fit for a message.
package enum RemoteText {
    /// Bytes of UTF-8 that are kept unless told otherwise, the mark of a cut included.
    package static let bytesMax = 256

    /// Escapes what would break a line or deceive a reader, and cuts what is too long.
    package static func clean(_ text: String, bytesMax: Int = bytesMax) -> String {
        let mark = "…"
        var kept = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            let piece = isPlain(scalar) ? String(scalar) : escape(scalar)
            bytes += piece.utf8.count
            if bytes > bytesMax - mark.utf8.count { return kept + mark }
            kept += piece
        }
        return kept
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            false
        default: true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}
