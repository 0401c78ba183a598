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
