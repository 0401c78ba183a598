internal import WireFormat

/// One line of the journal as one line for people: `TIME  SEQ  KIND  field=value …`.
enum TimelineText {
    static func of(_ line: JournalLine) -> String {
        "\(line.at)  \(line.seq)  \(fields(line))"
    }

    /// Values stay in their JSON form, so that no control character reaches a terminal.
    private static func fields(_ line: JournalLine) -> String {
        if case .preserved(_, let rest) = line.content {
            return String(decoding: rest, as: UTF8.self)
        }
        var writer = FieldWriter()
        writer.begin(at: line.at)
        var row = FieldRow()
        do {
            try writer.write(line.content)
            let object = [UInt8(ascii: "{")] + writer.finish()
            try ObjectReader.read(
                object, fields: FieldReader.fields, limits: .line, into: &row)
        } catch {
            return "\(error)"
        }
        let parts = LineField.allCases.enumerated().compactMap { slot, field -> String? in
            let value = String(decoding: row.bytes[row.range(slot)], as: UTF8.self)
            switch field {
            case .at: return nil
            case .kind: return row.string(slot)
            default: return value.isEmpty ? nil : "\(field.rawValue)=\(plain(value))"
            }
        }
        return parts.joined(separator: "  ")
    }

    /// Without quotes where nothing needs them.
    private static func plain(_ json: String) -> String {
        let inner = json.dropFirst().dropLast()
        let isPlain = !inner.isEmpty && !inner.contains { " \"\\=".contains($0) }
        return json.hasPrefix("\"") && isPlain ? String(inner) : json
    }
}
