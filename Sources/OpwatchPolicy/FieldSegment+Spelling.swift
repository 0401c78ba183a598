import WireFormat

extension FieldSegment {
    /// Whether one finds what the other does, as far as camelCase and snake_case go.
    func isSpelled(like other: FieldSegment) -> Bool {
        if text == other.text { return true }
        guard !isQuoted, !other.isQuoted else { return false }
        return twin == other.text || other.twin == text
    }
}
