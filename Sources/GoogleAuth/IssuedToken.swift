import WireFormat

/// A token as somebody gave it.
struct IssuedToken: Sendable {
    let token: BearerToken
    /// From the moment it was asked for; nil where nobody said, as for a token file.
    let life: Duration?

    /// Nobody is believed to give a token for longer.
    private static let longest = Duration.seconds(86_400)
    /// Where an answer does not say.
    private static let usual = Duration.seconds(300)

    init(_ token: BearerToken, life: Duration?) {
        self.token = token
        self.life = life
    }

    /// Reads `{access_token, expires_in, token_type}` (RFC 6749, section 5.1), or what stands in
    /// its place.
    init(answer: TokenAnswer, to request: TokenRequest, hiding secrets: [SecretText])
        throws(AuthFailure)
    {
        let fields = try AnswerReader.fields(of: answer, to: request, hiding: secrets)
        guard let text = fields.text(.accessToken) else {
            throw .unavailable("\(request.place): the answer has no access_token")
        }
        if let type = fields.text(.tokenType), type.lowercased() != "bearer" {
            throw .refused(
                "\(request.place): the token is of type \(RemoteText.clean(type)), not Bearer")
        }
        let seconds = fields.integer(.expiresIn).map { Duration.seconds(min($0, 1 << 32)) }
        try self.init(text, life: seconds ?? Self.usual, from: request)
    }

    /// - Parameter life: as the other side told it; at most a day is believed.
    init(_ text: String, life: Duration, from request: TokenRequest) throws(AuthFailure) {
        guard life > .zero else {
            throw .unavailable("\(request.place): the token in the answer is over already")
        }
        do throws(TokenProblem) {
            token = try BearerToken(text)
        } catch {
            throw .refused("\(request.place): the token in the answer \(error)")
        }
        self.life = min(life, Self.longest)
    }
}

/// Makes fields or a failure of what a token service answered.
enum AnswerReader {
    /// The object of a success.
    ///
    /// - Parameter secrets: what was sent, and must not come back in a message.
    static func fields(
        of answer: TokenAnswer, to request: TokenRequest, hiding secrets: [SecretText]
    ) throws(AuthFailure) -> CredentialFields {
        guard answer.isSuccess else { throw failure(answer, to: request, hiding: secrets) }
        do throws(WireError) {
            return try CredentialFields(answer.body)
        } catch {
            throw .unavailable("\(request.place): the answer is not JSON")
        }
    }

    /// Says what was answered: OAuth's `error` and `error_description` (RFC 6749, section 5.2), or
    /// Google's `error.message`.
    static func failure(
        _ answer: TokenAnswer, to request: TokenRequest, hiding secrets: [SecretText]
    ) -> AuthFailure {
        let words = words(of: answer.body)
        var reason = "\(request.place): HTTP \(answer.status)"
        let hidden = secrets.flatMap(\.values) + request.secrets
        if let words {
            reason += ", " + RemoteText.clean(Redaction(hidden, mark: "[secret]").apply(to: words))
        }
        if answer.mayPass { return .unavailable(reason) }
        return .refused(reason + (words.flatMap(advice) ?? ""))
    }

    private static func words(of body: [UInt8]) -> String? {
        guard let fields = object(body) else { return nil }
        let code = fields.text(.error) ?? fields.text(.errorStatus)
        let text = fields.text(.errorDescription) ?? fields.text(.errorMessage)
        let words = [code, text].compactMap { $0 }
        return words.isEmpty ? nil : words.joined(separator: ": ")
    }

    private static func object(_ body: [UInt8]) -> CredentialFields? {
        do throws(WireError) {
            return try CredentialFields(body)
        } catch {
            return nil
        }
    }

    /// What people do about the answers that they meet most.
    private static func advice(_ words: String) -> String? {
        if words.hasPrefix("invalid_grant") {
            return "; the key or login was revoked or is over, or this machine's clock is wrong"
        }
        if words.hasPrefix("invalid_client") || words.hasPrefix("unauthorized_client") {
            return "; the client of the credential file is not known there any more"
        }
        if words.contains("iam.serviceAccounts.getAccessToken") {
            return "; grant roles/iam.serviceAccountTokenCreator on that account to who asks"
        }
        return nil
    }
}
