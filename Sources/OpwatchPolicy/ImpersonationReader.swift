import OpwatchCore

/// Reads `impersonate:` of a service: an account, or a mapping with the accounts on the way.
struct ImpersonationReader {
    private static let keys = ["account", "delegates", "lifetime"]

    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }

    /// Nil, after a report, where any part of it cannot be read.
    func read(_ entry: Section.Entry) -> Impersonation? {
        if case .scalar = entry.value.content {
            return account(entry.value, label: entry.label).map { Impersonation(account: $0) }
        }
        guard
            let section = values.section(
                entry.value, "impersonate", prefix: "impersonate.", keys: Self.keys)
        else { return nil }
        guard let accountEntry = section["account"] else {
            problems.error("impersonate needs an account", at: section.mark)
            return nil
        }
        guard let name = account(accountEntry.value, label: accountEntry.label) else { return nil }
        var impersonation = Impersonation(account: name)
        if let delegates = section["delegates"] {
            for node in values.list(delegates, of: "accounts") ?? [] {
                guard let delegate = account(node, label: "a delegate") else { return nil }
                impersonation.delegates.append(delegate)
            }
        }
        if let lifetime = section["lifetime"] {
            let read = QuantityReader(problems: problems)
                .duration(lifetime, in: .seconds(600) ... .seconds(43_200))
            guard let read else { return nil }
            impersonation.lifetime = read.value
        }
        return impersonation
    }

    private func account(_ node: YAMLNode, label: String) -> String? {
        guard let scalar = values.scalar(node, label: label) else { return nil }
        guard CredentialText.isAccount(scalar.text) else {
            problems.error(
                "an account is an e-mail such as watcher@acme.iam.gserviceaccount.com, not "
                    + scalar.text.quoted, at: node.mark)
            return nil
        }
        return scalar.text
    }
}
