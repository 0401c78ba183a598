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
    private var fields = FieldReader()

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
        defer { fields.removeAll() }
        do {
            try fields.read(bytes, in: range)
        } catch {
            return .unusable(frame, what: "not a JSON object")
        }
        do {
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
        if let kind = JournalRecord.Kind(rawValue: name) {
            content = try LineContent(kind, from: fields)
        } else if let kind = LineKind(rawValue: name) {
            if kind == .header {
                let min = try JournalHeader.min(from: fields)
                guard min <= JournalFormat.current else { return .tooNew(min: min) }
            }
            content = try LineContent(kind, from: fields)
        } else {
            content = .preserved(kind: name, rest: Array(rest))
        }
        return .good(
            JournalLine(seq: frame.seq, synced: frame.synced, at: at, content: content))
    }
}
