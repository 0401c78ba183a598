internal import OpwatchCore
internal import WireFormat

/// Writes the fields of one line in their fixed order.
struct FieldWriter {
    private var writer = JSONWriter()

    mutating func begin(at: Timestamp) {
        writer.removeAll(keepingCapacity: true)
        writer.beginObject()
        time(.at, at)
    }

    /// Everything from `"at"` to the closing brace.
    mutating func finish() -> ArraySlice<UInt8> {
        writer.endObject()
        return writer.bytes.dropFirst()
    }

    mutating func kind(_ kind: LineKind) {
        key(.kind)
        writer.string(kind.rawValue)
    }

    /// Text that names something; cut short it would name something else.
    mutating func name(_ field: LineField, _ text: String) throws(JournalError) {
        guard text.utf8.count <= Limits.nameBytesMax else {
            throw .unwritable(
                field: field.name, problem: "is longer than \(Limits.nameBytesMax) bytes")
        }
        key(field)
        writer.string(text)
    }

    /// Text for people, cut to what a line may hold of it.
    mutating func prose(_ field: LineField, _ text: String) {
        key(field)
        writer.string(Self.cut(text))
    }

    mutating func number(_ field: LineField, _ value: some BinaryInteger) {
        key(field)
        writer.integer(Int64(clamping: value))
    }

    mutating func flag(_ field: LineField, _ value: Bool) {
        key(field)
        writer.bool(value)
    }

    mutating func time(_ field: LineField, _ value: Timestamp) {
        key(field)
        writer.time(value)
    }

    mutating func duration(_ field: LineField, _ value: Duration) {
        key(field)
        writer.string(SecondsText.write(value))
    }

    /// 64 bits as 16 hex digits.
    mutating func hash(_ field: LineField, _ value: UInt64) {
        key(field)
        writer.string(HexText.write(value))
    }

    mutating func intent(_ id: IntentID) throws(JournalError) {
        guard id.number <= UInt64(Int64.max) else {
            throw .unwritable(field: LineField.intent.name, problem: "is out of range")
        }
        number(.intent, id.number)
    }

    private mutating func key(_ field: LineField) {
        writer.key(field.name)
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > Limits.nameBytesMax else { return text }
        var room = Limits.nameBytesMax
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            room -= UTF8.width(scalar)
            if room < 0 { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
