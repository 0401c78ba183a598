internal import OpwatchCore
internal import WireFormat

/// Reads the fields of one line, each of exactly one JSON type.
struct FieldReader {
    private let row: FieldRow

    /// A field that is missing or cannot hold what it holds.
    struct BadField: Error {
        let field: LineField
    }

    init(_ row: FieldRow) {
        self.row = row
    }

    /// Every field of every kind, in the order of `LineField`.
    static let fields = FieldSet(
        LineField.allCases.map { field in
            FieldPath(segments: [FieldSegment(field.name, isQuoted: true)])
        })

    func has(_ field: LineField) throws(BadField) -> Bool {
        row.kind(field.rawValue) != .absent
    }

    func text(_ field: LineField) throws(BadField) -> String {
        guard let text = row.string(field.rawValue) else { throw BadField(field: field) }
        return text
    }

    /// A number within the range; a string that holds one is refused.
    func number(
        _ field: LineField, in range: ClosedRange<Int64> = 0...Int64.max
    ) throws(BadField) -> Int64 {
        guard row.kind(field.rawValue) == .number, let value = row.integer(field.rawValue),
            range.contains(value)
        else {
            throw BadField(field: field)
        }
        return value
    }

    func flag(_ field: LineField) throws(BadField) -> Bool {
        switch row.kind(field.rawValue) {
        case .true: return true
        case .false: return false
        case .absent, .null, .number, .string, .object, .array, .repeated:
            throw BadField(field: field)
        }
    }

    /// A flag of a later version; false in older lines, which lack it.
    func optionalFlag(_ field: LineField) throws(BadField) -> Bool {
        try has(field) ? try flag(field) : false
    }

    /// A text that a line may lack.
    func optionalText(_ field: LineField) throws(BadField) -> String? {
        try has(field) ? try text(field) : nil
    }

    /// 64 bits as 16 hex digits.
    func hash(_ field: LineField) throws(BadField) -> UInt64 {
        let digits = try text(field)
        guard digits.utf8.count == 16, !digits.hasPrefix("+"), !digits.hasPrefix("-"),
            let value = UInt64(digits, radix: 16)
        else { throw BadField(field: field) }
        return value
    }

    func time(_ field: LineField) throws(BadField) -> Timestamp {
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
}
