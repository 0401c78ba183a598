/// A name of a path; quotes around it decide whether its other spelling counts.
struct NaiveSegment: Sendable {
    var text: String
    var isQuoted: Bool
}

/// A value behind a comparator: its text without the wildcards, and where wildcards stand.
struct NaiveLiteral: Sendable {
    var text: String
    var isQuoted: Bool
    var opensWithStar = false
    var closesWithStar = false

    /// `*` alone: any text behind `=`, and "is there" behind `:`.
    static func star(isQuoted: Bool) -> NaiveLiteral {
        NaiveLiteral(text: "", isQuoted: isQuoted, opensWithStar: true, closesWithStar: true)
    }

    var hasStar: Bool { opensWithStar || closesWithStar }
    var isStarAlone: Bool { hasStar && text.isEmpty }
}

/// What stands behind a comparator: a value, or values in parentheses, also inside one another.
indirect enum NaiveValues: Sendable {
    case one(NaiveLiteral)
    case any([NaiveValues])
    case all([NaiveValues])
}

/// The comparators as they are written.
enum NaiveComparator: String, CaseIterable, Sendable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case has = ":"

    var isOrder: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .equal, .notEqual, .has: false
        }
    }
}

/// The functions as they are written.
enum NaiveFunction: String, CaseIterable, Sendable {
    case startsWith
    case endsWith
}

/// An expression, made from the page for policy authors alone and sharing nothing with the library.
indirect enum NaiveFilter: Sendable {
    case all([NaiveFilter])
    case any([NaiveFilter])
    case not(NaiveFilter)
    case comparison([NaiveSegment], NaiveComparator, NaiveValues)
    case call(NaiveFunction, [NaiveSegment], text: String)
    case word(NaiveLiteral)

    var children: [NaiveFilter] {
        switch self {
        case .all(let children), .any(let children): children
        case .not(let child): [child]
        case .comparison, .call, .word: []
        }
    }
}
