import WireFormat

/// Who this machine is at AWS: a signed request to its security token service, which is sent by
/// Google and not by us.
struct AWSIdentity: Sendable {
    private let audience: String
    private let regionURL: String?
    private let credentialsURL: String?
    private let verificationURL: String
    private let sessionTokenURL: String?

    /// The two addresses of the metadata service, and no other.
    private static let hosts = ["169.254.169.254", "[fd00:ec2::254]"]

    init(
        _ fields: CredentialFields, from file: CredentialFile, audience: String
    ) throws(AuthFailure) {
        let environment = try file.required(.sourceEnvironmentID, of: fields)
        guard environment == "aws1" else {
            throw file.failure(
                "has the environment_id \(RemoteText.clean(environment)); only aws1 is known")
        }
        self.audience = audience
        regionURL = try Self.url(.sourceRegionURL, fields, file)
        credentialsURL = try Self.url(.sourceURL, fields, file)
        sessionTokenURL = try Self.url(
            .sourceSessionTokenURL, fields, file)
        verificationURL = try file.required(
            .sourceRegionalCredVerificationURL, of: fields)
        guard verificationURL.hasPrefix("https://sts.") else {
            throw file.failure("has a regional_cred_verification_url that is not https://sts.…")
        }
    }

    private static func url(
        _ field: CredentialField, _ fields: CredentialFields, _ file: CredentialFile
    ) throws(AuthFailure) -> String? {
        guard let url = fields.text(field) else { return nil }
        let isThere = hosts.contains {
            url == "http://\($0)" || url.hasPrefix("http://\($0)/")
        }
        guard isThere else {
            throw file.failure(
                "has a \(field.rawValue) elsewhere than at http://"
                    + hosts.joined(separator: " or http://"))
        }
        return url
    }

    /// `{url, method, headers}` of the signed request, in percent-encoding.
    func token(in world: AuthWorld) async throws(AuthFailure) -> SecretText {
        let session = try await sessionToken(in: world)
        let region = try await region(session, in: world)
        let keys = try await keys(session, in: world)
        let url = verificationURL.replacing("{region}", with: region)
        let headers = AWSSignature(keys: keys, region: region, at: world.now()).headers(
            url: url, extra: [("x-goog-cloud-target-resource", audience)])
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("url")
        writer.string(url)
        writer.key("method")
        writer.string("POST")
        writer.key("headers")
        writer.beginArray()
        for header in headers {
            writer.beginObject()
            writer.key("key")
            writer.string(header.name)
            writer.key("value")
            writer.string(header.value)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return SecretText(
            URLPath.encodeQueryValue(String(decoding: writer.bytes, as: UTF8.self)),
            holding: keys.sessionToken.map { [$0.value] } ?? [])
    }

    private static func namedRegion(_ world: AuthWorld) -> String? {
        world.variable("AWS_REGION") ?? world.variable("AWS_DEFAULT_REGION")
    }

    private static func namedKeys(_ world: AuthWorld) -> AWSKeys? {
        guard let id = world.variable("AWS_ACCESS_KEY_ID"),
            let secret = world.variable("AWS_SECRET_ACCESS_KEY")
        else { return nil }
        return AWSKeys(
            id: id, secret: SecretText(secret),
            sessionToken: world.variable("AWS_SESSION_TOKEN").map { SecretText($0) })
    }

    private func region(_ session: SecretText?, in world: AuthWorld) async throws(AuthFailure)
        -> String
    {
        if let region = Self.namedRegion(world) { return try Self.checked(region) }
        guard let regionURL else {
            throw .setup("AWS_REGION is not set, and the credential file has no region_url")
        }
        let zone = try await text(at: regionURL, session, in: world)
        // us-east-1b lies in us-east-1.
        return try Self.checked(String(zone.dropLast()))
    }

    private static func checked(_ region: String) throws(AuthFailure) -> String {
        let isPlain = region.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        guard isPlain, !region.isEmpty else {
            throw .refused("\(RemoteText.clean(region)) is no region of AWS")
        }
        return region
    }

    private func keys(
        _ session: SecretText?, in world: AuthWorld
    ) async throws(AuthFailure) -> AWSKeys {
        if let keys = Self.namedKeys(world) { return keys }
        guard let credentialsURL else {
            throw .setup(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and the credential "
                    + "file has no url")
        }
        let role = try await text(at: credentialsURL, session, in: world)
        let request = self.request(
            credentialsURL + "/" + URLPath.encodeQueryValue(role), session)
        let answer = try await world.exchange(request)
        let fields = try AnswerReader.fields(of: answer, to: request, hiding: [])
        guard let id = fields.text(.awsAccessKeyID), let secret = fields.text(.awsSecretAccessKey)
        else { throw .unavailable("\(request.place): the answer has no keys of AWS") }
        return AWSKeys(
            id: id, secret: SecretText(secret),
            sessionToken: fields.text(.awsToken).map { SecretText($0) })
    }

    /// Version 2 of the metadata service wants a token of its own first.
    private func sessionToken(in world: AuthWorld) async throws(AuthFailure) -> SecretText? {
        guard let sessionTokenURL, Self.namedKeys(world) == nil || Self.namedRegion(world) == nil
        else { return nil }
        let request = TokenRequest(
            .put, sessionTokenURL, headers: [("X-aws-ec2-metadata-token-ttl-seconds", "300")],
            route: .direct, timeout: .seconds(5))
        return SecretText(try await body(of: request, in: world))
    }

    private func request(_ url: String, _ session: SecretText?) -> TokenRequest {
        TokenRequest(
            .get, url, headers: session.map { [("X-aws-ec2-metadata-token", $0.value)] } ?? [],
            route: .direct, timeout: .seconds(5))
    }

    private func text(
        at url: String, _ session: SecretText?, in world: AuthWorld
    ) async throws(AuthFailure) -> String {
        try await body(of: request(url, session), in: world)
    }

    private func body(
        of request: TokenRequest, in world: AuthWorld
    ) async throws(AuthFailure) -> String {
        let answer = try await world.exchange(request)
        guard answer.isSuccess else {
            throw AnswerReader.failure(answer, to: request, hiding: [])
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .unavailable("\(request.place): the answer is not one word")
        }
        return text
    }
}
