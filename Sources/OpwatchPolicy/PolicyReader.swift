import FilterLanguage
import OpwatchCore

/// Reads one policy file and gathers its problems.
///
/// Each section has a reader of its own; what concerns several of them at once has checks, which
/// follow when all are read.
struct PolicyReader {
    /// A larger file is refused without a look at it.
    static let bytesMax = 1 << 20
    private static let keys = [
        "version", "mode", "services", "rules", "safety", "verify", "journal",
    ]

    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }

    /// The policy of the file; nil, and at least one error, where it is refused.
    func read(_ bytes: [UInt8]) -> Policy? {
        guard let root = root(of: bytes),
            let top = values.section(root, "the policy", keys: Self.keys)
        else { return nil }
        readVersion(top)
        var policy = Policy()
        policy.mode = top["mode"].flatMap { values.word($0, of: Mode.self) } ?? policy.mode
        // All expressions of a file share its steps.
        var proof = FilterProof()
        let services =
            top["services"].map {
                ServicesReader(problems: problems).read($0, proof: &proof)
            } ?? []
        let rules =
            top["rules"].map {
                RulesReader(services: services, problems: problems).read($0)
            } ?? []
        policy.safety =
            top["safety"].map { SafetyReader(problems: problems).read($0) } ?? policy.safety
        policy.verify =
            top["verify"].map { VerifyReader(problems: problems).read($0) } ?? policy.verify
        policy.retention =
            top["journal"].map { RetentionReader(problems: problems).read($0) }
            ?? policy.retention
        check(rules, services: services, proof: proof)

        guard !problems.hasErrors else { return nil }
        return finished(policy, services: services, rules: rules)
    }

    /// What the file holds; nil, after a report, where that is nothing, no YAML, or something of
    /// which no more may be told.
    private func root(of bytes: [UInt8]) -> YAMLNode? {
        guard bytes.count <= Self.bytesMax else {
            problems.error("the file has more than \(Self.bytesMax) bytes", at: .start)
            return nil
        }
        guard !Secret.report(in: bytes, to: problems), !HiddenSigns.report(in: bytes, to: problems)
        else { return nil }
        let root = YAMLTree.read(bytes, problems: problems)
        if root == nil, !problems.hasErrors {
            problems.error("the file is empty; the least is \"version: 1\"", at: .start)
        }
        return root
    }

    private func readVersion(_ top: Section) {
        guard let entry = top["version"] else {
            problems.error("version is missing; write \"version: 1\"", at: top.mark)
            return
        }
        guard let scalar = values.scalar(entry) else { return }
        if scalar.text != "1" {
            problems.error(
                "version must be 1, not \(scalar.text.quoted)", at: entry.value.mark)
        }
    }

    /// What concerns several entries at once.
    private func check(_ rules: [RuleDraft], services: [ServiceDraft], proof: FilterProof) {
        PartitionCheck(problems: problems).check(services)
        PaceCheck(problems: problems).check(services)
        ClockCheck(problems: problems).check(rules, services: services)
        var deadRules = DeadRuleCheck(
            problems: problems, serviceCount: services.count, proof: proof)
        deadRules.check(rules)
        MentionCheck(problems: problems).check(rules, services: services)
        ProtectionCheck(services: services, problems: problems).check(rules)
    }

    /// The policy with its services, its rules and its hash; of a file without errors.
    private func finished(
        _ policy: Policy, services: [ServiceDraft], rules: [RuleDraft]
    ) -> Policy {
        var policy = policy
        policy.services = services.compactMap(\.service)
        policy.rules = rules.compactMap(\.rule)
        // Rules name services by position, so nothing may be missing in between.
        guard policy.services.count == services.count, policy.rules.count == rules.count else {
            preconditionFailure("A service or rule without an error is complete.")
        }
        policy.hash = CanonicalPolicy.hash(of: policy)
        return policy
    }
}
