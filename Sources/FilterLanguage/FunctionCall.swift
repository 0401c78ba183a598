internal import WireFormat

/// One call of a function in an expression.
struct FunctionCall: Equatable, Sendable {
    let function: FilterFunction
    let path: FieldPath
    /// As many as the function takes, quotes and escapes resolved.
    let texts: [String]

    /// Byte for byte, because `String` takes composed and decomposed characters as equal.
    static func == (left: FunctionCall, right: FunctionCall) -> Bool {
        left.function == right.function && left.path == right.path
            && left.texts.elementsEqual(right.texts) { $0.utf8.elementsEqual($1.utf8) }
    }

    /// `function(FIELD, "TEXT")`.
    var text: String {
        let arguments = [path.printed] + texts.map { Literal(text: $0, isQuoted: true).printed }
        return "\(function.name)(\(arguments.joined(separator: ", ")))"
    }
}
