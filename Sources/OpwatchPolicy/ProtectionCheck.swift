import OpwatchCore

/// `ignore` rules for some services, where another service could cancel what they protect.
///
/// An operation belongs to the service that lists it first, and where parents overlap that is a
/// matter of chance: what protects it must not depend on it.
struct ProtectionCheck {
    private let services: [ServiceDraft]
    private let problems: ProblemList
    private var trees: [Endpoint: ParentTree] = [:]

    init(services: [ServiceDraft], problems: ProblemList) {
        self.services = services
        self.problems = problems
        for (position, service) in services.enumerated() {
            guard let endpoint = service.endpoint else { continue }
            for parent in service.parents {
                trees[endpoint, default: ParentTree()].insert(parent.value, of: position)
            }
        }
    }

    /// Refuses the rules that could be got around.
    func check(_ rules: [RuleDraft]) {
        let readable = rules.filter { $0.areServicesKnown }
        let ignoring = readable.filter { $0.isIgnore && $0.services != nil }
        let cancelling = readable.filter { $0.action?.value == .cancel }
        for rule in ignoring {
            let guards = readable.filter { $0.protects(as: rule) }
            let threat = firstThreat(to: rule) { other in
                guards.allSatisfy { !$0.applies(to: other) }
                    && cancelling.contains { $0.applies(to: other) }
            }
            guard let (position, parent) = threat,
                let canceller = cancelling.first(where: { $0.applies(to: position) })
            else { continue }
            let other = services[position]
            problems.error(
                "\(rule.label) does not protect what \(other.placed) "
                    + "lists of parent \(parent.value.quoted) (line \(parent.mark.line)): "
                    + "\(canceller.placed) may cancel it there; name both services, or leave "
                    + "services out",
                at: rule.name?.mark ?? rule.mark)
        }
    }

    /// A service that lists some of what one of the rule's services lists, and the parent of the
    /// latter.
    private func firstThreat(
        to rule: RuleDraft, where isThreat: (Int) -> Bool
    ) -> (service: Int, parent: Located<String>)? {
        var judged: [Int: Bool] = [:]
        for position in rule.services ?? [] {
            let service = services[position]
            guard let endpoint = service.endpoint, let tree = trees[endpoint] else { continue }
            for parent in service.parents {
                for other in tree.services(overlapping: parent.value) {
                    let isThreat = judged[other] ?? isThreat(other)
                    judged[other] = isThreat
                    if isThreat { return (other, parent) }
                }
            }
        }
        return nil
    }
}
