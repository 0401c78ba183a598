internal import WireFormat

/// An expression in canonical form: no needless groups, lists flattened, values in parentheses
/// spelled out as comparisons.
///
/// Not deeper than `Limits.nestingMax` groups, so that recursion over it is safe.
indirect enum FilterTree: Equatable, Sendable {
    /// The blank expression.
    case everything
    /// Two members or more, none of them `all`.
    case all([FilterTree])
    /// Two members or more, none of them `any`.
    case any([FilterTree])
    case not(FilterTree)
    case comparison(Comparison)
    case call(FunctionCall)
    /// A literal without a comparator.
    case word(Literal)

    /// How many comparisons, bare literals and calls it has.
    var termCount: Int {
        switch self {
        case .everything: 0
        case .all(let members), .any(let members): members.reduce(0) { $0 + $1.termCount }
        case .not(let inner): inner.termCount
        case .comparison, .call, .word: 1
        }
    }

    /// The AND of the parts; a single part stays itself.
    static func joinedByAnd(_ parts: [FilterTree]) -> FilterTree {
        let members = parts.flatMap { part in
            if case .all(let inner) = part { inner } else { [part] }
        }
        return members.count == 1 ? members[0] : .all(members)
    }

    /// The OR of the parts; a single part stays itself.
    static func joinedByOr(_ parts: [FilterTree]) -> FilterTree {
        let members = parts.flatMap { part in
            if case .any(let inner) = part { inner } else { [part] }
        }
        return members.count == 1 ? members[0] : .any(members)
    }
}

/// One field against one literal.
struct Comparison: Equatable, Sendable {
    let path: FieldPath
    let comparator: Comparator
    let literal: Literal

    /// What a bare literal stands for.
    init(word: Literal) {
        let name = FieldPath(segments: [FieldSegment("name")])
        self.init(path: name, comparator: .has, literal: word)
    }

    init(path: FieldPath, comparator: Comparator, literal: Literal) {
        self.path = path
        self.comparator = comparator
        self.literal = literal
    }
}

/// How field and literal are compared.
enum Comparator: String, Sendable {
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "="
    case notEqual = "!="
    case has = ":"

    /// One of the four that put values in order.
    var isOrdering: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .equal, .notEqual, .has: false
        }
    }

    /// Whether values in parentheses may follow. With `!=` nobody agrees what they mean.
    var takesGroups: Bool { self == .equal || self == .has }
}

/// The value that a field is compared with.
///
/// Its type is decided by the field that it meets; quotes only allow more characters.
struct Literal: Equatable, Sendable {
    /// The text without quotes, escapes and wildcards.
    let text: String
    /// Written in quotes. Decides how a map key is looked up, and how the literal is printed.
    let isQuoted: Bool
    /// A `*` stood in front.
    var isOpenAtStart = false
    /// A `*` stood behind.
    var isOpenAtEnd = false

    /// It has wildcards.
    var isPattern: Bool { isOpenAtStart || isOpenAtEnd }

    /// A lone `*`.
    var isStar: Bool { isOpenAtStart && isOpenAtEnd && text.isEmpty }

    /// Byte for byte, because `String` takes composed and decomposed characters as equal.
    static func == (left: Literal, right: Literal) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8) && left.isQuoted == right.isQuoted
            && left.isOpenAtStart == right.isOpenAtStart && left.isOpenAtEnd == right.isOpenAtEnd
    }
}

/// What an expression may have at most.
enum Limits {
    /// UTF-8 bytes, as written and in canonical form.
    static let bytesMax = 8 << 10
    /// Groups inside one another.
    static let nestingMax = 32
    /// Comparisons, bare literals and function calls together; of values in parentheses each.
    static let termsMax = 1_000
    /// Segments of one path; an object cannot be read deeper.
    static let segmentsMax = 64
}
