import FilterLanguage

/// Rules that can never decide anything, as far as that can be told without an operation.
struct DeadRuleCheck {
    let problems: ProblemList
    let serviceCount: Int
    /// Of the file; what it has no steps left for is not found out.
    var proof: FilterProof

    /// Refuses rules behind unconditional ones, and warns of all others that have no effect.
    mutating func check(_ rules: [RuleDraft]) {
        let readable = rules.filter { $0.areServicesKnown && $0.action != nil && $0.hasMatch }
        let hidden = refuseHidden(in: readable)
        for (index, rule) in readable.enumerated() where !hidden.contains(index) {
            if let match = rule.match, let conflict = proof.conflict(in: match.filter) {
                problems.warning(
                    "\(rule.label) can never match: \(conflict)", at: match.mark)
            } else if !rule.isIgnore {
                let takers = readable.enumerated().filter { other in
                    (other.element.isIgnore || other.offset < index)
                        && other.element.coversServices(of: rule, serviceCount: serviceCount)
                }
                warn(of: rule, behind: takers.map(\.element))
            }
        }
    }

    /// The positions of rules that unconditional ones leave nothing to.
    private func refuseHidden(in rules: [RuleDraft]) -> Set<Int> {
        var hidden: Set<Int> = []
        var unconditional: [RuleDraft] = []
        var covered: Set<Int> = []
        var coversAll = false
        for (index, rule) in rules.enumerated() where !rule.isIgnore {
            let isHidden =
                coversAll
                || rule.services.map { covered.isSuperset(of: $0) }
                    ?? (serviceCount > 0 && covered.count == serviceCount)
            if isHidden {
                hidden.insert(index)
                let takers = unconditional.filter { $0.overlaps(rule) }.map(\.placed)
                problems.error(
                    "\(rule.label) can never decide: every operation of its services is taken "
                        + "before by \(takers.joined(separator: " and "))",
                    at: rule.name?.mark ?? rule.mark)
            } else if rule.matchesEverything {
                unconditional.append(rule)
                covered.formUnion(rule.services ?? [])
                coversAll = coversAll || rule.services == nil
            }
        }
        return hidden
    }

    /// Warns if the others leave nothing of what the rule matches.
    private mutating func warn(of rule: RuleDraft, behind others: [RuleDraft]) {
        guard isTaken(rule, by: others) else { return }
        var takers = others
        if let one = others.first(where: { isTaken(rule, by: [$0]) }) {
            takers = [one]
        } else {
            for index in takers.indices.reversed() {
                var fewer = takers
                fewer.remove(at: index)
                if isTaken(rule, by: fewer) { takers = fewer }
            }
        }
        let reasons = [("taken before by ", false), ("ignored by ", true)].compactMap {
            words, isIgnore in
            let names = takers.filter { $0.isIgnore == isIgnore }.map(\.placed)
            return names.isEmpty ? nil : words + names.joined(separator: " and ")
        }
        problems.warning(
            "\(rule.label) can never decide: what it matches is "
                + reasons.joined(separator: ", or "), at: rule.name?.mark ?? rule.mark)
    }

    private mutating func isTaken(_ rule: RuleDraft, by others: [RuleDraft]) -> Bool {
        if others.contains(where: \.matchesEverything) { return true }
        guard !others.isEmpty else { return false }
        let filters = others.compactMap { $0.match?.filter }
        return proof.conflict(in: rule.match?.filter, outside: filters) != nil
    }
}
