import FilterLanguage
import OpwatchCore

/// Reads one policy file and gathers its problems.
///
/// Sections are read in `PolicyReader+….swift`, each value on its own; what concerns several
/// of them at once follows when all are read.
struct PolicyReader {
    var problems: ProblemList
    /// Tells of expressions that contradict themselves or one another.
    var proof = FilterProof()

    init(file: String) {
        problems = ProblemList(file: file)
    }

    /// The policy of the file; nil, and at least one error, where it is refused.
    mutating func read(_ bytes: [UInt8]) -> Policy? {
        guard bytes.count <= PolicyFile.bytesMax else {
            problems.error("the file has more than \(PolicyFile.bytesMax) bytes", at: .start)
            return nil
        }
        guard !Secret.report(in: bytes, to: &problems),
            !HiddenSigns.report(in: bytes, to: &problems)
        else { return nil }
        let root = YAMLTree.read(bytes, problems: &problems)
        guard let root else {
            if !problems.hasErrors {
                problems.error("the file is empty; the least is \"version: 1\"", at: .start)
            }
            return nil
        }
        let keys = ["version", "mode", "services", "rules", "safety", "verify", "journal"]
        guard let top = section(root, "the policy", keys: keys) else { return nil }

        readVersion(top)
        var policy = Policy()
        policy.mode = top["mode"].flatMap { word($0, of: Mode.self) } ?? policy.mode
        let services = top["services"].map { readServices($0) } ?? []
        let rules = top["rules"].map { readRules($0, of: services) } ?? []
        policy.safety = top["safety"].map { readSafety($0) } ?? policy.safety
        policy.verify = top["verify"].map { readVerify($0) } ?? policy.verify
        policy.retention = top["journal"].map { readRetention($0) } ?? policy.retention
        checkPartitions(of: services)
        checkPace(of: services)
        checkClocks(of: rules, services: services)
        checkReach(of: rules, serviceCount: services.count)
        MentionCheck.check(rules, services: services, problems: &problems)
        ProtectionCheck(services).check(rules, problems: &problems)

        guard !problems.hasErrors else { return nil }
        policy.services = services.compactMap(\.service)
        policy.rules = rules.compactMap(\.rule)
        // Rules name services by position, so nothing may be missing in between.
        guard policy.services.count == services.count, policy.rules.count == rules.count else {
            preconditionFailure("A service or rule without an error is complete.")
        }
        policy.hash = CanonicalPolicy.hash(of: policy)
        return policy
    }

    private mutating func readVersion(_ top: Section) {
        guard let entry = top["version"] else {
            problems.error("version is missing; write \"version: 1\"", at: top.mark)
            return
        }
        guard let scalar = scalar(entry) else { return }
        if scalar.text != "1" {
            problems.error(
                "version must be 1, not \(scalar.text.quoted)", at: entry.value.mark)
        }
    }
}
