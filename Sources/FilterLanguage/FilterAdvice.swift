/// Something legal that often means something else; the caller decides whether it is an error.
package enum FilterAdvice: Equatable, Sendable, CustomStringConvertible {
    /// AND, or terms side by side, mixed with an OR that stands in no parentheses of its own.
    case mixedAndOr(offset: Int)
    /// A word or quoted text without a comparator, which only looks into `name`; with what to
    /// write instead.
    case bareLiteral(offset: Int, text: String, suggestion: String)
    /// `!=` on a path of two segments or more, which never holds where the parent is missing.
    case notEqualOnPath(offset: Int, path: String)

    /// UTF-8 bytes from the start of the expression to the spot.
    package var offset: Int {
        switch self {
        case .mixedAndOr(let offset), .bareLiteral(let offset, _, _),
            .notEqualOnPath(let offset, _):
            offset
        }
    }

    package var description: String {
        switch self {
        case .mixedAndOr:
            "OR binds tighter than AND here; put parentheses around what belongs together"
        case .bareLiteral(_, let text, let suggestion):
            "a bare \(text) only looks into the operation's name; \(suggestion)"
        case .notEqualOnPath(_, let path):
            "`!=` does not match where the parent of \(path) is missing; "
                + "write NOT \(path) = VALUE to match there too"
        }
    }

    /// The line of the expression with the spot, and a `^` under it on a line of its own.
    /// - Parameter text: the expression that the advice is about.
    package func caret(in text: String) -> String {
        Caret.lines(under: offset, in: text)
    }
}
