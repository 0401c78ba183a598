/// A piece of the expression.
struct Token: Sendable {
    enum Kind: Equatable, Sendable {
        /// Characters without quotes; also a keyword, as only the place tells.
        case text
        /// Characters in quotes.
        case string
        case dot
        case comma
        /// A `-` in front of a term.
        case minus
        case open
        case close
        case comparator(Comparator)
        /// Behind the last piece; there is always exactly one.
        case end
    }

    let kind: Kind
    /// Where it stands, in UTF-8 bytes, quotes included.
    let range: Range<Int>
    /// White space, or nothing at all, stands in front of it.
    let isAfterSpace: Bool
    /// The characters, without quotes and with escapes resolved; empty for signs.
    var text = ""
    /// The `*` among the characters that were not escaped.
    var stars: [Star] = []

    /// A `*` that may be a wildcard.
    struct Star: Sendable {
        /// Bytes of `text` in front of it.
        let position: Int
        /// Bytes of the expression in front of it.
        let offset: Int
    }

    /// Characters with quotes or without: what fields, functions and values are made of.
    var isName: Bool { kind == .text || kind == .string }

    /// AND, OR or NOT, where the grammar reads it as an operator.
    var keyword: String? {
        guard kind == .text, ["AND", "OR", "NOT"].contains(text) else { return nil }
        return text
    }
}
