/// Reads one value on the right of a comparator.
struct ValueReader {
    let left: LeftSide
    /// It is one of the values in parentheses that share the left side.
    let isAmongValues: Bool

    /// The comparison with the value that comes next, which something else may follow.
    func comparison(from cursor: inout TokenCursor) throws(FilterError) -> Comparison {
        try requireValue(at: cursor)
        let start = cursor.offset
        let member = try Member(from: &cursor)
        try requireEnd(at: cursor)
        let literal = try Spelling(member).literal(behind: left.comparator)
        try ValueCheck(comparator: left.comparator, offset: start).check(literal)
        return Comparison(path: left.path, comparator: left.comparator, literal: literal)
    }

    private func requireValue(at cursor: TokenCursor) throws(FilterError) {
        let sign = left.comparator.rawValue
        switch cursor.token.kind {
        case .text, .string:
            guard let keyword = cursor.token.keyword else { return }
            throw FilterError(
                offset: cursor.offset, message: "`\(keyword)` is a keyword",
                expected: "a value behind `\(sign)`",
                suggestion: "put it in quotes if it is the value")
        case .dot:
            throw FilterError(
                offset: cursor.offset, message: "a value cannot start with `.`",
                suggestion: "write 0.5 for a number, and quotes around a text")
        case .open, .comma, .minus, .close, .comparator, .end:
            throw FilterError(
                offset: left.sign, message: "`\(sign)` needs a value on its right",
                suggestion: "write \"\" for the empty text")
        }
    }

    /// Refuses what cannot follow a value.
    private func requireEnd(at cursor: TokenCursor) throws(FilterError) {
        let (next, offset) = (cursor.token, cursor.offset)
        if case .comparator(let comparator) = next.kind {
            guard !isAmongValues else {
                throw FilterError(
                    offset: offset, message: "`\(comparator.rawValue)` stands among values",
                    suggestion: "put the value in quotes, or write the field only once, in front")
            }
            throw FilterError(
                offset: offset, message: "`\(comparator.rawValue)` follows a whole comparison",
                suggestion: "put the value in quotes, or write AND between two comparisons")
        }
        if next.kind == .open, !next.isAfterSpace, cursor.previous?.kind == .text {
            throw FilterError(
                offset: offset, message: "a function cannot be a value",
                suggestion: "put the value in quotes")
        }
        try cursor.requireSpaceOrClose()
    }
}
