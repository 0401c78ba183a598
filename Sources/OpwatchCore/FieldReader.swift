package import WireFormat

/// Reads the fields of one line of the journal, each of exactly one JSON type.
///
/// Initializers take it as `borrowing`: a copy of the row for each would cost a start a tenth.
package struct FieldReader {
    /// What was found in the line, a slot for each `LineField`.
    package private(set) var row = FieldRow()

    /// A field that is missing or cannot hold what it holds.
    package struct BadField: Error {
        package let field: LineField

        package init(field: LineField) {
            self.field = field
        }
    }

    /// Nothing is read yet.
    package init() {}

    /// Finds all fields of the object that fills the range of the bytes.
    package mutating func read(
        _ bytes: [UInt8], in range: Range<Int>? = nil
    ) throws(WireError) {
        try ObjectReader.read(bytes, in: range, fields: Self.fields, limits: .line, into: &row)
    }

    /// Lets the line go; as long as its bytes are held, nobody can read on without a copy of them.
    package mutating func removeAll() {
        row.removeAll()
    }

    /// Every field of every kind, in the order of `LineField`.
    private static let fields = FieldSet(
        LineField.allCases.map { field in
            FieldPath(segments: [FieldSegment(field.name, isQuoted: true)])
        })

    /// Whether the line has the field, of whatever type.
    package func has(_ field: LineField) -> Bool {
        row.kind(field.rawValue) != .absent
    }

    /// A string.
    package func text(_ field: LineField) throws(BadField) -> String {
        guard let text = row.string(field.rawValue) else { throw BadField(field: field) }
        return text
    }

    /// A number within the range; a string that holds one is refused.
    package func number(
        _ field: LineField, in range: ClosedRange<Int64> = 0...Int64.max
    ) throws(BadField) -> Int64 {
        guard row.kind(field.rawValue) == .number, let value = row.integer(field.rawValue),
            range.contains(value)
        else {
            throw BadField(field: field)
        }
        return value
    }

    /// A number that counts something.
    func count(_ field: LineField) throws(BadField) -> Int {
        Int(try number(field))
    }

    /// How an operation ended, by the number of its error.
    func code() throws(BadField) -> Int64 {
        try number(.code, in: Int64.min...Int64.max)
    }

    /// The number of a process.
    package func pid() throws(BadField) -> Int32 {
        Int32(truncatingIfNeeded: try number(.pid, in: 0...Int64(Int32.max)))
    }

    /// `true` or `false`.
    package func flag(_ field: LineField) throws(BadField) -> Bool {
        switch row.kind(field.rawValue) {
        case .true: return true
        case .false: return false
        case .absent, .null, .number, .string, .object, .array, .repeated:
            throw BadField(field: field)
        }
    }

    /// A flag of a later version; false in older lines, which lack it.
    package func optionalFlag(_ field: LineField) throws(BadField) -> Bool {
        has(field) ? try flag(field) : false
    }

    /// A text that a line may lack.
    func optionalText(_ field: LineField) throws(BadField) -> String? {
        has(field) ? try text(field) : nil
    }

    /// 64 bits as 16 hex digits.
    func hash(_ field: LineField) throws(BadField) -> UInt64 {
        let digits = try text(field)
        guard digits.utf8.count == 16, !digits.hasPrefix("+"), !digits.hasPrefix("-"),
            let value = UInt64(digits, radix: 16)
        else { throw BadField(field: field) }
        return value
    }

    /// An instant as RFC 3339.
    package func time(_ field: LineField) throws(BadField) -> Timestamp {
        guard row.kind(field.rawValue) == .string, let time = row.timestamp(field.rawValue) else {
            throw BadField(field: field)
        }
        return time
    }

    func duration(_ field: LineField) throws(BadField) -> Duration {
        guard let duration = DurationText.parseProto(try text(field)) else {
            throw BadField(field: field)
        }
        return duration
    }

    func clock() throws(BadField) -> Clock {
        guard let clock = Clock(try text(.clock)) else { throw BadField(field: .clock) }
        return clock
    }

    func mode() throws(BadField) -> Mode {
        guard let mode = Mode(rawValue: try text(.mode)) else { throw BadField(field: .mode) }
        return mode
    }

    func verdict() throws(BadField) -> Verdict {
        guard let verdict = Verdict(rawValue: try text(.verdict)) else {
            throw BadField(field: .verdict)
        }
        return verdict
    }

    func intent() throws(BadField) -> IntentID {
        IntentID(UInt64(try number(.intent)))
    }

    func operation() throws(BadField) -> OperationIdentity {
        OperationIdentity(endpoint: Endpoint(try text(.endpoint)), name: try text(.op))
    }

    func partition() throws(BadField) -> Partition {
        Partition(
            service: try text(.service), endpoint: Endpoint(try text(.endpoint)),
            parent: try text(.parent))
    }

    func breakerCause() throws(BadField) -> BreakerCause {
        guard let word = try optionalText(.cause) else {
            return BreakerCause(nil, words: try text(.reason))
        }
        guard let kind = BreakerCause.Kind(rawValue: word) else { throw BadField(field: .cause) }
        return BreakerCause(kind, words: try text(.reason))
    }
}
