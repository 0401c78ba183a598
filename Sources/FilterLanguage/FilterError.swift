/// Why an expression is not a filter, and where.
///
/// The texts never hold control characters of the expression.
package struct FilterError: Error, Equatable, CustomStringConvertible {
    /// UTF-8 bytes from the start of the expression to the spot.
    package let offset: Int
    /// What is wrong, one clause without a full stop.
    package let message: String
    /// What may stand at the spot, where that is a short list.
    package let expected: String?
    /// What to write instead, where the intent can be guessed.
    package let suggestion: String?

    /// An error at a spot of the expression.
    package init(
        offset: Int, message: String, expected: String? = nil, suggestion: String? = nil
    ) {
        self.offset = offset
        self.message = message
        self.expected = expected
        self.suggestion = suggestion
    }

    /// Message, expectation and suggestion in one line, without the offset.
    package var explanation: String {
        var text = message
        if let expected { text += ", expected \(expected)" }
        if let suggestion { text += "; \(suggestion)" }
        return text
    }

    package var description: String {
        "byte \(offset): \(explanation)"
    }

    /// The line of the expression with the spot, and a `^` under the spot on a line of its own.
    ///
    /// The column is counted in characters; tabs stay tabs, so that the `^` stays in place.
    /// - Parameter text: the expression that was refused.
    package func caret(in text: String) -> String {
        let bytes = Array(text.utf8)
        let spot = min(max(offset, 0), bytes.count)
        let newline = UInt8(ascii: "\n")
        let start = bytes[..<spot].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = bytes[spot...].firstIndex(of: newline) ?? bytes.count
        let margin = Self.printable(bytes[start..<spot]).map { character in
            character == "\t" ? "\t" : " "
        }
        return Self.printable(bytes[start..<end]) + "\n" + margin.joined() + "^"
    }

    /// A terminal obeys control characters, so none but the tab goes out.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        var line = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
            line.append(isControl ? " " : scalar)
        }
        return String(line)
    }
}
