import WireFormat

/// A service account in whose name somebody else gets tokens (IAM `generateAccessToken`).
struct ImpersonatedAccount: Sendable {
    let url: String
    /// Accounts on the way as IAM names them, each of which may get tokens for the next.
    let delegates: [String]
    let life: Duration

    /// As long as IAM gives without a policy of the organisation.
    static let usualLife = Duration.seconds(3_600)

    /// What who asks needs to be allowed to do.
    static let askingScope = "https://www.googleapis.com/auth/iam"

    init(url: String, delegates: [String], life: Duration) {
        self.url = url
        self.delegates = delegates
        self.life = life
    }

    /// - Parameters:
    ///   - account: its e-mail.
    ///   - delegates: their e-mails.
    init(account: String, universe: String, delegates: [String], life: Duration) {
        url =
            "https://iamcredentials.\(universe)/v1/projects/-/serviceAccounts/"
            + URLPath.encodeQueryValue(account).replacing("%40", with: "@")
            + ":generateAccessToken"
        self.delegates = delegates.map { "projects/-/serviceAccounts/\($0)" }
        self.life = life
    }

    /// The e-mail in the URL.
    var account: String {
        let name = url.split(separator: "/").last ?? ""
        return RemoteText.clean(String(name.prefix { $0 != ":" }))
    }

    /// - Parameters:
    ///   - source: the token of who may ask for it.
    ///   - quotaProject: what that one's requests are charged to.
    func token(
        by source: IssuedToken, quotaProject: String?, scope: String, in world: AuthWorld
    ) async throws(AuthFailure) -> IssuedToken {
        var body = JSONWriter()
        body.beginObject()
        body.key("delegates")
        write(delegates, to: &body)
        body.key("scope")
        body.beginArray()
        body.string(scope)
        body.endArray()
        body.key("lifetime")
        body.string("\(life.components.seconds)s")
        body.endObject()
        var headers = [
            (name: "Content-Type", value: "application/json"),
            (name: "Authorization", value: source.token.headerValue),
        ]
        if let quotaProject { headers.append(("X-Goog-User-Project", quotaProject)) }
        let request = TokenRequest(.post, url, headers: headers, body: body.bytes)
        let answer = try await world.exchange(request)
        let secret = SecretText(String(source.token.headerValue.dropFirst("Bearer ".count)))
        let fields = try AnswerReader.fields(of: answer, to: request, hiding: [secret])
        guard let text = fields.text(.iamAccessToken) else {
            throw .unavailable("\(request.place): the answer has no accessToken")
        }
        // The server's own clock says how long its token lives, where it tells the time.
        let now = answer.header("Date").flatMap { Timestamp(httpDate: $0) } ?? world.now()
        let end = fields.text(.iamExpireTime).flatMap { Timestamp(rfc3339: $0) }
        return try IssuedToken(text, life: end?.duration(since: now) ?? life, from: request)
    }

    private func write(_ delegates: [String], to body: inout JSONWriter) {
        guard !delegates.isEmpty else { return body.null() }
        body.beginArray()
        for delegate in delegates { body.string(delegate) }
        body.endArray()
    }
}
