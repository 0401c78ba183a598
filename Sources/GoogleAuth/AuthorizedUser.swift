import OpwatchCore
import WireFormat

/// The login of a person, as `gcloud auth application-default login` leaves it.
struct AuthorizedUser: Sendable {
    let clientID: String
    let clientSecret: SecretText
    let refreshToken: SecretText
    let tokenURL: String
    let universe: String?
    let quotaProject: String?
    private let isBasic: Bool

    /// - Parameter isExternal: a login by workforce identity federation, which names its own
    ///   endpoint and shows the client as HTTP's Basic scheme does.
    init(
        _ fields: CredentialFields, from file: CredentialFile, isExternal: Bool
    ) throws(AuthFailure) {
        universe = try file.universe(fields)
        quotaProject = try file.quotaProject(fields)
        refreshToken = SecretText(try file.required(.refreshToken, of: fields))
        isBasic = isExternal
        clientID = try file.required(.clientID, of: fields)
        clientSecret = SecretText(try file.required(.clientSecret, of: fields))
        let field = isExternal ? CredentialField.tokenURL : .tokenURI
        let usual = "https://oauth2.googleapis.com/token"
        tokenURL = try TrustedURL.check(
            isExternal
                ? try file.required(field, of: fields) : fields.text(field) ?? usual, field,
            of: file, universe: universe ?? Universe.google)
    }

    /// RFC 6749, section 6.
    func refreshed(in world: AuthWorld) async throws(AuthFailure) -> IssuedToken {
        let common: [(name: String, value: String?)] = [
            ("grant_type", "refresh_token"), ("refresh_token", refreshToken.value),
        ]
        let request: TokenRequest
        if isBasic {
            request = .form(
                tokenURL, common,
                headers: [BasicScheme.header(clientID, clientSecret.value)])
        } else {
            // Without a scope: what the person agreed to at the login.
            request = .form(
                tokenURL,
                common + [("client_id", clientID), ("client_secret", clientSecret.value)])
        }
        return try IssuedToken(
            answer: try await world.exchange(request), to: request,
            hiding: [refreshToken, clientSecret])
    }
}

/// How a client shows itself to a token endpoint (RFC 6749, section 2.3.1).
enum BasicScheme {
    static func header(_ name: String, _ password: String) -> (name: String, value: String) {
        ("Authorization", "Basic " + Base64.text((name + ":" + password).utf8))
    }
}
