internal import WireFormat

/// Comparisons, bare literals and function calls.
extension Parser {
    /// One comparison, bare literal or function call, from its first word on; among values in
    /// parentheses one value.
    mutating func restriction() throws(FilterError) -> FilterTree {
        let start = offset
        guard terms < Limits.termsMax else {
            throw FilterError(
                offset: start, message: "the expression has more than \(Limits.termsMax) terms",
                suggestion: "split it into several rules")
        }
        terms += 1
        if let (path, comparator) = valuesOf {
            let literal = try value(behind: comparator, at: start)
            return .comparison(Comparison(path: path, comparator: comparator, literal: literal))
        }
        let segments = try member()
        if token.kind == .open, !token.isAfterSpace { return try call(segments) }
        guard case .comparator(let comparator) = token.kind else {
            return try word(segments)
        }
        let path = try path(of: segments)
        let sign = offset
        advance()
        if comparator == .notEqual, path.segments.count > 1 {
            advice.append(.notEqualOnPath(offset: start, path: path.description))
        }
        if token.kind == .open { return try values(of: path, behind: comparator) }
        let literal = try value(behind: comparator, at: sign)
        return .comparison(Comparison(path: path, comparator: comparator, literal: literal))
    }

    /// A name and the names behind its dots.
    mutating func member() throws(FilterError) -> [Token] {
        var segments = [token]
        advance()
        while token.kind == .dot {
            let dot = token
            advance()
            let isName = token.kind == .text || token.kind == .string
            guard isName, !token.isAfterSpace else {
                throw FilterError(
                    offset: dot.range.lowerBound, message: "`.` needs a name right behind it")
            }
            guard !dot.isAfterSpace else {
                throw FilterError(
                    offset: dot.range.lowerBound, message: "`.` needs a name right in front of it")
            }
            segments.append(token)
            advance()
        }
        return segments
    }

    /// The field that the segments name.
    mutating func path(of segments: [Token]) throws(FilterError) -> FieldPath {
        let start = segments[0].range.lowerBound
        guard segments.count <= Limits.segmentsMax else {
            throw FilterError(
                offset: start, message: "the path has more than \(Limits.segmentsMax) segments")
        }
        for segment in segments where segment.kind == .text {
            guard let star = segment.stars.first else { continue }
            throw FilterError(
                offset: star.offset, message: "a path has no wildcards",
                suggestion: "put the segment in quotes if its key holds a *")
        }
        if segments[0].kind == .text, segments[0].text.utf8.first?.isDigit == true {
            throw FilterError(
                offset: start, message: "a field path stands on the left, never a number",
                suggestion: "put the first segment in quotes if it is a key")
        }
        let path = FieldPath(
            segments: segments.map { FieldSegment($0.text, isQuoted: $0.kind == .string) })
        mentions.append(FieldMention(path: path, offset: start))
        return path
    }
}
