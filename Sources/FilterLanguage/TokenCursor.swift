/// A place among the tokens of an expression, which only moves on.
struct TokenCursor {
    private let tokens: [Token]
    private var position = 0

    /// - Parameter tokens: as the lexer gives them, `.end` being the last one.
    init(_ tokens: [Token]) {
        self.tokens = tokens
    }

    /// What stands at the place; `.end` when everything else was passed.
    var token: Token { tokens[position] }

    /// Where it stands, in UTF-8 bytes.
    var offset: Int { token.range.lowerBound }

    /// The token in front of it.
    var previous: Token? { position > 0 ? tokens[position - 1] : nil }

    /// Whether it ends an expression.
    var isAtClose: Bool { token.kind == .end || token.kind == .close }

    /// Goes on by one token, but never beyond `.end`.
    mutating func advance() {
        position = min(position + 1, tokens.count - 1)
    }

    /// Refuses a term that touches the one in front of it.
    func requireSpaceOrClose() throws(FilterError) {
        guard !isAtClose, !token.isAfterSpace, token.kind != .comma else { return }
        throw FilterError(
            offset: offset, message: "two terms touch", expected: "a space, AND or OR")
    }
}
