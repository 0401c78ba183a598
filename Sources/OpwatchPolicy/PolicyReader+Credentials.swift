import OpwatchCore
import WireFormat

extension PolicyReader {
    /// `credentials:` of a service with what belongs to them, and whether they may travel to its
    /// URL.
    ///
    /// - Parameter url: nil for a built-in API, which has https and is Google's.
    mutating func readCredentials(_ section: Section, url: EndpointURL?) -> Credentials? {
        var credentials = Credentials(.applicationDefault)
        var mark = section.mark
        var isGood = true
        if let entry = section["credentials"] {
            mark = entry.value.mark
            let source = scalar(entry).flatMap { readSource($0, at: entry.value.mark) }
            if let source { credentials.source = source }
            isGood = source != nil
        }
        if let entry = section["universe_domain"] {
            credentials.universe = word(
                entry, "a domain such as \(Universe.google)", Universe.isDomain)
            isGood = isGood && credentials.universe != nil
        }
        if let entry = section["quota_project"] {
            credentials.quotaProject = word(
                entry, "the id of a project", Credentials.isProject)
            isGood = isGood && credentials.quotaProject != nil
        }
        if let entry = section["impersonate"] {
            credentials.impersonation = readImpersonation(entry)
            isGood = isGood && credentials.impersonation != nil
        }
        guard isGood else { return nil }
        checkCompany(of: credentials, section)
        if let url {
            checkReach(of: credentials, url, at: mark)
        } else if let entry = section["universe_domain"], credentials.isOfUniverse,
            credentials.universe != Universe.google
        {
            problems.error(
                "a built-in api lies in \(Universe.google); for another universe_domain give its "
                    + "endpoint", at: entry.value.mark)
        }
        return credentials
    }

    private mutating func readSource(_ scalar: YAMLScalar, at mark: Mark) -> Credentials.Source? {
        guard !Secret.isLikely(scalar.text) else {
            problems.error(
                "credentials looks like a token or a key, which no policy holds; put it into a "
                    + "file and write token:NAME or key:NAME", at: mark)
            return nil
        }
        do throws(CredentialText.Problem) {
            return try CredentialText.source(scalar.text)
        } catch {
            switch error {
            case .said(let message): problems.error(message, at: mark)
            case .unknown(let word):
                let known = CredentialText.words.joined(separator: ", ")
                problems.error(
                    "unknown credentials\(word.map { " " + $0.quoted } ?? ""); use one of \(known)"
                        + didYouMean(word ?? "", in: CredentialText.plainWords), at: mark)
            }
            return nil
        }
    }

    /// A text that fits.
    private mutating func word(
        _ entry: Section.Entry, _ what: String, _ isOne: (String) -> Bool
    ) -> String? {
        guard let scalar = scalar(entry) else { return nil }
        guard isOne(scalar.text) else {
            problems.error(
                "\(entry.label) must be \(what), not \(scalar.text.quoted)", at: entry.value.mark)
            return nil
        }
        return scalar.text
    }

    // MARK: Accounts in whose name

    private static let impersonationKeys = ["account", "delegates", "lifetime"]

    /// `impersonate: ACCOUNT`, or a mapping with the accounts on the way.
    private mutating func readImpersonation(_ entry: Section.Entry) -> Impersonation? {
        if case .scalar = entry.value.content {
            return scalar(entry).flatMap { account($0, at: entry.value.mark) }
                .map { Impersonation(account: $0) }
        }
        guard
            let section = section(
                entry.value, "impersonate", prefix: "impersonate.", keys: Self.impersonationKeys)
        else { return nil }
        guard let accountEntry = section["account"] else {
            problems.error("impersonate needs an account", at: section.mark)
            return nil
        }
        let name = scalar(accountEntry).flatMap { account($0, at: accountEntry.value.mark) }
        guard let name else { return nil }
        var impersonation = Impersonation(account: name)
        if let delegates = section["delegates"] {
            for node in list(delegates, of: "accounts") ?? [] {
                let delegate = scalar(node, label: "a delegate")
                    .flatMap { account($0, at: node.mark) }
                guard let delegate else { return nil }
                impersonation.delegates.append(delegate)
            }
        }
        if let lifetime = section["lifetime"] {
            guard let read = duration(lifetime, in: .seconds(600)...(.seconds(43_200))) else {
                return nil
            }
            impersonation.lifetime = read.value
        }
        return impersonation
    }

    private mutating func account(_ scalar: YAMLScalar, at mark: Mark) -> String? {
        guard CredentialText.isAccount(scalar.text) else {
            problems.error(
                "an account is an e-mail such as watcher@acme.iam.gserviceaccount.com, not "
                    + scalar.text.quoted, at: mark)
            return nil
        }
        return scalar.text
    }

    // MARK: What goes together

    private mutating func checkCompany(of credentials: Credentials, _ section: Section) {
        guard !credentials.isOfUniverse else { return }
        let word = credentials.source == .none ? "none" : "token:"
        if let entry = section["impersonate"], credentials.source == .none {
            problems.error("impersonate needs credentials, which are none", at: entry.keyMark)
        }
        if let entry = section["universe_domain"] {
            problems.error(
                "universe_domain is for credentials of Google; \(word) has no domain",
                at: entry.keyMark)
        }
        if let entry = section["quota_project"], credentials.source == .none {
            problems.error("quota_project needs credentials, which are none", at: entry.keyMark)
        }
    }

    /// A token goes to whom it was made for, and never readable over a network.
    private mutating func checkReach(
        of credentials: Credentials, _ url: EndpointURL, at mark: Mark
    ) {
        switch credentials.source {
        case .none: return
        case .applicationDefault, .token, .key, .authorizedUser, .external, .metadata: break
        }
        if url.isOpenToOthers {
            problems.error(
                "a token must not travel over http:// to another machine; "
                    + "use https://, a loopback address or credentials: none", at: mark)
            return
        }
        if case .token = credentials.source, credentials.impersonation == nil { return }
        let universe = credentials.universe ?? Universe.google
        if !url.isLoopback, !Universe.holds(url.host, universe) {
            problems.error(
                "credentials of Google go to services of \(universe) only, and \(url.host) is "
                    + "none (meant too where credentials is left out); name its domain as "
                    + "universe_domain, or use token:NAME or none", at: mark)
        }
    }
}
