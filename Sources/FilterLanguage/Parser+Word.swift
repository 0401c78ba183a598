/// Words without a comparator.
extension Parser {
    /// A literal without a comparator.
    mutating func word(_ segments: [Token]) throws(FilterError) -> FilterTree {
        let first = segments[0]
        let operators = ["and": "AND", "or": "OR", "not": "NOT"]
        if segments.count == 1, first.kind == .text,
            let keyword = operators[first.text.lowercased()]
        {
            throw FilterError(
                offset: first.range.lowerBound, message: "`\(first.text)` is not an operator",
                suggestion: "write \(keyword), or \"\(first.text)\" for the word")
        }
        let literal = try literal(segments, for: .has)
        try requireSpaceOrClose()
        let text = literal.shown
        advice.append(
            .bareLiteral(
                offset: first.range.lowerBound, text: text,
                suggestion: suggestion(for: text, segments)))
        return .word(literal)
    }

    /// What the word most likely was to be; a field's name often lacks its comparison.
    private func suggestion(for text: String, _ segments: [Token]) -> String {
        let orName = ", or name:\(text) to look into the operation's name"
        let first = segments[0]
        if segments.count == 1, first.kind == .text,
            let comparator = Self.comparatorWords[text.lowercased()]
        {
            return "write \(comparator) to compare" + orName
        }
        guard first.kind == .text, Self.fields.contains(first.text) else {
            return "write FIELD = VALUE" + orName
        }
        if text == "done" { return "write done = true" + orName }
        if let value = valueBehind() { return "write \(text) = \(value)" }
        return "write \(text):* to ask whether it is there, or \(text) = VALUE"
    }

    /// The next word, if it reads like the value of a comparison without its sign.
    private func valueBehind() -> String? {
        guard token.kind == .text || token.kind == .string, token.keyword == nil,
            Self.comparatorWords[token.text.lowercased()] == nil
        else { return nil }
        return Literal(text: token.text, isQuoted: token.kind == .string).shown
    }

    /// The fields of every operation.
    private static let fields: Set<String> = ["name", "metadata", "done", "error", "response"]

    /// What other languages have in place of the signs.
    private static let comparatorWords = [
        "is": "=", "eq": "=", "equals": "=", "in": "FIELD = (a OR b)", "like": "= with a *",
        "matches": "= with a *", "contains": ":", "has": ":", "ne": "!=", "lt": "<", "le": "<=",
        "gt": ">", "ge": ">=",
    ]
}

extension Literal {
    /// As printed, and not endless.
    fileprivate var shown: String {
        let shownMax = 40
        return printed.count > shownMax ? printed.prefix(shownMax) + "…" : printed
    }
}
