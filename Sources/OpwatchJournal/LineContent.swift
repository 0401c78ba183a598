internal import OpwatchCore

/// What a line says; each content in a box, since lines are handed on more often than looked into.
enum LineContent: Sendable, Equatable {
    indirect case header(JournalHeader)
    indirect case history(HistoryHeader)
    /// Ends the checkpoint; `lines` stand between it and the header.
    case ready(lines: Int64)
    indirect case record(JournalRecord)
    /// A record that the checkpoint of the file has already: for the audit trail only, because its
    /// own line could not be written in its time.
    indirect case restated(JournalRecord)
    /// A kind of a later version, with the bytes of the line from `"at"` on.
    case preserved(kind: String, rest: [UInt8])

    /// What an auditor reads, whether or not it is folded.
    var told: JournalRecord? {
        switch self {
        case .record(let record), .restated(let record): record
        case .header, .history, .ready, .preserved: nil
        }
    }
}

// MARK: Reading and writing

extension LineContent {
    /// What a line of the kind says; fields that the kind does not have are passed over.
    init(_ kind: LineKind, from line: borrowing FieldReader) throws(FieldReader.BadField) {
        switch kind {
        case .header: self = .header(try JournalHeader(from: line))
        case .history: self = .history(try HistoryHeader(from: line))
        case .ready: self = .ready(lines: try line.number(.lines))
        }
    }

    /// What a line of the record's kind says.
    init(_ kind: JournalRecord.Kind, from line: borrowing FieldReader) throws(FieldReader.BadField)
    {
        let record = try JournalRecord(kind, from: line)
        if try line.optionalFlag(.restated) {
            self = .restated(consume record)
        } else {
            self = .record(consume record)
        }
    }

    /// The kind and what belongs to it.
    /// - Throws: `unwritable`.
    func write(to line: inout FieldWriter) throws(JournalError) {
        do throws(FieldWriter.Unwritable) {
            switch self {
            case .header(let header): header.write(to: &line)
            case .history(let header): header.write(to: &line)
            case .ready(let lines):
                line.kind(LineKind.ready.rawValue)
                line.number(.lines, lines)
            case .record(let record): try record.write(to: &line)
            case .restated(let record):
                try record.write(to: &line)
                line.flag(.restated, true)
            case .preserved(let kind, _): try JournalRecord.unknown(kind: kind).write(to: &line)
            }
        } catch {
            throw .unwritable(field: error.field.name, problem: error.problem)
        }
    }
}
