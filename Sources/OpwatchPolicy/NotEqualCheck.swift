import FilterLanguage
import WireFormat

/// `!=` in what protects: where the field's parent is missing it protects nothing.
struct NotEqualCheck {
    let problems: ProblemList

    /// Warns of every one in the match of a rule that ignores.
    func check(_ match: Expression) {
        for case .notEqualOnPath(let offset, let path) in match.filter.advice
        where FieldPath(path)?.segments.first?.text == "metadata" {
            let value = comparedValue(in: match.filter.text, from: offset)
            problems.warning(
                "match: \(path) != \(value) does not protect an operation without the field; "
                    + "write NOT \(path) = \(value)", at: match.mark(ofByte: offset))
        }
    }

    /// The value behind the first `!=` from a byte on, as written.
    private func comparedValue(in text: String, from offset: Int) -> String {
        let rest = String(decoding: text.utf8.dropFirst(offset), as: UTF8.self)
        guard let sign = rest.firstRange(of: "!=") else { return "VALUE" }
        let behind = rest[sign.upperBound...].drop(while: \.isWhitespace)
        guard let quote = behind.first, quote == "\"" || quote == "'" else {
            return String(behind.prefix { !$0.isWhitespace && $0 != ")" })
        }
        var isEscaped = false
        let inside = behind.dropFirst().prefix { character in
            let isEnd = character == quote && !isEscaped
            isEscaped = character == "\\" && !isEscaped
            return !isEnd
        }
        return "\(quote)\(inside)\(quote)"
    }
}
