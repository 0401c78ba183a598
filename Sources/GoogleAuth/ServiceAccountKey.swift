import Crypto
import CryptoExtras
import OpwatchCore
import WireFormat

/// A key of a service account, as its JSON file has it; signs for itself.
///
/// A `quota_project_id` in it counts for nothing, as with Google's own libraries.
struct ServiceAccountKey: Sendable {
    let email: String
    let keyID: String?
    let tokenURL: String
    let universe: String?
    private let key: _RSA.Signing.PrivateKey

    /// How long an assertion says that it is good for; Google takes no more.
    static let life = Duration.seconds(3_600)
    /// RFC 7523.
    private static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    /// What Google's own library writes, whatever the file's `token_uri` says.
    private static let audience = "https://oauth2.googleapis.com/token"

    init(_ fields: CredentialFields, from file: CredentialFile) throws(AuthFailure) {
        email = try file.required(.clientEmail, of: fields)
        keyID = fields.text(.privateKeyID)
        universe = try file.universe(fields)
        tokenURL = try TrustedURL.check(
            fields.text(.tokenURI) ?? Self.audience, .tokenURI, of: file,
            universe: universe ?? Universe.google)
        let text = try file.required(.privateKey, of: fields)
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: text)
        } catch {
            throw file.failure(
                "has a private_key that cannot be read: it must be an RSA key of 2,048 bits or "
                    + "more in PEM form, with its line breaks as \\n")
        }
    }

    /// A token that the key signs itself (AIP-4111): nobody is asked.
    func selfSigned(scope: String, at now: Timestamp) throws(AuthFailure) -> IssuedToken {
        let text = try assertion(at: now) { writer in
            writer.key("iss")
            writer.string(email)
            writer.key("sub")
            writer.string(email)
        } purpose: { writer in
            writer.key("scope")
            writer.string(scope)
        }
        do throws(TokenProblem) {
            return IssuedToken(try BearerToken(text), life: Self.life)
        } catch {
            throw .setup("the token of \(RemoteText.clean(email)) \(error)")
        }
    }

    /// Asks the token endpoint for a token (RFC 7523, section 2.1).
    func exchanged(scope: String, in world: AuthWorld) async throws(AuthFailure) -> IssuedToken {
        let text = try assertion(at: world.now()) { writer in
            writer.key("iss")
            writer.string(email)
        } purpose: { writer in
            writer.key("aud")
            writer.string(Self.audience)
            writer.key("scope")
            writer.string(scope)
        }
        let request = TokenRequest.form(
            tokenURL, [("assertion", text), ("grant_type", Self.grantType)])
        return try IssuedToken(
            answer: try await world.exchange(request), to: request, hiding: [SecretText(text)])
    }

    /// `header.claims.signature`, RS256 (RFC 7515).
    private func assertion(
        at now: Timestamp, issuer: (inout JSONWriter) -> Void,
        purpose: (inout JSONWriter) -> Void
    ) throws(AuthFailure) -> String {
        var header = JSONWriter()
        header.beginObject()
        header.key("typ")
        header.string("JWT")
        header.key("alg")
        header.string("RS256")
        if let keyID {
            header.key("kid")
            header.string(keyID)
        }
        header.endObject()
        var claims = JSONWriter()
        claims.beginObject()
        issuer(&claims)
        claims.key("iat")
        claims.integer(now.seconds)
        claims.key("exp")
        claims.integer(now.seconds + Self.life.components.seconds)
        purpose(&claims)
        claims.endObject()
        let signed = Base64.urlText(header.bytes) + "." + Base64.urlText(claims.bytes)
        do {
            let signature = try key.signature(
                for: SHA256.hash(data: Array(signed.utf8)), padding: .insecurePKCS1v1_5)
            return signed + "." + Base64.urlText(Array(signature.rawRepresentation))
        } catch {
            throw .setup("the key of \(RemoteText.clean(email)) cannot sign: \(error)")
        }
    }
}
