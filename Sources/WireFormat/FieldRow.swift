/// The fields of one object, found in one pass; made once and read into again and again.
///
/// A slot that does not exist reads as absent. All ranges point into `bytes`.
package struct FieldRow: Sendable {
    /// The bytes that were read, often a whole page.
    package internal(set) var bytes: [UInt8] = []
    var scratch = ReadScratch()

    /// A row in which every field is absent.
    package init() {}

    /// What was found at every path, in the order of the field set; empty before the first read.
    package var slots: [FieldSlot] { scratch.slots }

    /// What stands at the slot's path.
    package func kind(_ slot: Int) -> FieldKind { found(slot).kind }

    /// Where the field's JSON stands in `bytes`; empty when absent.
    package func range(_ slot: Int) -> Range<Int> {
        found(slot).range
    }

    /// The decoded text; nil when the field is not a string.
    package func string(_ slot: Int) -> String? { value(found(slot)).string }

    /// Whether the field is a string with exactly this text, character by character.
    ///
    /// Canonically equivalent characters are different here, as they are in names.
    package func isString(_ slot: Int, _ text: String) -> Bool {
        value(found(slot)).isString(text)
    }

    /// A number without fraction and exponent, or a string that holds one; nil when the field is
    /// something else or does not fit.
    package func integer(_ slot: Int) -> Int64? { value(found(slot)).integer }

    /// A number, or a string that holds one; nil when the field is something else or not finite.
    package func number(_ slot: Int) -> Double? { value(found(slot)).number }

    /// The instant that an RFC 3339 string names.
    package func timestamp(_ slot: Int) -> Timestamp? { value(found(slot)).timestamp }

    /// A hash of the value, independent of key order, escapes and white space; 0 when absent.
    ///
    /// The same in every run and on every machine. Numbers hash as they are written.
    package func contentHash(_ slot: Int) -> UInt64 { value(found(slot)).contentHash }

    /// The index of the first path segment behind the array of a `.repeated` field; 0 for other
    /// kinds.
    package func repeatedDepth(_ slot: Int) -> Int { found(slot).depth }

    /// The elements of an `.array` or `.repeated` field; none for other kinds.
    package func elements(_ slot: Int) -> [FieldElement] { value(found(slot)).elements }

    /// The keys and values of an `.object` field, in order; none for other kinds.
    package func members(_ slot: Int) -> [(key: String, element: FieldElement)] {
        value(found(slot)).members
    }

    /// Lets everything go but the memory to read into.
    package mutating func removeAll() {
        bytes = []
        for slot in scratch.slots.indices { scratch.slots[slot] = .absent }
    }

    /// The memory to read into; the row must get it back.
    mutating func takeScratch() -> ReadScratch {
        var taken = ReadScratch()
        swap(&taken, &scratch)
        return taken
    }

    private func found(_ slot: Int) -> FieldSlot {
        scratch.slots.indices.contains(slot) ? scratch.slots[slot] : .absent
    }

    private func value(_ slot: FieldSlot) -> FieldValue { FieldValue(slot, in: bytes) }
}
