internal import WireFormat

/// Calls of functions.
extension Parser {
    /// A function call, from its opening parenthesis on.
    ///
    /// - Parameter segments: the name; in front of it perhaps the field, as in
    ///   `FIELD.endsWith("TEXT")`.
    mutating func call(_ segments: [Token]) throws(FilterError) -> FilterTree {
        let (function, field) = try callee(segments)
        let open = offset
        advance()
        let arguments = try arguments(behind: open)
        let texts = field == nil ? arguments.dropFirst() : arguments[...]
        guard let field = field ?? arguments.first, texts.count == function.textCount else {
            let list = ["FIELD"] + Array(repeating: "\"TEXT\"", count: function.textCount)
            throw FilterError(
                offset: open, message: "`\(function.name)` takes \(function.shape)",
                suggestion: "write \(function.name)(\(list.joined(separator: ", ")))")
        }
        let path = try path(of: field)
        let literals = try texts.map { (text) throws(FilterError) in
            try self.text(of: text)
        }
        try requireEndOfCall(of: function)
        return .call(FunctionCall(function: function, path: path, texts: literals))
    }

    /// The function that is called, and the field that stands in front of its name.
    private func callee(
        _ segments: [Token]
    ) throws(FilterError) -> (function: FilterFunction, field: [Token]?) {
        let name = segments.map(\.text).joined(separator: ".")
        let isUnquoted = segments.allSatisfy { $0.kind == .text }
        if isUnquoted, let function = functions.first(where: { $0.name == name }) {
            return (function, nil)
        }
        let last = segments[segments.count - 1]
        guard last.kind == .text else {
            throw FilterError(
                offset: last.range.lowerBound, message: "a function's name stands without quotes",
                expected: names)
        }
        if segments.count > 1,
            let function = functions.first(where: { $0.name == last.text })
        {
            return (function, segments.dropLast())
        }
        throw FilterError(
            offset: segments[0].range.lowerBound,
            message: "unknown function `\((isUnquoted ? name : last.text).prefix(40))`",
            expected: names, suggestion: suggestion(for: last.text))
    }

    private var names: String { functions.map(\.name).joined(separator: " or ") }

    /// What may be meant by the name of a function that does not exist.
    private func suggestion(for name: String) -> String? {
        let plain = Self.plain(name)
        if plain == "not" { return "write NOT (" }
        if ["and", "or"].contains(plain) { return "write \(plain.uppercased()) and a space" }
        if let near = functions.first(where: { Self.plain($0.name) == plain }) {
            return "write \(near.name)"
        }
        return ["contains", "has", "exists", "includes"].contains(plain) ? "write FIELD:TEXT" : nil
    }

    /// Names that differ only in case and underscores are often taken for one another.
    private static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" }
    }

    /// What stands between the parentheses, each argument with its dots; at the `)` in the end.
    private mutating func arguments(behind open: Int) throws(FilterError) -> [[Token]] {
        var arguments: [[Token]] = []
        while token.kind != .close {
            guard token.kind != .end else { throw Self.neverClosed(open) }
            guard token.kind == .text || token.kind == .string else {
                throw FilterError(
                    offset: offset, message: "an argument is a field or a text",
                    suggestion: "put a text in quotes")
            }
            arguments.append(try member())
            switch token.kind {
            case .close: break
            case .end: throw Self.neverClosed(open)
            case .comma:
                let comma = offset
                advance()
                guard token.kind != .close else {
                    throw FilterError(
                        offset: comma, message: "`,` needs an argument on its right",
                        suggestion: "remove it")
                }
            default:
                throw FilterError(
                    offset: offset, message: "the argument does not end here",
                    expected: "`,` or `)`", suggestion: "put a text in quotes")
            }
        }
        return arguments
    }

    private mutating func requireEndOfCall(of function: FilterFunction) throws(FilterError) {
        advance()
        if case .comparator = token.kind {
            throw FilterError(
                offset: offset, message: "`\(function.name)` is true or false by itself",
                suggestion: "write it alone, or NOT in front of it")
        }
        try requireSpaceOrClose()
    }
}

extension FilterFunction {
    /// What it takes, in words.
    fileprivate var shape: String {
        switch textCount {
        case 0: "a field"
        case 1: "a field and a text"
        default: "a field and \(textCount) texts"
        }
    }
}
