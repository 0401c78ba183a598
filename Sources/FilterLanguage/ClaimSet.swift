/// What has to hold of one field at once, and whether any value can do that.
///
/// Goes through everything that a field may be: absent, a boolean, an object, a list, a number,
/// and texts apart by what they may be taken for. It never denies what some value fulfils.
struct ClaimSet {
    let claims: [Claim]
    /// What the field may be, as far as every operation has it.
    let kinds: FieldKinds

    /// Whether some value may fulfil every claim; true also where that was not found out.
    var isPossible: Bool {
        if kinds.simple.contains(where: { kind in claims.allSatisfy { $0.truth(for: kind) != false }
        }) {
            return true
        }
        if kinds.hasNumbers, canBeOrdered(asText: false, \.number) { return true }
        guard kinds.hasTexts, canHaveBytes(claims.filter(\.isAboutBytes)) else { return false }
        return canBeOrdered(asText: true, \.number) || canBeOrdered(asText: true, \.timestamp)
            || canBeOrdered(asText: true, \.duration) || canHaveBytes(claims)
    }

    // MARK: Values in order

    /// Whether a value of one ordered type may fulfil every claim.
    /// - Parameters:
    ///   - asText: whether it is a text of that type; of numbers, a whole one in digits.
    ///   - value: the literal of a claim if it is of the type too.
    private func canBeOrdered<Value: Comparable>(
        asText: Bool, _ value: (Claim) -> Value?
    ) -> Bool {
        var bounds = Bounds<Value>()
        for claim in claims {
            guard case .comparison(let comparator, let literal) = claim.question,
                let required = claim.comparator
            else {
                if !asText, !claim.isNegated { return false }
                continue
            }
            if literal.isStar, asText || comparator == .has {
                if (comparator != .notEqual) == claim.isNegated { return false }
            } else if asText, comparator == .has || literal.isPattern {
                continue
            } else if !literal.isPattern, let value = value(claim) {
                bounds.require(required, value)
            } else if asText, comparator.isOrdering, case .text = claim.type {
                continue
            } else if (comparator == .notEqual) == claim.isNegated {
                return false
            }
        }
        return !bounds.isEmpty
    }

    // MARK: Texts

    /// Whether a text that is no whole number, timestamp or duration may fulfil the claims; of
    /// those that are about bytes alone, whether any text may.
    private func canHaveBytes(_ claims: [Claim]) -> Bool {
        var bounds = Bounds<OrderedText>()
        var affixes: [(affix: Affix, isNegated: Bool)] = []
        for claim in claims {
            switch claim.demandOnText {
            case .truth(let truth): if truth == claim.isNegated { return false }
            case .order(let comparator, let text): bounds.require(comparator, text)
            case .affix(let affix): affixes.append((affix, claim.isNegated))
            case .unknown: continue
            }
        }
        if bounds.isEmpty { return false }
        let wanted = affixes.filter { !$0.isNegated }.map(\.affix)
        let unwanted = affixes.filter(\.isNegated).map(\.affix)
        if let text = bounds.single?.bytes {
            return wanted.allSatisfy { $0.fits(text) } && !unwanted.contains { $0.fits(text) }
        }
        return !wanted.contains { one in
            wanted.contains { !$0.agrees(with: one) } || unwanted.contains { $0.follows(from: one) }
        } && !unwanted.contains(where: \.bytes.isEmpty)
    }
}
