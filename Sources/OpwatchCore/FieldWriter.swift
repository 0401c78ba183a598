package import WireFormat

/// Writes the fields of one line of the journal in their fixed order.
package struct FieldWriter {
    private var writer = JSONWriter()

    /// What no line can hold.
    package struct Unwritable: Error {
        package let field: LineField
        /// What is wrong with it, to follow the field's name.
        package let problem: String

        package init(field: LineField, problem: String) {
            self.field = field
            self.problem = problem
        }
    }

    /// Nothing is written yet.
    package init() {}

    /// A line begins; what was written before is let go.
    package mutating func begin(at: Timestamp) {
        writer.removeAll(keepingCapacity: true)
        writer.beginObject()
        time(.at, at)
    }

    /// Everything from `"at"` to the closing brace.
    package mutating func finish() -> ArraySlice<UInt8> {
        writer.endObject()
        return writer.bytes.dropFirst()
    }

    /// What kind of line it is, by name.
    package mutating func kind(_ name: String) {
        key(.kind)
        writer.string(name)
    }

    /// Text that names something; cut short it would name something else.
    mutating func name(_ field: LineField, _ text: String) throws(Unwritable) {
        guard text.utf8.count <= Limits.nameBytesMax else {
            throw Unwritable(
                field: field, problem: "is longer than \(Limits.nameBytesMax) bytes")
        }
        key(field)
        writer.string(text)
    }

    /// Text for people, cut to what a line may hold of it.
    package mutating func prose(_ field: LineField, _ text: String) {
        key(field)
        writer.string(Self.cut(text))
    }

    /// A number in decimal.
    package mutating func number(_ field: LineField, _ value: Int64) {
        key(field)
        writer.integer(value)
    }

    /// `true` or `false`.
    package mutating func flag(_ field: LineField, _ value: Bool) {
        key(field)
        writer.bool(value)
    }

    /// An instant as RFC 3339.
    package mutating func time(_ field: LineField, _ value: Timestamp) {
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

    mutating func intent(_ id: IntentID) throws(Unwritable) {
        guard id.number <= UInt64(Int64.max) else {
            throw Unwritable(field: .intent, problem: "is out of range")
        }
        number(.intent, Int64(id.number))
    }

    mutating func operation(_ operation: OperationIdentity) throws(Unwritable) {
        try name(.endpoint, operation.endpoint.description)
        try name(.op, operation.name)
    }

    mutating func breakerCause(_ cause: BreakerCause) {
        prose(.reason, cause.words)
        if let kind = cause.kind { prose(.cause, kind.rawValue) }
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
