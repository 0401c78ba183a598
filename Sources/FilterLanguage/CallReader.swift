/// Reads calls of functions.
struct CallReader {
    /// Those that may be called.
    let functions: [FilterFunction]

    /// One call, from its opening parenthesis on, and the field that it looks at.
    /// - Parameter name: the function's; in front of it perhaps the field, as in
    ///   `FIELD.endsWith("TEXT")`.
    func call(
        of name: Member, from cursor: inout TokenCursor
    ) throws(FilterError) -> (call: FunctionCall, field: FieldMention) {
        let callee = try Callee(name, among: functions)
        let function = callee.function
        let open = cursor.offset
        let arguments = try arguments(from: &cursor)
        let texts = callee.field == nil ? arguments.dropFirst() : arguments[...]
        guard let first = callee.field ?? arguments.first, texts.count == function.textCount else {
            let list = ["FIELD"] + Array(repeating: "\"TEXT\"", count: function.textCount)
            throw FilterError(
                offset: open, message: "`\(function.name)` takes \(Self.shape(of: function))",
                suggestion: "write \(function.name)(\(list.joined(separator: ", ")))")
        }
        let field = try first.field()
        let spelled = try texts.map { (text) throws(FilterError) in try Spelling(text).text }
        try requireEnd(of: function, at: &cursor)
        return (FunctionCall(function: function, path: field.path, texts: spelled), field)
    }

    /// What stands between the parentheses; at the `)` in the end.
    private func arguments(from cursor: inout TokenCursor) throws(FilterError) -> [Member] {
        let open = cursor.offset
        cursor.advance()
        var arguments: [Member] = []
        while cursor.token.kind != .close {
            guard cursor.token.kind != .end else { throw .neverClosed(at: open) }
            guard cursor.token.isName else {
                throw FilterError(
                    offset: cursor.offset, message: "an argument is a field or a text",
                    suggestion: "put a text in quotes")
            }
            arguments.append(try Member(from: &cursor))
            switch cursor.token.kind {
            case .close: break
            case .end: throw .neverClosed(at: open)
            case .comma: try passComma(at: &cursor)
            case .text, .string, .dot, .minus, .open, .comparator:
                throw FilterError(
                    offset: cursor.offset, message: "the argument does not end here",
                    expected: "`,` or `)`", suggestion: "put a text in quotes")
            }
        }
        return arguments
    }

    private func passComma(at cursor: inout TokenCursor) throws(FilterError) {
        let comma = cursor.offset
        cursor.advance()
        guard cursor.token.kind == .close else { return }
        throw FilterError(
            offset: comma, message: "`,` needs an argument on its right", suggestion: "remove it")
    }

    /// Steps over the `)` and refuses what cannot follow it.
    private func requireEnd(
        of function: FilterFunction, at cursor: inout TokenCursor
    ) throws(FilterError) {
        cursor.advance()
        if case .comparator = cursor.token.kind {
            throw FilterError(
                offset: cursor.offset, message: "`\(function.name)` is true or false by itself",
                suggestion: "write it alone, or NOT in front of it")
        }
        try cursor.requireSpaceOrClose()
    }

    /// What a function takes, in words.
    private static func shape(of function: FilterFunction) -> String {
        switch function.textCount {
        case 0: "a field"
        case 1: "a field and a text"
        default: "a field and \(function.textCount) texts"
        }
    }
}
