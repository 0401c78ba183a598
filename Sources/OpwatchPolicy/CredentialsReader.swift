import OpwatchCore

/// Reads `credentials:` of a service with what belongs to them.
struct CredentialsReader {
    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }

    /// The credentials, judged by whether they may travel to the service's URL.
    ///
    /// - Parameter url: nil for a built-in API, which has https and is Google's.
    func read(_ section: Section, url: EndpointURL?) -> Credentials? {
        var credentials = Credentials(.applicationDefault)
        var mark = section.mark
        var isGood = true
        if let entry = section["credentials"] {
            mark = entry.value.mark
            let source = values.scalar(entry).flatMap { readSource($0, at: entry.value.mark) }
            if let source { credentials.source = source }
            isGood = source != nil
        }
        if let entry = section["universe_domain"] {
            credentials.universe = text(
                entry, "a domain such as \(Universe.google)", Universe.isDomain)
            isGood = isGood && credentials.universe != nil
        }
        if let entry = section["quota_project"] {
            credentials.quotaProject = text(
                entry, "the id of a project", Credentials.isProject)
            isGood = isGood && credentials.quotaProject != nil
        }
        if let entry = section["impersonate"] {
            credentials.impersonation = ImpersonationReader(problems: problems).read(entry)
            isGood = isGood && credentials.impersonation != nil
        }
        guard isGood else { return nil }
        CredentialsCheck(problems: problems).check(credentials, of: section, url: url, at: mark)
        return credentials
    }

    private func readSource(_ scalar: YAMLScalar, at mark: Mark) -> Credentials.Source? {
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
                let nearest = NearestWord.question(for: word ?? "", in: CredentialText.plainWords)
                problems.error(
                    "unknown credentials\(word.map { " " + $0.quoted } ?? ""); use one of \(known)"
                        + (nearest ?? ""), at: mark)
            }
            return nil
        }
    }

    /// A text that fits.
    private func text(
        _ entry: Section.Entry, _ what: String, _ isOne: (String) -> Bool
    ) -> String? {
        guard let scalar = values.scalar(entry) else { return nil }
        guard isOne(scalar.text) else {
            problems.error(
                "\(entry.label) must be \(what), not \(scalar.text.quoted)", at: entry.value.mark)
            return nil
        }
        return scalar.text
    }
}
