import WireFormat

/// The fields of a credential file or of a token answer.
struct CredentialFields: Sendable {
    private let row: FieldRow

    private static let fields = FieldSet(CredentialField.allCases.map(\.path))

    /// - Throws: for anything but one JSON object.
    init(_ bytes: [UInt8]) throws(WireError) {
        var row = FieldRow()
        try ObjectReader.read(bytes, fields: Self.fields, limits: .body, into: &row)
        self.row = row
    }

    private func slot(_ field: CredentialField) -> Int {
        // The set is made of all of them; a slot that does not exist reads as absent.
        Self.fields.slot(field.path) ?? Self.fields.count
    }

    func has(_ field: CredentialField) -> Bool { row.kind(slot(field)) != .absent }

    /// A text that is not empty.
    func text(_ field: CredentialField) -> String? {
        row.string(slot(field)).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A whole number, also where it stands in quotes.
    func integer(_ field: CredentialField) -> Int64? { row.integer(slot(field)) }

    func isTrue(_ field: CredentialField) -> Bool { row.kind(slot(field)) == .true }

    /// The texts of an array; none where it is absent, nil where there is something else.
    func texts(_ field: CredentialField) -> [String]? {
        guard [.absent, .null, .array].contains(row.kind(slot(field))) else { return nil }
        let elements = row.elements(slot(field))
        let texts = elements.compactMap { FieldValue($0, in: row.bytes).string }
        return texts.count == elements.count ? texts : nil
    }

    /// The members of an object that are texts.
    func members(_ field: CredentialField) -> [(name: String, value: String)] {
        row.members(slot(field)).compactMap { key, element in
            FieldValue(element, in: row.bytes).string.map { (key, $0) }
        }
    }

    /// The JSON of an object.
    func object(_ field: CredentialField) -> [UInt8]? {
        let slot = slot(field)
        return row.kind(slot) == .object ? Array(row.bytes[row.range(slot)]) : nil
    }

    /// A text at any dotted path, for the name that somebody chose for a field.
    static func text(_ name: String, of bytes: [UInt8]) -> String? {
        let path = FieldPath(segments: [FieldSegment(name, isQuoted: true)])
        let fields = FieldSet([path])
        var row = FieldRow()
        do throws(WireError) {
            try ObjectReader.read(bytes, fields: fields, limits: .body, into: &row)
        } catch {
            return nil
        }
        return fields.slot(path).flatMap { row.string($0) }
    }
}
