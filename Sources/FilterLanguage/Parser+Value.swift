internal import WireFormat

/// What stands on the right of a comparator.
extension Parser {
    /// One value and what must follow it.
    /// - Parameter sign: where the comparator stands, or what takes its place.
    mutating func value(
        behind comparator: Comparator, at sign: Int
    ) throws(FilterError) -> Literal {
        switch token.kind {
        case .text, .string:
            if let keyword = token.keyword {
                throw FilterError(
                    offset: offset, message: "`\(keyword)` is a keyword",
                    expected: "a value behind `\(comparator.rawValue)`",
                    suggestion: "put it in quotes if it is the value")
            }
            let start = offset
            let segments = try member()
            try requireEndOfValue()
            let literal = try literal(segments, for: comparator)
            try check(literal, for: comparator, at: start)
            return literal
        case .dot:
            throw FilterError(
                offset: offset, message: "a value cannot start with `.`",
                suggestion: "write 0.5 for a number, and quotes around a text")
        case .open, .comma, .minus, .close, .comparator, .end:
            throw FilterError(
                offset: sign, message: "`\(comparator.rawValue)` needs a value on its right",
                suggestion: "write \"\" for the empty text")
        }
    }

    /// Values in parentheses, from the opening one on.
    mutating func values(
        of path: FieldPath, behind comparator: Comparator
    ) throws(FilterError) -> FilterTree {
        guard comparator.takesGroups else {
            throw FilterError(
                offset: offset,
                message: "`\(comparator.rawValue)` takes one value, not values in parentheses",
                suggestion: comparator == .notEqual
                    ? "write NOT FIELD = (a OR b)" : "write a comparison for each value")
        }
        valuesOf = (path, comparator)
        defer { valuesOf = nil }
        // Each value counts for itself.
        terms -= 1
        return try composite()
    }

    /// Refuses what cannot follow a value.
    private func requireEndOfValue() throws(FilterError) {
        if case .comparator(let comparator) = token.kind {
            guard valuesOf == nil else {
                throw FilterError(
                    offset: offset, message: "`\(comparator.rawValue)` stands among values",
                    suggestion: "put the value in quotes, or write the field only once, in front")
            }
            throw FilterError(
                offset: offset, message: "`\(comparator.rawValue)` follows a whole comparison",
                suggestion: "put the value in quotes, or write AND between two comparisons")
        }
        if token.kind == .open, !token.isAfterSpace, previous?.kind == .text {
            throw FilterError(
                offset: offset, message: "a function cannot be a value",
                suggestion: "put the value in quotes")
        }
        try requireSpaceOrClose()
    }
}
