internal import WireFormat

/// Comparisons, bare literals and function calls.
extension Parser {
    /// One comparison, bare literal or function call, from its first word on.
    mutating func restriction() throws(FilterError) -> FilterTree {
        let start = offset
        guard terms < Limits.termsMax else {
            throw FilterError(
                offset: start, message: "the expression has more than \(Limits.termsMax) terms")
        }
        terms += 1
        let segments = try member()
        if token.kind == .open, !token.isAfterSpace, segments.allSatisfy({ $0.kind == .text }) {
            return try call(segments)
        }
        guard case .comparator(let comparator) = token.kind else {
            return try word(segments)
        }
        let path = try path(of: segments)
        let sign = offset
        advance()
        let literal = try value(behind: comparator, at: sign)
        try requireEndOfComparison()
        if comparator == .notEqual, path.segments.count > 1 {
            advice.append(.notEqualOnPath(offset: start, path: path.description))
        }
        return .comparison(Comparison(path: path, comparator: comparator, literal: literal))
    }

    /// A name and the names behind its dots.
    private mutating func member() throws(FilterError) -> [Token] {
        var segments = [token]
        advance()
        while token.kind == .dot {
            let dot = token
            advance()
            let isName = token.kind == .text || token.kind == .string
            guard isName, !token.isAfterSpace else {
                throw FilterError(
                    offset: dot.range.lowerBound, message: "`.` needs a name right behind it")
            }
            guard !dot.isAfterSpace else {
                throw FilterError(
                    offset: dot.range.lowerBound, message: "`.` needs a name right in front of it")
            }
            segments.append(token)
            advance()
        }
        return segments
    }

    /// The field that the segments name.
    private func path(of segments: [Token]) throws(FilterError) -> FieldPath {
        let start = segments[0].range.lowerBound
        guard segments.count <= Limits.segmentsMax else {
            throw FilterError(
                offset: start, message: "the path has more than \(Limits.segmentsMax) segments")
        }
        for segment in segments where segment.kind == .text {
            guard let star = segment.stars.first else { continue }
            throw FilterError(
                offset: star.offset, message: "a path has no wildcards",
                suggestion: "put the segment in quotes if its key holds a *")
        }
        if segments[0].kind == .text, segments[0].text.utf8.first.map(Number.isDigit) == true {
            throw FilterError(
                offset: start, message: "a field path stands on the left, never a number",
                suggestion: "put the first segment in quotes if it is a key")
        }
        return FieldPath(
            segments: segments.map { FieldSegment($0.text, isQuoted: $0.kind == .string) })
    }

    /// Refuses what cannot follow a value.
    private func requireEndOfComparison() throws(FilterError) {
        if case .comparator(let comparator) = token.kind {
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

    /// A literal without a comparator.
    private mutating func word(_ segments: [Token]) throws(FilterError) -> FilterTree {
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
        let text = String(decoding: bytes[range(of: segments)], as: UTF8.self)
        advice.append(.bareLiteral(offset: first.range.lowerBound, text: text))
        return .word(literal)
    }

    /// A function call, from its opening parenthesis on.
    private mutating func call(_ segments: [Token]) throws(FilterError) -> FilterTree {
        let name = segments.map(\.text).joined(separator: ".")
        let open = offset
        guard name == "startsWith" || name == "endsWith" else {
            let isNegation = name.lowercased() == "not"
            throw FilterError(
                offset: segments[0].range.lowerBound,
                message: "unknown function `\(name.prefix(40))`",
                expected: "startsWith or endsWith",
                suggestion: isNegation ? "write NOT (" : nil)
        }
        advance()
        let shape = FilterError(
            offset: open, message: "`\(name)` takes a field and a text",
            suggestion: "write \(name)(FIELD, \"TEXT\")")
        guard token.kind == .text || token.kind == .string else { throw shape }
        let field = try member()
        let path = try path(of: field)
        guard token.kind == .comma else { throw shape }
        advance()
        guard token.kind == .text || token.kind == .string else { throw shape }
        let argument = try member()
        let text = try literal(argument, for: .less).text
        guard token.kind != .end else { throw Self.neverClosed(open) }
        guard token.kind == .close else { throw shape }
        advance()
        if case .comparator = token.kind {
            throw FilterError(
                offset: offset, message: "`\(name)` is true or false by itself",
                suggestion: "write it alone, or NOT in front of it")
        }
        try requireSpaceOrClose()
        let pattern = Literal(
            text: text, isQuoted: true, isOpenAtStart: text.isEmpty || name == "endsWith",
            isOpenAtEnd: text.isEmpty || name == "startsWith")
        return .comparison(Comparison(path: path, comparator: .equal, literal: pattern))
    }

    /// The value on the right of a comparator.
    private mutating func value(
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
            let literal = try literal(segments, for: comparator)
            try check(literal, for: comparator, at: start)
            return literal
        case .open:
            throw FilterError(
                offset: offset, message: "a group cannot be a value",
                suggestion: "write FIELD = a OR FIELD = b")
        case .dot:
            throw FilterError(
                offset: offset, message: "a value cannot start with `.`",
                suggestion: "write 0.5 for a number, and quotes around a text")
        case .comma, .minus, .close, .comparator, .end:
            throw FilterError(
                offset: sign, message: "`\(comparator.rawValue)` needs a value on its right")
        }
    }
}
