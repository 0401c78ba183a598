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
}

/// Whether the operation matches; the row also holds paths that the filter does not read.
func evaluate(_ expression: String, on operation: String) throws -> Bool {
    let filter = try Filter(parsing: expression)
    let others = [FieldPath(segments: [FieldSegment("response")])]
    let fields = FieldSet(others + filter.paths)
    var row = FieldRow()
    try ObjectReader.read(Array(operation.utf8), fields: fields, limits: .body, into: &row)
    return filter.bound(to: fields).matches(row)
}
