import OpwatchCore
import WireFormat

/// An identity of somewhere else, exchanged for a token of Google (AIP-4117, RFC 8693).
struct ExternalAccount: Sendable {
    let audience: String
    let universe: String?
    let quotaProject: String?
    let impersonated: ImpersonatedAccount?
    let source: SubjectTokenSource
    private let tokenType: String
    private let tokenURL: String
    private let client: (id: String, secret: SecretText)?
    private let userProject: String?

    private static let prefix = "urn:ietf:params:oauth:"

    init(_ fields: CredentialFields, from file: CredentialFile) throws(AuthFailure) {
        audience = try file.required(.audience, of: fields)
        tokenType = try file.required(.subjectTokenType, of: fields)
        universe = try file.universe(fields)
        quotaProject = try file.quotaProject(fields)
        let domain = universe ?? Universe.google
        tokenURL = try TrustedURL.check(
            fields.text(.tokenURL) ?? "https://sts.\(domain)/v1/token", .tokenURL, of: file,
            universe: domain)
        impersonated = try Self.impersonated(fields, file, universe: domain)
        userProject = fields.text(.workforcePoolUserProject)
        if let id = fields.text(.clientID) {
            let secret = try file.required(.clientSecret, of: fields)
            client = (id, SecretText(secret))
        } else {
            client = nil
        }
        source = try SubjectTokenSource(
            fields, from: file, audience: audience, tokenType: tokenType,
            impersonatedEmail: impersonated?.account)
    }

    private static func impersonated(
        _ fields: CredentialFields, _ file: CredentialFile, universe: String
    ) throws(AuthFailure) -> ImpersonatedAccount? {
        let field = CredentialField.serviceAccountImpersonationURL
        guard let url = fields.text(field) else { return nil }
        let lifetime = CredentialField.serviceAccountImpersonationTokenLifetimeSeconds
        let seconds = fields.has(lifetime) ? fields.integer(lifetime) ?? 0 : nil
        let life = seconds.map { Duration.seconds($0) } ?? ImpersonatedAccount.usualLife
        guard (Duration.seconds(600)...Duration.seconds(43_200)).contains(life) else {
            throw file.failure("has a token_lifetime_seconds outside 600 to 43200")
        }
        return ImpersonatedAccount(
            url: try TrustedURL.check(url, field, of: file, universe: universe), delegates: [],
            life: life)
    }

    func token(scope: String, in world: AuthWorld) async throws(AuthFailure) -> IssuedToken {
        let subject = try await source.token(in: world)
        let exchanged = try await exchanged(
            subject, scope: impersonated == nil ? scope : ImpersonatedAccount.askingScope,
            in: world)
        guard let impersonated else { return exchanged }
        return try await impersonated.token(
            by: exchanged, quotaProject: quotaProject, scope: scope, in: world)
    }

    /// The exchange of RFC 8693.
    private func exchanged(
        _ subject: SecretText, scope: String, in world: AuthWorld
    ) async throws(AuthFailure) -> IssuedToken {
        // A client of its own says by itself whose project it is.
        let options = client == nil ? userProject.map(Self.options) : nil
        let request = TokenRequest.form(
            tokenURL,
            [
                ("grant_type", Self.prefix + "grant-type:token-exchange"),
                ("audience", audience), ("scope", scope),
                ("requested_token_type", Self.prefix + "token-type:access_token"),
                ("subject_token", subject.value), ("subject_token_type", tokenType),
                ("options", options),
            ],
            headers: client.map { [BasicScheme.header($0.id, $0.secret.value)] } ?? [])
        let secrets = [subject] + (client.map { [$0.secret] } ?? [])
        return try IssuedToken(
            answer: try await world.exchange(request), to: request, hiding: secrets)
    }

    /// JSON in percent-encoding, inside a form that is encoded once more.
    private static func options(userProject: String) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("userProject")
        writer.string(userProject)
        writer.endObject()
        return URLPath.encodeQueryValue(String(decoding: writer.bytes, as: UTF8.self))
    }
}
