internal import OpwatchCore
internal import WireFormat

/// One line that verifies: its frame, and what it says.
struct JournalLine: Sendable, Equatable {
    let seq: Int64
    let synced: Int64
    let at: Timestamp
    let content: LineContent
}

/// Reads lines strictly; a line is good as a whole or bad.
struct LineDecoder {
    private var row = FieldRow()

    enum Outcome: Equatable {
        case good(JournalLine)
        /// The checksum or the front of the line is wrong.
        case broken
        /// The bytes are those that were written, but this version cannot use them.
        case unusable(LineFrame, what: String)
        /// A header that must not be followed.
        case tooNew(min: Int64)
    }

    /// Reads one line, its LF not included.
    mutating func decode(_ bytes: [UInt8], in range: Range<Int>) -> Outcome {
        guard range.count < LineFrame.bytesMax, let frame = LineFrame(bytes[range]) else {
            return .broken
        }
        guard bytes[range].withUnsafeBytes({ PrintableText.isWhole($0) }) else {
            return .unusable(frame, what: "not ASCII")
        }
        // While the row holds the bytes, reading on would have to copy them.
        defer { row.removeAll() }
        do {
            try ObjectReader.read(
                bytes, in: range, fields: FieldReader.fields, limits: .line, into: &row)
        } catch {
            return .unusable(frame, what: "not a JSON object")
        }
        do {
            let fields = FieldReader(row)
            return try Self.line(frame, fields, rest: bytes[frame.restStart..<range.upperBound])
        } catch {
            return .unusable(frame, what: "the field '\(error.field.name)' is missing or bad")
        }
    }

    private static func line(
        _ frame: LineFrame, _ fields: FieldReader, rest: ArraySlice<UInt8>
    ) throws(FieldReader.BadField) -> Outcome {
        let at = try fields.time(.at)
        let name = try fields.text(.kind)
        let content: LineContent
        if let kind = LineKind(rawValue: name) {
            if kind == .header {
                let min = try fields.headerMin()
                guard min <= JournalFormat.current else { return .tooNew(min: min) }
            }
            content = try fields.content(kind)
        } else {
            content = .preserved(kind: name, rest: Array(rest))
        }
        return .good(
            JournalLine(seq: frame.seq, synced: frame.synced, at: at, content: content))
    }
}
