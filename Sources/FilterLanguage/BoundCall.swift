internal import WireFormat

/// One call of a function with its path resolved to a slot.
struct BoundCall: Sendable {
    let function: FilterFunction
    let slot: Int
    let texts: [[UInt8]]

    /// Whether the field is a text and the function holds for it.
    func holds(in row: RowView) -> Bool {
        let field = row[slot]
        guard field.kind == .string else { return false }
        if field.isEscaped {
            return function.test(
                Array((FieldValue(field, in: row.page).string ?? "").utf8)[...], texts)
        }
        return function.test(row.page[field.range].dropFirst().dropLast(), texts)
    }
}
