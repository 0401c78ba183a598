import OpwatchCore

/// What goes together with credentials, and to whom they go.
struct CredentialsCheck {
    let problems: ProblemList

    /// - Parameters:
    ///   - section: the service, for the places of its keys.
    ///   - url: nil for a built-in API.
    ///   - mark: the place of the credentials, or of the service that leaves them out.
    func check(
        _ credentials: Credentials, of section: Section, url: EndpointURL?, at mark: Mark
    ) {
        checkCompany(of: credentials, section)
        if let url {
            checkAudience(of: credentials, url, at: mark)
        } else if let entry = section["universe_domain"], credentials.isOfUniverse,
            credentials.universe != Universe.google
        {
            problems.error(
                "a built-in api lies in \(Universe.google); for another universe_domain give its "
                    + "endpoint", at: entry.value.mark)
        }
    }

    /// Keys that credentials of this kind have no use for.
    private func checkCompany(of credentials: Credentials, _ section: Section) {
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
    private func checkAudience(of credentials: Credentials, _ url: EndpointURL, at mark: Mark) {
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
