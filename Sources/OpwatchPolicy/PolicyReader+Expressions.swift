import FilterLanguage
import WireFormat

/// A filter expression of the file, with what it takes to point into it.
struct Expression {
    let filter: Filter
    let scalar: YAMLScalar
    let mark: Mark

    /// The place of the byte `offset` of the expression.
    func mark(ofByte offset: Int) -> Mark {
        scalar.mark(ofByte: offset, from: mark)
    }
}

extension PolicyReader {
    /// An expression that is not empty.
    mutating func expression(_ entry: Section.Entry) -> Expression? {
        guard let scalar = scalar(entry) else { return nil }
        if scalar.text.allSatisfy(\.isWhitespace) {
            problems.error(
                "\(entry.label) must not be empty; 'name:*' takes every operation",
                at: entry.value.mark)
            return nil
        }
        do {
            return Expression(
                filter: try Filter(parsing: scalar.text), scalar: scalar, mark: entry.value.mark)
        } catch {
            problems.error(
                "\(entry.label): \(error.explanation)",
                at: scalar.mark(ofByte: error.offset, from: entry.value.mark))
            return nil
        }
    }

    /// Refuses what a rule's `match` must say more plainly than the language asks for.
    mutating func checkPlainness(of match: Expression) {
        for advice in match.filter.advice {
            switch advice {
            case .mixedAndOr(let offset):
                problems.error(
                    "match: AND mixed with OR needs parentheses; without them OR binds tighter",
                    at: match.mark(ofByte: offset))
            case .bareLiteral(let offset, let text, let suggestion):
                problems.error(
                    "match: the bare \(text) needs a field; \(suggestion)",
                    at: match.mark(ofByte: offset))
            case .notEqualOnPath:
                continue
            }
        }
    }

    /// Warns of what is legal in a service's `filter` and probably meant otherwise.
    mutating func warn(of filter: Expression) {
        for advice in filter.filter.advice {
            if case .notEqualOnPath = advice { continue }
            problems.warning("filter: \(advice)", at: filter.mark(ofByte: advice.offset))
        }
        if let conflict = proof.conflict(in: filter.filter) {
            problems.warning(
                "filter: no running operation passes it: \(conflict)", at: filter.mark)
        }
    }

    /// Warns of `!=` in what protects: where the field's parent is missing it protects nothing.
    mutating func warnOfNotEqual(in match: Expression) {
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
