internal import WireFormat

/// Values and their wildcards.
extension Parser {
    /// Where the segments of a member stand, dots included.
    func range(of segments: [Token]) -> Range<Int> {
        segments[0].range.lowerBound..<segments[segments.count - 1].range.upperBound
    }

    /// The literal that the segments spell.
    func literal(_ segments: [Token], for comparator: Comparator) throws(FilterError) -> Literal {
        let text = try text(of: segments)
        let isQuoted = segments[0].kind == .string
        let start = isQuoted ? 0 : range(of: segments).lowerBound
        let stars = segments.flatMap(\.stars).map { star in
            isQuoted ? star : Token.Star(position: star.offset - start, offset: star.offset)
        }
        return try literal(text, isQuoted: isQuoted, stars: stars, for: comparator)
    }

    /// What the segments spell: one in quotes, or unquoted ones with their dots.
    func text(of segments: [Token]) throws(FilterError) -> String {
        if segments.count == 1, segments[0].kind == .string { return segments[0].text }
        if let quoted = segments.first(where: { $0.kind == .string }) {
            throw FilterError(
                offset: quoted.range.lowerBound, message: "a value is quoted only in part",
                suggestion: "put the whole value in quotes")
        }
        return String(decoding: bytes[range(of: segments)], as: UTF8.self)
    }

    private func literal(
        _ text: String, isQuoted: Bool, stars: [Token.Star], for comparator: Comparator
    ) throws(FilterError) -> Literal {
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

    /// Refuses values that would silently compare as something else than they look like.
    func check(
        _ literal: Literal, for comparator: Comparator, at offset: Int
    ) throws(FilterError) {
        if !literal.isQuoted, literal.text == "null" {
            throw FilterError(
                offset: offset, message: "`null` is not a value",
                suggestion: "write NOT FIELD:* for a missing field, or \"null\" for the text")
        }
        guard comparator != .has else { return }
        if !literal.isQuoted, literal.text == "-" {
            throw FilterError(
                offset: offset, message: "`-` is not a value",
                suggestion: "put it in quotes if it is the text")
        }
        let isStrict = comparator.isOrdering || !literal.isQuoted
        if isStrict, Self.looksLikeTimestamp(literal.text), Timestamp(rfc3339: literal.text) == nil
        {
            throw FilterError(
                offset: offset, message: "the value is not an RFC 3339 timestamp",
                suggestion: "write \"2024-01-31T12:00:00Z\"")
        }
        if comparator.isOrdering { try checkOrder(of: literal.text, at: offset) }
    }

    /// Refuses what would be ordered as a mere text although it looks like a time or a number of
    /// something.
    private func checkOrder(of text: String, at offset: Int) throws(FilterError) {
        if let duration = ForeignDuration(text) {
            throw FilterError(
                offset: offset, message: "durations are written in seconds here",
                suggestion: "write \(duration.inSeconds)")
        }
        guard case .text = LiteralType(Array(text.utf8)) else { return }
        if NearTimestamp.isWritten(as: text) {
            throw FilterError(
                offset: offset,
                message: "the value looks like a time, but is no RFC 3339 timestamp",
                suggestion: "write \"2024-01-31T12:00:00Z\"")
        }
        guard text.utf8.contains(where: \.isDigit) else { return }
        if text.last?.lowercased() == "s",
            text.dropLast().allSatisfy({ "+-.0123456789".contains($0) })
        {
            throw FilterError(
                offset: offset, message: "the value is not a duration",
                suggestion: "write 90s or 1.5s, with at most nine digits behind the point")
        }
        let digits = text.drop { "+-0".contains($0) }
        if digits.utf8.allSatisfy(\.isDigit) {
            throw FilterError(
                offset: offset, message: "a number has neither zeros nor a + in front",
                suggestion:
                    "write \(text.hasPrefix("-") ? "-" : "")\(digits.isEmpty ? "0" : digits)")
        }
    }

    /// A date and a `T`: nothing else is meant by it.
    private static func looksLikeTimestamp(_ text: String) -> Bool {
        let bytes = Array(text.utf8.prefix(11))
        guard bytes.count == 11, bytes[10] | 0x20 == UInt8(ascii: "t") else { return false }
        return zip(bytes, "0000-00-00".utf8).allSatisfy { byte, sample in
            sample == UInt8(ascii: "-") ? byte == sample : byte.isDigit
        }
    }
}
