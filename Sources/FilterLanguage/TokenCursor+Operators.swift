/// AND, OR, NOT and `-`, and what must stand around them.
extension TokenCursor {
    /// Steps over an AND or OR that stands between two terms.
    mutating func passConnective() throws(FilterError) {
        let word = token
        advance()
        try requireTerm(behind: word.text, at: word.range.lowerBound)
        try requireSpace(behind: word)
    }

    /// Whether a NOT stands here, or a `-` in its place.
    var isAtNegation: Bool { token.keyword == "NOT" || token.kind == .minus }

    /// Steps over a NOT or `-`; what remains is a term, and one without a sign of its own.
    mutating func passNegation() throws(FilterError) {
        let sign = token
        let start = sign.range.lowerBound
        advance()
        if sign.kind == .minus, token.isAfterSpace {
            throw FilterError(offset: start, message: "`-` must touch the term that it negates")
        }
        try requireTerm(behind: sign.keyword ?? "-", at: start)
        if isAtNegation {
            throw FilterError(
                offset: offset, message: "a term can be negated only once",
                suggestion: "write NOT (NOT a), or neither")
        }
        guard sign.keyword != nil else { return }
        if case .comparator = token.kind {
            throw FilterError(
                offset: start, message: "`NOT` is a keyword",
                suggestion: "put it in quotes to name a field")
        }
        try requireSpace(behind: sign)
    }

    private func requireTerm(behind name: String, at start: Int) throws(FilterError) {
        guard isAtClose || ["AND", "OR"].contains(token.keyword) else { return }
        throw FilterError(offset: start, message: "`\(name)` needs a term on its right")
    }

    /// A keyword that touches a parenthesis or a quote would read as something else elsewhere.
    private func requireSpace(behind word: Token) throws(FilterError) {
        guard !token.isAfterSpace else { return }
        throw FilterError(
            offset: word.range.upperBound, message: "`\(word.text)` needs a space behind it")
    }
}
