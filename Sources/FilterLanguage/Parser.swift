internal import WireFormat

/// Builds the tree of an expression, by recursive descent over its tokens.
///
/// `docs/filter.md` has the grammar. Values in parentheses are read as expressions too, and every
/// value in them becomes a comparison with the field in front of them.
struct Parser {
    let bytes: [UInt8]
    let functions: [FilterFunction]
    private let tokens: [Token]
    private var position = 0
    private var depth = 0
    var terms = 0
    /// The field and the comparator whose values in parentheses are being read.
    var valuesOf: (path: FieldPath, comparator: Comparator)?
    /// What was met on the way, not yet in order.
    var advice: [FilterAdvice] = []
    /// The fields that were named so far.
    var mentions: [FieldMention] = []

    init(_ text: String, functions: [FilterFunction]) throws(FilterError) {
        self.functions = functions
        bytes = Array(text.utf8)
        guard bytes.count <= Limits.bytesMax else {
            throw FilterError(
                offset: Limits.bytesMax,
                message: "the expression is longer than \(Limits.bytesMax) bytes")
        }
        tokens = try Lexer.tokens(of: bytes)
    }

    /// The whole expression.
    mutating func filter() throws(FilterError) -> FilterTree {
        guard token.kind != .end else { return .everything }
        let tree = try expression()
        guard token.kind == .end else { throw Self.closesNothing(offset) }
        return tree
    }

    // MARK: Tokens

    var token: Token { tokens[position] }

    var offset: Int { token.range.lowerBound }

    /// The token in front of the current one.
    var previous: Token? { position > 0 ? tokens[position - 1] : nil }

    /// Goes on by one token, but never beyond `.end`.
    mutating func advance() {
        position = min(position + 1, tokens.count - 1)
    }

    /// Whether the token ends an expression.
    var isAtClose: Bool { token.kind == .end || token.kind == .close }

    // MARK: Expressions

    private mutating func expression() throws(FilterError) -> FilterTree {
        var factors: [FilterTree] = []
        var firstOr: Int?
        repeat {
            let factor = try factor()
            factors.append(factor.tree)
            firstOr = firstOr ?? factor.orOffset
            if token.keyword == "AND" {
                try passOperator()
            } else if valuesOf != nil, !isAtClose, token.kind != .comma {
                throw FilterError(
                    offset: offset, message: "two values stand side by side", expected: "OR or AND",
                    suggestion: "write OR for any of them, AND for all of them")
            }
        } while !isAtClose
        if factors.count > 1, let firstOr { advice.append(.mixedAndOr(offset: firstOr)) }
        return .joinedByAnd(factors)
    }

    /// One term, or several with OR between them, and where the first OR stands.
    private mutating func factor() throws(FilterError) -> (tree: FilterTree, orOffset: Int?) {
        var terms = [try term()]
        var orOffset: Int?
        while token.keyword == "OR" {
            orOffset = orOffset ?? offset
            try passOperator()
            terms.append(try term())
        }
        return (.joinedByOr(terms), orOffset)
    }

    /// Steps over an AND or OR that stands between two terms.
    private mutating func passOperator() throws(FilterError) {
        let word = token
        advance()
        if isAtClose || ["AND", "OR"].contains(token.keyword) {
            throw FilterError(
                offset: word.range.lowerBound, message: "`\(word.text)` needs a term on its right")
        }
        try requireSpace(behind: word)
    }

    /// A keyword that touches a parenthesis or a quote would read as something else elsewhere.
    private func requireSpace(behind word: Token) throws(FilterError) {
        guard !token.isAfterSpace else { return }
        throw FilterError(
            offset: word.range.upperBound, message: "`\(word.text)` needs a space behind it")
    }

    private mutating func term() throws(FilterError) -> FilterTree {
        let sign = token
        guard sign.keyword == "NOT" || sign.kind == .minus else { return try simple() }
        if valuesOf != nil {
            throw FilterError(
                offset: offset, message: "a value cannot be negated",
                suggestion: "write NOT in front of the field, or put the value in quotes")
        }
        let name = sign.keyword ?? "-"
        advance()
        if sign.kind == .minus, token.isAfterSpace {
            throw FilterError(
                offset: sign.range.lowerBound, message: "`-` must touch the term that it negates")
        }
        if isAtClose || ["AND", "OR"].contains(token.keyword) {
            throw FilterError(
                offset: sign.range.lowerBound, message: "`\(name)` needs a term on its right")
        }
        if token.keyword == "NOT" || token.kind == .minus {
            throw FilterError(
                offset: offset, message: "a term can be negated only once",
                suggestion: "write NOT (NOT a), or neither")
        }
        if sign.keyword != nil, case .comparator = token.kind {
            throw FilterError(
                offset: sign.range.lowerBound, message: "`NOT` is a keyword",
                suggestion: "put it in quotes to name a field")
        }
        if sign.keyword != nil { try requireSpace(behind: sign) }
        return .not(try simple())
    }

    private mutating func simple() throws(FilterError) -> FilterTree {
        switch token.kind {
        case .open:
            return try composite()
        case .text, .string:
            guard let keyword = token.keyword else { return try restriction() }
            throw FilterError(offset: offset, message: "`\(keyword)` needs a term on its left")
        case .comparator(let comparator):
            throw FilterError(
                offset: offset, message: "`\(comparator.rawValue)` needs a field on its left")
        case .close:
            throw Self.closesNothing(offset)
        case .dot:
            throw FilterError(offset: offset, message: "`.` needs a name on its left")
        case .comma:
            throw FilterError(
                offset: offset, message: "`,` stands only between the arguments of a function",
                suggestion: "write AND or OR")
        case .minus, .end:
            throw FilterError(offset: offset, message: "a term is missing")
        }
    }

    mutating func composite() throws(FilterError) -> FilterTree {
        let open = offset
        guard depth < Limits.nestingMax else {
            throw FilterError(
                offset: open,
                message: "more than \(Limits.nestingMax) parentheses inside one another")
        }
        depth += 1
        advance()
        if token.kind == .close {
            throw FilterError(offset: open, message: "nothing stands between the parentheses")
        }
        guard token.kind != .end else { throw Self.neverClosed(open) }
        let tree = try expression()
        guard token.kind == .close else { throw Self.neverClosed(open) }
        advance()
        depth -= 1
        if case .comparator(let comparator) = token.kind {
            throw FilterError(
                offset: offset,
                message: "`\(comparator.rawValue)` cannot compare a group in parentheses",
                suggestion: "write FIELD \(comparator.rawValue) VALUE inside the group")
        }
        try requireSpaceOrClose()
        return tree
    }

    /// The error for a `)` without its `(`.
    private static func closesNothing(_ close: Int) -> FilterError {
        FilterError(offset: close, message: "`)` closes nothing", suggestion: "remove it")
    }

    /// The error for a `(` without its `)`.
    static func neverClosed(_ open: Int) -> FilterError {
        FilterError(offset: open, message: "`(` is never closed", suggestion: "close it with )")
    }

    /// Refuses a term that touches the one in front of it.
    func requireSpaceOrClose() throws(FilterError) {
        guard !isAtClose, !token.isAfterSpace, token.kind != .comma else { return }
        throw FilterError(
            offset: offset, message: "two terms touch", expected: "a space, AND or OR")
    }
}
