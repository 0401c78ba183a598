/// A value as it is spelled, before its stars are taken for wildcards.
struct Spelling {
    /// Without quotes and with escapes resolved, stars included.
    let text: String
    let isQuoted: Bool
    /// The `*` in it that were not escaped, in their order; each position is one of `text`.
    private let stars: [Token.Star]

    /// What a member spells as a value: one text in quotes, or unquoted names with their dots.
    init(_ member: Member) throws(FilterError) {
        let first = member.first
        if member.names.count == 1, first.kind == .string {
            (text, isQuoted, stars) = (first.text, true, first.stars)
            return
        }
        if let quoted = member.names.first(where: { $0.kind == .string }) {
            throw FilterError(
                offset: quoted.range.lowerBound, message: "a value is quoted only in part",
                suggestion: "put the whole value in quotes")
        }
        (text, isQuoted) = (member.dotted, false)
        stars = member.names.flatMap(\.stars).map { star in
            Token.Star(position: star.offset - member.offset, offset: star.offset)
        }
    }

    /// The literal that it is behind the comparator, which decides where stars are wildcards.
    func literal(behind comparator: Comparator) throws(FilterError) -> Literal {
        guard let first = stars.first else { return Literal(text: text, isQuoted: isQuoted) }
        let length = text.utf8.count
        if stars.count == length, !comparator.isOrdering {
            return Literal(text: "", isQuoted: isQuoted, isOpenAtStart: true, isOpenAtEnd: true)
        }
        switch comparator {
        case .equal, .notEqual:
            break
        case .has:
            throw FilterError(
                offset: first.offset, message: "`*` stands only alone behind `:`",
                suggestion: #"leave it out, as `:` looks inside texts, or write = or "\*""#)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            throw FilterError(
                offset: first.offset, message: "`*` is a wildcard only behind = and !=",
                suggestion: #"write "\*" for a star"#)
        }
        if let inner = stars.first(where: { $0.position != 0 && $0.position != length - 1 }) {
            throw FilterError(
                offset: inner.offset, message: "`*` stands only at the start or the end of a value",
                suggestion: #"write "\*" for a star, or two comparisons with AND"#)
        }
        let isOpenAtStart = first.position == 0
        let isOpenAtEnd = stars[stars.count - 1].position == length - 1
        let core = text.utf8.dropFirst(isOpenAtStart ? 1 : 0).dropLast(isOpenAtEnd ? 1 : 0)
        return Literal(
            text: String(decoding: Array(core), as: UTF8.self), isQuoted: isQuoted,
            isOpenAtStart: isOpenAtStart, isOpenAtEnd: isOpenAtEnd)
    }
}
