internal import WireFormat

/// What can be told of expressions without looking at an operation.
///
/// Looks for a way to fulfil them, alternative by alternative, and gives up after so many steps:
/// that something is impossible is only said when every way was tried.
package struct FilterProof {
    /// Each reads one term, or looks at it beside another of its field.
    private var stepsLeft: Int
    private var conflict: FilterConflict?

    /// Alternatives inside one another; what needs more is not proven.
    private static let depthMax = 64

    /// - Parameter stepsMax: what all questions to this proof may take together; the usual number
    ///   is about a tenth of a second.
    package init(stepsMax: Int = 200_000) {
        stepsLeft = stepsMax
    }

    /// Why no running operation can match one filter and none of the others; nil where one can,
    /// or where that could not be found out.
    /// - Parameter filter: nil is one that every operation matches.
    package mutating func conflict(
        in filter: Filter?, outside others: [Filter] = []
    ) -> FilterConflict? {
        conflict = nil
        var formulas: [Formula] = []
        let wanted = [(filter?.tree ?? .everything, false)]
        for (tree, isNegated) in wanted + others.map({ ($0.tree, true) }) {
            stepsLeft -= tree.termCount
            guard stepsLeft > 0 else { return nil }
            formulas.append(Formula(tree, isNegated: isNegated))
        }
        guard isImpossible(formulas, beside: [:], depth: 0) else { return nil }
        return conflict ?? FilterConflict(terms: [])
    }

    private mutating func isImpossible(
        _ formulas: [Formula], beside known: [FieldPath: [Claim]], depth: Int
    ) -> Bool {
        var known = known
        var open: [[Formula]] = []
        var waiting = formulas
        while !waiting.isEmpty {
            while let formula = waiting.popLast() {
                switch formula {
                case .claim(let claim):
                    if isImpossible(claim, beside: known) { return true }
                    known[claim.path, default: []].append(claim)
                case .all(let members): waiting += members.reversed()
                case .any(let members): open.append(members)
                }
            }
            // What leaves one way only is no alternative.
            var branching: [[Formula]] = []
            for members in open {
                let ways = members.filter { !isPlainlyImpossible($0, beside: known) }
                if ways.isEmpty { return true }
                if ways.count == 1 { waiting.append(ways[0]) } else { branching.append(ways) }
            }
            open = branching
        }
        guard stepsLeft > 0, depth < Self.depthMax,
            let fewest = open.indices.min(by: { open[$0].count < open[$1].count })
        else { return false }
        let ways = open.remove(at: fewest)
        let rest = open.map(Formula.any)
        return ways.allSatisfy { isImpossible(rest + [$0], beside: known, depth: depth + 1) }
    }

    /// Without trying alternatives.
    private mutating func isPlainlyImpossible(
        _ formula: Formula, beside known: [FieldPath: [Claim]]
    ) -> Bool {
        switch formula {
        case .claim(let claim): isImpossible(claim, beside: known)
        case .all(let members): members.contains { isPlainlyImpossible($0, beside: known) }
        case .any(let members): members.allSatisfy { isPlainlyImpossible($0, beside: known) }
        }
    }

    private mutating func isImpossible(
        _ claim: Claim, beside known: [FieldPath: [Claim]]
    ) -> Bool {
        var claims = known[claim.path] ?? []
        stepsLeft -= claims.count + 1
        guard stepsLeft > 0 else { return false }
        let kinds = FieldKinds(ofRunningAt: claim.path)
        if let opposite = claims.first(where: claim.isOpposite) {
            claims = [opposite, claim]
        } else {
            claims.append(claim)
            if ClaimSet(claims: claims, kinds: kinds).isPossible { return false }
            // Only what it takes to see it.
            for index in claims.indices.reversed() {
                var fewer = claims
                fewer.remove(at: index)
                if !ClaimSet(claims: fewer, kinds: kinds).isPossible { claims = fewer }
            }
        }
        if conflict == nil { conflict = FilterConflict(terms: claims.map(\.text)) }
        return true
    }
}

/// An expression with its NOTs moved to the terms.
private indirect enum Formula {
    case claim(Claim)
    /// Of no members: true.
    case all([Formula])
    /// Of no members: false.
    case any([Formula])

    init(_ tree: FilterTree, isNegated: Bool) {
        switch tree {
        case .everything:
            self = isNegated ? .any([]) : .all([])
        case .not(let inner):
            self.init(inner, isNegated: !isNegated)
        case .all(let members):
            let members = members.map { Formula($0, isNegated: isNegated) }
            self = isNegated ? .any(members) : .all(members)
        case .any(let members):
            let members = members.map { Formula($0, isNegated: isNegated) }
            self = isNegated ? .all(members) : .any(members)
        case .comparison(let comparison):
            self = .claim(Claim(comparison, isNegated: isNegated))
        case .word(let literal):
            self = .claim(Claim(Comparison(word: literal), isNegated: isNegated))
        case .call(let call):
            self = .claim(Claim(call, isNegated: isNegated))
        }
    }
}
