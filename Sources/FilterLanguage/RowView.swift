internal import WireFormat

/// What a row found, lent for one evaluation.
struct RowView {
    /// The bytes that the row was read from, twice: to keep, and to look at without counting.
    let page: [UInt8]
    let bytes: UnsafeBufferPointer<UInt8>
    let slots: UnsafeBufferPointer<FieldSlot>

    /// What stands at a slot; absent in a row that was never read into.
    subscript(slot: Int) -> FieldSlot {
        slots.indices.contains(slot) ? slots[slot] : .absent
    }

    /// The JSON of a field.
    func json(_ field: FieldSlot) -> UnsafeBufferPointer<UInt8> {
        .init(rebasing: bytes[field.range])
    }

    /// Gives the text of a string field to the body, its escapes resolved.
    func withText<Value>(
        _ field: FieldSlot, _ body: (UnsafeBufferPointer<UInt8>) -> Value
    ) -> Value {
        guard field.isEscaped else {
            let content = field.range.lowerBound + 1..<field.range.upperBound - 1
            return body(.init(rebasing: bytes[content]))
        }
        var text = FieldValue(field, in: page).string ?? ""
        return text.withUTF8(body)
    }
}
