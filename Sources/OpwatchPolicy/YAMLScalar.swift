/// A text of a YAML file.
struct YAMLScalar: Sendable {
    enum Style: Sendable {
        case plain
        case singleQuoted
        case doubleQuoted
        /// `|` or `>`.
        case block
    }

    let text: String
    let style: Style
    /// Whether it begins and ends on one line.
    let isOnOneLine: Bool
    /// Scalars between its first and its last place, quotes included; of one line only.
    let width: Int

    /// `~`, `null` or nothing at all, without quotes.
    var isNull: Bool {
        guard style == .plain else { return false }
        switch text {
        case "", "~", "null", "Null", "NULL": return true
        default: return false
        }
    }

    /// The place of the byte `offset` of the text, when the file spells the text plainly enough
    /// to tell; otherwise where the value begins.
    func mark(ofByte offset: Int, from start: Mark) -> Mark {
        guard isOnOneLine, offset >= 0 else { return start }
        let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self).unicodeScalars
        let length = text.unicodeScalars.count
        switch style {
        case .plain where width == length:
            return Mark(line: start.line, column: start.column + before.count)
        case .singleQuoted:
            let doubledQuotes = before.count { $0 == "'" }
            return Mark(line: start.line, column: start.column + 1 + before.count + doubledQuotes)
        case .doubleQuoted where width == length + 2:
            return Mark(line: start.line, column: start.column + 1 + before.count)
        case .plain, .doubleQuoted, .block:
            return start
        }
    }
}
