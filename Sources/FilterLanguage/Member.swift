internal import WireFormat

/// A name and the names behind its dots: a field, a function or a value, which only its place
/// tells.
struct Member {
    /// The names in their order, at least one.
    let names: [Token]

    /// Reads a member, from its first name on.
    init(from cursor: inout TokenCursor) throws(FilterError) {
        var names = [cursor.token]
        cursor.advance()
        while cursor.token.kind == .dot {
            let dot = cursor.token
            cursor.advance()
            guard cursor.token.isName, !cursor.token.isAfterSpace else {
                throw FilterError(
                    offset: dot.range.lowerBound, message: "`.` needs a name right behind it")
            }
            guard !dot.isAfterSpace else {
                throw FilterError(
                    offset: dot.range.lowerBound, message: "`.` needs a name right in front of it")
            }
            names.append(cursor.token)
            cursor.advance()
        }
        self.names = names
    }

    private init(names: [Token]) {
        self.names = names
    }

    var first: Token { names[0] }

    var last: Token { names[names.count - 1] }

    /// Where it stands, in UTF-8 bytes.
    var offset: Int { first.range.lowerBound }

    /// What stands in front of its last dot; nil where it has none.
    var parent: Member? { names.count > 1 ? Member(names: names.dropLast()) : nil }

    /// The name, where it is a single one without quotes; else nil.
    var loneWord: String? { names.count == 1 && first.kind == .text ? first.text : nil }

    /// The names with their dots, as nothing else stands between them; quotes are lost.
    var dotted: String { names.map(\.text).joined(separator: ".") }

    /// The field that it names.
    func field() throws(FilterError) -> FieldMention {
        guard names.count <= Limits.segmentsMax else {
            throw FilterError(
                offset: offset, message: "the path has more than \(Limits.segmentsMax) segments")
        }
        for name in names where name.kind == .text {
            guard let star = name.stars.first else { continue }
            throw FilterError(
                offset: star.offset, message: "a path has no wildcards",
                suggestion: "put the segment in quotes if its key holds a *")
        }
        if first.kind == .text, first.text.utf8.first?.isDigit == true {
            throw FilterError(
                offset: offset, message: "a field path stands on the left, never a number",
                suggestion: "put the first segment in quotes if it is a key")
        }
        let segments = names.map { FieldSegment($0.text, isQuoted: $0.kind == .string) }
        return FieldMention(path: FieldPath(segments: segments), offset: offset)
    }
}
