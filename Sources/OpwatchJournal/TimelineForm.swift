internal import OpwatchCore
internal import WireFormat

/// One line of the journal as one line of output.
package enum TimelineForm: Sendable {
    /// For people: `TIME  SEQ  KIND  field=value …`; a policy with the place of its text.
    case text
    /// For programs: the line without what only the file needs, `{"seq":N,"at":"…","kind":"…",…}`.
    case json

    func line(_ line: JournalLine) -> String {
        switch self {
        case .text:
            return "\(line.at)  \(line.seq)  \(fields(line))"
        case .json:
            do {
                let rest = String(decoding: try Self.rest(of: line), as: UTF8.self)
                return "{\"seq\":\(line.seq),\(rest)"
            } catch {
                // What was read was written by the same rules.
                return "{\"seq\":\(line.seq)}"
            }
        }
    }

    /// The line from `"at"` on.
    private static func rest(of line: JournalLine) throws(JournalError) -> [UInt8] {
        if case .preserved(_, let rest) = line.content { return rest }
        var writer = FieldWriter()
        writer.begin(at: line.at)
        try line.content.write(to: &writer)
        return Array(writer.finish())
    }

    /// Values stay in their JSON form, so that no control character reaches a terminal.
    private func fields(_ line: JournalLine) -> String {
        if case .preserved(_, let rest) = line.content {
            return String(decoding: rest, as: UTF8.self)
        }
        var reader = FieldReader()
        do {
            let object = [UInt8(ascii: "{")] + (try Self.rest(of: line))
            try reader.read(object)
        } catch {
            return "\(error)"
        }
        let row = reader.row
        var parts: [String] = []
        for field in Self.fields {
            let slot = field.rawValue
            if row.kind(slot) == .absent { continue }
            switch field {
            case .at: break
            case .kind: parts.append(row.string(slot) ?? "")
            default: parts.append("\(field.name)=\(Self.plain(row.bytes[row.range(slot)]))")
            }
        }
        if case .policy(let hash, _, _)? = line.content.told {
            parts.append("text=\(PolicyStore.directoryName)/\(hash).yaml")
        }
        return parts.joined(separator: "  ")
    }

    /// Without quotes where nothing needs them.
    private static func plain(_ json: ArraySlice<UInt8>) -> String {
        let inner = json.dropFirst().dropLast()
        let isQuoted = json.first == UInt8(ascii: "\"")
        let isPlain = !inner.isEmpty && !inner.contains { " \"\\=".utf8.contains($0) }
        return String(decoding: isQuoted && isPlain ? inner : json, as: UTF8.self)
    }

    /// Made once, not for every line.
    private static let fields = LineField.allCases
}
