import OpwatchCore
import WireFormat

/// A place that was looked at for a credential, and what was there.
package struct SearchedPlace: Sendable, Equatable {
    package let place: String
    package let outcome: String
}

/// Finds and reads the credential that the policy means.
struct CredentialSearch: Sendable {
    let credentials: Credentials
    let world: AuthWorld

    /// What was found.
    struct Found: Sendable {
        let kind: CredentialKind
        /// The file that it came from, if any; written again it is read again.
        let file: CredentialFile?
        let fingerprint: FileFingerprint?
    }

    /// - Parameter places: gets each place in its order, also where nothing is found in the end.
    func find(noting places: inout [SearchedPlace]) async throws(AuthFailure) -> Found? {
        guard let found = try await findSource(noting: &places) else { return nil }
        guard let impersonation = credentials.impersonation else { return found }
        let universe = credentials.universe ?? found.kind.universe ?? Universe.google
        let account = ImpersonatedAccount(
            account: impersonation.account, universe: universe,
            delegates: impersonation.delegates, life: impersonation.lifetime)
        return Found(
            kind: .impersonated(account, by: found.kind, quotaProject: found.kind.quotaProject),
            file: found.file, fingerprint: found.fingerprint)
    }

    private func findSource(
        noting places: inout [SearchedPlace]
    ) async throws(AuthFailure) -> Found? {
        switch credentials.source {
        case .none: return nil
        case .token, .key, .authorizedUser, .external:
            return try readFile(noting: &places)
        case .metadata(let account):
            places.append(SearchedPlace(place: MetadataServer.words(world), outcome: "asked"))
            return Found(
                kind: .metadata(MetadataServer(account: account)), file: nil, fingerprint: nil)
        case .applicationDefault: return try await applicationDefault(&places)
        }
    }

    /// The file that the policy names, or the environment; nil where there is none.
    var file: CredentialFile? {
        get throws(AuthFailure) {
            switch credentials.source {
            case .none, .metadata: return nil
            case .token(let name), .key(let name), .authorizedUser(let name), .external(let name):
                return try CredentialFile(
                    named: name, in: world.variable("CREDENTIALS_DIRECTORY"))
            case .applicationDefault:
                if let path = world.variable(Self.variable) { return CredentialFile(path: path) }
                return wellKnownFile.flatMap { $0.fingerprint == nil ? nil : $0 }
            }
        }
    }

    private func readFile(
        noting places: inout [SearchedPlace]
    ) throws(AuthFailure) -> Found? {
        guard let file = try file else { return nil }
        do throws(AuthFailure) {
            let found = try found(in: file, try file.read())
            places.append(SearchedPlace(place: file.words, outcome: "read"))
            return found
        } catch {
            places.append(SearchedPlace(place: file.words, outcome: "not usable"))
            throw error
        }
    }

    /// What the file holds, if it is what the policy means.
    func found(
        in file: CredentialFile,
        _ content: (bytes: [UInt8], fingerprint: FileFingerprint)
    ) throws(AuthFailure) -> Found {
        let kind: CredentialKind
        if case .token = credentials.source {
            do throws(TokenProblem) {
                kind = .token(try BearerToken(file: content.bytes))
            } catch {
                throw file.failure("\(error)")
            }
        } else {
            kind = try CredentialKind(content.bytes, from: file)
        }
        guard isMeant(kind) else {
            throw file.failure(
                "holds another kind of credential than the policy means: it is a "
                    + "\(kind.words); write \(kind.policyWord) in its place")
        }
        return Found(kind: kind, file: file, fingerprint: content.fingerprint)
    }

    private func isMeant(_ kind: CredentialKind) -> Bool {
        switch (credentials.source, kind) {
        case (.token, .token), (.key, .serviceAccount), (.authorizedUser, .authorizedUser),
            (.external, .external), (.applicationDefault, _):
            true
        // Whose tokens somebody else gets is said in the file itself, in any of them.
        case (.authorizedUser, .impersonated(_, by: .authorizedUser, _)),
            (.key, .impersonated(_, by: .serviceAccount, _)),
            (.external, .impersonated(_, by: .external, _)):
            true
        case (.none, _), (.token, _), (.key, _), (.authorizedUser, _), (.external, _),
            (.metadata, _):
            false
        }
    }

    // MARK: Application Default Credentials

    private static let variable = "GOOGLE_APPLICATION_CREDENTIALS"

    private func applicationDefault(
        _ places: inout [SearchedPlace]
    ) async throws(AuthFailure) -> Found {
        let isSet = world.variable(Self.variable) != nil
        places.append(
            SearchedPlace(place: "$" + Self.variable, outcome: isSet ? "set" : "not set"))
        // What is set and cannot be read is an error: another identity was meant.
        if let found = try readFile(noting: &places) { return found }
        let wellKnown = wellKnownFile
        places.append(
            SearchedPlace(
                place: wellKnown?.words ?? "the file of gcloud's login",
                outcome: wellKnown == nil
                    ? "no place for it, neither $CLOUDSDK_CONFIG nor $HOME is set" : "not there"))
        guard try await MetadataServer.isHere(world) else {
            places.append(
                SearchedPlace(place: MetadataServer.words(world), outcome: "does not answer"))
            throw .setup(
                "no default credentials: $\(Self.variable) is not set, gcloud's login has left "
                    + "no file, and this machine has no metadata server; name a credential in "
                    + "the policy, e.g. credentials: key:NAME")
        }
        places.append(SearchedPlace(place: MetadataServer.words(world), outcome: "answers"))
        return Found(kind: .metadata(MetadataServer(account: nil)), file: nil, fingerprint: nil)
    }

    private var wellKnownFile: CredentialFile? {
        let directory =
            world.variable("CLOUDSDK_CONFIG")
            ?? world.variable("HOME").map { $0 + "/.config/gcloud" }
        return directory.map {
            CredentialFile(path: $0 + "/application_default_credentials.json")
        }
    }
}

extension CredentialKind {
    /// What the policy calls it.
    fileprivate var policyWord: String {
        switch self {
        case .token: "token:"
        case .serviceAccount: "key:"
        case .authorizedUser: "authorized_user:"
        case .external: "external:"
        case .metadata: "metadata"
        case .impersonated(_, let source, _): source.policyWord
        }
    }
}
