internal import WireFormat

extension FieldPath {
    /// The path as an expression has it.
    var printed: String {
        segments.map { segment in
            segment.isQuoted ? Literal(text: segment.text, isQuoted: true).printed : segment.text
        }.joined(separator: ".")
    }
}
