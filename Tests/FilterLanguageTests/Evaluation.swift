import FilterLanguage
import Testing
import WireFormat

/// One operation, one expression, and whether it matches.
struct MatchCase: Sendable, CustomTestStringConvertible {
    let operation: String
    let expression: String
    let matches: Bool

    init(_ operation: String, _ expression: String, _ matches: Bool) {
        self.operation = operation
        self.expression = expression
        self.matches = matches
    }

    var testDescription: String { "\(expression) on \(operation)" }

    /// What the library answers.
    var answer: Bool {
        get throws { try evaluate(expression, on: operation) }
    }
}

/// Whether the operation matches; the row also holds paths that the filter does not read.
func evaluate(_ expression: String, on operation: String) throws -> Bool {
    try evaluate(Filter(parsing: expression), on: operation)
}

func evaluate(_ filter: Filter, on operation: String) throws -> Bool {
    let others = [FieldPath(segments: [FieldSegment("response")])]
    let fields = FieldSet(others + filter.paths)
    var row = FieldRow()
    try ObjectReader.read(Array(operation.utf8), fields: fields, limits: .body, into: &row)
    return filter.bound(to: fields).matches(row)
}
