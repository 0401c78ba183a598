internal import WireFormat

/// Builds the tree of an expression, by recursive descent over its tokens.
///
/// `docs/filter.md` has the grammar. What recurses is here: terms, AND, OR, NOT and parentheses.
/// Values in parentheses are read as expressions too; the left side in front of them is passed
/// down, and every value becomes a comparison with it.
struct Parser {
    private let calls: CallReader
    private var cursor: TokenCursor
    private var depth = 0
    private var terms = 0
    /// What was met on the way, not yet in order.
    private(set) var advice: [FilterAdvice] = []
    /// The fields that were named so far.
    private(set) var mentions: [FieldMention] = []

    init(_ text: String, functions: [FilterFunction]) throws(FilterError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Limits.bytesMax else {
            throw FilterError(
                offset: Limits.bytesMax,
                message: "the expression is longer than \(Limits.bytesMax) bytes")
        }
        cursor = TokenCursor(try Lexer.tokens(of: bytes))
        calls = CallReader(functions: functions)
    }

    /// The whole expression.
    mutating func filter() throws(FilterError) -> FilterTree {
        guard cursor.token.kind != .end else { return .everything }
        let tree = try expression(behind: nil)
        guard cursor.token.kind == .end else { throw .closesNothing(at: cursor.offset) }
        return tree
    }

    // MARK: Groups

    /// Factors side by side or with AND between them.
    /// - Parameter left: what values share, between which AND must be written; nil where every
    ///   term stands for itself.
    private mutating func expression(behind left: LeftSide?) throws(FilterError) -> FilterTree {
        var factors: [FilterTree] = []
        var firstOr: Int?
        repeat {
            let factor = try factor(behind: left)
            factors.append(factor.tree)
            firstOr = firstOr ?? factor.orOffset
            if cursor.token.keyword == "AND" {
                try cursor.passConnective()
            } else if left != nil, !cursor.isAtClose, cursor.token.kind != .comma {
                throw FilterError(
                    offset: cursor.offset, message: "two values stand side by side",
                    expected: "OR or AND",
                    suggestion: "write OR for any of them, AND for all of them")
            }
        } while !cursor.isAtClose
        if factors.count > 1, let firstOr { advice.append(.mixedAndOr(offset: firstOr)) }
        return .joinedByAnd(factors)
    }

    /// One term, or several with OR between them, and where the first OR stands.
    private mutating func factor(
        behind left: LeftSide?
    ) throws(FilterError) -> (tree: FilterTree, orOffset: Int?) {
        var terms = [try term(behind: left)]
        var orOffset: Int?
        while cursor.token.keyword == "OR" {
            orOffset = orOffset ?? cursor.offset
            try cursor.passConnective()
            terms.append(try term(behind: left))
        }
        return (.joinedByOr(terms), orOffset)
    }

    /// One term with its NOT; values have none.
    private mutating func term(behind left: LeftSide?) throws(FilterError) -> FilterTree {
        guard cursor.isAtNegation else { return try simple(behind: left) }
        guard left == nil else {
            throw FilterError(
                offset: cursor.offset, message: "a value cannot be negated",
                suggestion: "write NOT in front of the field, or put the value in quotes")
        }
        try cursor.passNegation()
        return .not(try simple(behind: nil))
    }

    /// A group in parentheses, or one thing that counts as a term: behind a left side a value.
    private mutating func simple(behind left: LeftSide?) throws(FilterError) -> FilterTree {
        if let error = FilterError(noTermBeginsWith: cursor.token) { throw error }
        if cursor.token.kind == .open { return try composite(behind: left) }
        try countTerm()
        guard let left else { return try restriction() }
        return .comparison(
            try ValueReader(left: left, isAmongValues: true).comparison(from: &cursor))
    }

    /// An expression in parentheses.
    private mutating func composite(behind left: LeftSide?) throws(FilterError) -> FilterTree {
        let open = cursor.offset
        guard depth < Limits.nestingMax else {
            throw FilterError(
                offset: open,
                message: "more than \(Limits.nestingMax) parentheses inside one another")
        }
        depth += 1
        cursor.advance()
        if cursor.token.kind == .close {
            throw FilterError(offset: open, message: "nothing stands between the parentheses")
        }
        guard cursor.token.kind != .end else { throw .neverClosed(at: open) }
        let tree = try expression(behind: left)
        guard cursor.token.kind == .close else { throw .neverClosed(at: open) }
        cursor.advance()
        depth -= 1
        if case .comparator(let comparator) = cursor.token.kind {
            throw FilterError(
                offset: cursor.offset,
                message: "`\(comparator.rawValue)` cannot compare a group in parentheses",
                suggestion: "write FIELD \(comparator.rawValue) VALUE inside the group")
        }
        try cursor.requireSpaceOrClose()
        return tree
    }

    // MARK: Terms

    /// One comparison, bare literal or function call, from its first word on.
    private mutating func restriction() throws(FilterError) -> FilterTree {
        let member = try Member(from: &cursor)
        let next = cursor.token
        if case .comparator(let comparator) = next.kind {
            let field = try member.field()
            mentions.append(field)
            return try comparison(of: field, comparator)
        }
        if next.kind == .open, !next.isAfterSpace {
            let (call, field) = try calls.call(of: member, from: &cursor)
            mentions.append(field)
            return .call(call)
        }
        let word = try BareWord(member, before: next)
        try cursor.requireSpaceOrClose()
        advice.append(word.advice)
        return .word(word.literal)
    }

    /// A field and one value or several in parentheses, from the comparator on.
    private mutating func comparison(
        of field: FieldMention, _ comparator: Comparator
    ) throws(FilterError) -> FilterTree {
        let left = LeftSide(path: field.path, comparator: comparator, sign: cursor.offset)
        if comparator == .notEqual, field.path.segments.count > 1 {
            advice.append(.notEqualOnPath(offset: field.offset, path: field.path.description))
        }
        cursor.advance()
        guard cursor.token.kind == .open else {
            return .comparison(
                try ValueReader(left: left, isAmongValues: false).comparison(from: &cursor))
        }
        try left.requireGroupsAllowed(at: cursor.offset)
        // Each value counts for itself.
        terms -= 1
        return try composite(behind: left)
    }

    /// Counts the term that begins here.
    private mutating func countTerm() throws(FilterError) {
        guard terms < Limits.termsMax else {
            throw FilterError(
                offset: cursor.offset,
                message: "the expression has more than \(Limits.termsMax) terms",
                suggestion: "split it into several rules")
        }
        terms += 1
    }
}
