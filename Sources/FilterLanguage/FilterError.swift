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
    /// - Parameter text: the expression that was refused.
    package func caret(in text: String) -> String {
        Caret.lines(under: offset, in: text)
    }
}
