import Crypto
import CryptoExtras
import Foundation
import GoogleAuth
import OpwatchCore
import Synchronization
import Testing
import WireFormat

@Suite("Beside Google's own library")
struct RecordedTests {
    @Test(
        "the same requests are sent, the same token comes and lives as long",
        arguments: [
            "service_account_scopes", "service_account_quota_project_in_file", "authorized_user",
            "authorized_user_quota_project", "authorized_user_quota_project_in_environment",
            "external_account_authorized_user", "external_file_text", "external_file_json",
            "external_url", "external_url_text",
            "external_quota_project", "external_client", "external_workforce",
            "external_workforce_client", "external_impersonated",
            "external_impersonated_quota_project", "external_executable",
            "external_executable_saml", "external_aws_environment",
            "external_aws_environment_session", "external_aws_imdsv1", "external_aws_imdsv2",
            "impersonated_service_account", "impersonated_service_account_quota_project",
            "impersonated_service_account_key_source", "metadata_default_account",
            "metadata_token_by_email",
        ])
    func same(name: String) async throws {
        let recorded = try RecordedCase(name)
        let stage = try Self.stage(of: recorded)
        defer { stage.remove() }
        let expected = Self.distinct(recorded.exchanges)
        let source = try Self.source(of: recorded, on: stage)
        let grant = try #require(try await source.token())
        #expect(grant.text == recorded.token)
        #expect(grant.quotaProject == recorded.apiHeaders["x-goog-user-project"])
        #expect(stage.sent.map(\.request.url) == expected.map { Self.url($0.url) })
        for (sent, library) in zip(stage.sent, expected) { Self.compare(sent, library) }
        if let expiry = recorded.expiry { try await Self.checkLife(source, stage, until: expiry) }
    }

    /// The library asks the service of AWS for two session tokens where one does.
    private static func distinct(_ exchanges: [RecordedExchange]) -> [RecordedExchange] {
        var seen = false
        return exchanges.filter { exchange in
            guard exchange.method == "PUT" else { return true }
            defer { seen = true }
            return !seen
        }
    }

    /// Scopes are always said.
    private static func url(_ recorded: String) -> String {
        let path = String(recorded.prefix { $0 != "?" })
        guard path.contains("/service-accounts/"), path.hasSuffix("/token") else { return recorded }
        return path + "?scopes=" + URLPath.encodeQueryValue(TokenSource.scope)
    }

    private static func compare(_ sent: SentRequest, _ library: RecordedExchange) {
        #expect(sent.request.method.rawValue == library.method)
        #expect(sent.headers == library.headers, "\(library.url)")
        if let json = library.json { #expect(withoutNothing(sent.json) == withoutNothing(json)) }
        guard var form = library.form else { return }
        var own = sent.form
        // One scope is all that is ever asked for.
        form["scope"] = form["scope"].map { String($0.prefix { $0 != " " }) }
        if let assertion = form.removeValue(forKey: "assertion") {
            compareTokens(own.removeValue(forKey: "assertion") ?? "", assertion)
        }
        if let options = form["options"] {
            #expect(object(own.removeValue(forKey: "options")) == object(options))
            form["options"] = nil
        }
        if let subject = form["subject_token"], subject.hasPrefix("%7B") {
            compareAWS(object(own.removeValue(forKey: "subject_token")), object(subject))
            form["subject_token"] = nil
        }
        #expect(own == form)
    }

    /// No list and an empty one are the same.
    private static func withoutNothing(_ object: [String: Any]) -> NSDictionary {
        NSDictionary(
            dictionary: object.filter { _, value in
                !(value is NSNull) && (value as? [Any])?.isEmpty != true
            })
    }

    /// JSON in percent-encoding.
    private static func object(_ text: String?) -> NSDictionary? {
        guard let json = text?.removingPercentEncoding else { return nil }
        do {
            return try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
        } catch {
            return nil
        }
    }

    /// What both sign is the same but for one header more, which other libraries sign too.
    private static func compareAWS(_ own: NSDictionary?, _ library: NSDictionary?) {
        #expect(own?["url"] as? String == library?["url"] as? String)
        #expect(own?["method"] as? String == library?["method"] as? String)
        func headers(_ object: NSDictionary?) -> [String: String] {
            let list = object?["headers"] as? [[String: String]] ?? []
            return Dictionary(
                list.map { ($0["key"] ?? "", $0["value"] ?? "") },
                uniquingKeysWith: { $0 + $1 })
        }
        var (ours, theirs) = (headers(own), headers(library))
        let ourSign = ours.removeValue(forKey: "Authorization") ?? ""
        let theirSign = theirs.removeValue(forKey: "Authorization") ?? ""
        #expect(ours == theirs)
        #expect(ourSign.prefix { $0 != "," } == theirSign.prefix { $0 != "," })
        #expect(ourSign.contains("x-goog-cloud-target-resource"))
    }

    private static func compareTokens(_ own: String, _ library: String) {
        let (own, library) = (DecodedToken(own), DecodedToken(library))
        #expect(own != nil)
        #expect(
            NSDictionary(dictionary: own?.header ?? [:])
                == NSDictionary(dictionary: library?.header ?? [:]))
        #expect(
            NSDictionary(dictionary: own?.claims ?? [:])
                == NSDictionary(dictionary: library?.claims ?? [:]))
    }

    /// The token is used up to ten seconds before its end, and not after it.
    private static func checkLife(
        _ source: TokenSource, _ stage: AuthStage, until expiry: Timestamp
    ) async throws {
        let life = expiry.duration(since: RecordedCase.now)
        stage.setAnswer { request throws(AuthFailure) in throw .unavailable("no") }
        stage.advance(by: life - .seconds(11))
        #expect(try await source.token() != nil)
        stage.advance(by: .seconds(2))
        #expect(await failure(of: source) != nil)
    }

    @Test(
        "a token that a key signs itself says the same",
        arguments: [
            ("service_account_self_signed_scopes", "ml.googleapis.com"),
            ("service_account_universe_domain_scopes", "ml.UNIVERSE"),
        ])
    func selfSigned(name: String, host: String) async throws {
        let recorded = try RecordedCase(name)
        let stage = try Self.stage(of: recorded)
        defer { stage.remove() }
        let file = try Self.json(recorded)
        let universe = file["universe_domain"] as? String ?? "googleapis.com"
        let source = stage.source(
            .key(Self.path(recorded, stage)), host: host.replacing("UNIVERSE", with: universe))
        let text = try #require(try await source.token()?.text)
        let own = try #require(DecodedToken(text))
        #expect(
            NSDictionary(dictionary: own.header)
                == NSDictionary(dictionary: recorded.jwtHeaders[0]))
        #expect(
            NSDictionary(dictionary: own.claims) == NSDictionary(dictionary: recorded.claims[0]))
        #expect(stage.sent.isEmpty)
        let key = try _RSA.Signing.PrivateKey(
            pemRepresentation: file["private_key"] as? String ?? "")
        #expect(
            key.publicKey.isValidSignature(
                .init(rawRepresentation: Data(own.signature)),
                for: SHA256.hash(data: Data(own.signed.utf8)), padding: .insecurePKCS1v1_5))
    }

    @Test(
        "an answer that says no is final where it is no for good, and says what was said",
        arguments: [
            ("service_account_invalid_grant", false, "invalid_grant"),
            ("service_account_500", true, "HTTP 500"),
            ("authorized_user_invalid_grant", false, "invalid_grant"),
            ("authorized_user_502", true, "HTTP 502"),
            ("external_account_authorized_user_invalid_grant", false, "invalid_grant"),
            ("external_account_authorized_user_500", true, "HTTP 500"),
            ("external_sts_403", false, "HTTP 403"), ("external_sts_500", true, "HTTP 500"),
            ("external_sts_invalid_grant", false, "invalid_grant"),
            ("external_url_404", false, "HTTP 404"), ("external_url_500", true, "HTTP 500"),
            ("external_impersonated_sts_403", false, "HTTP 403"),
            ("external_impersonated_403", false, "HTTP 403"),
            ("external_impersonated_503", true, "HTTP 503"),
            ("external_aws_imdsv2_403", false, "HTTP 403"),
            ("impersonated_service_account_403", false, "HTTP 403"),
            ("impersonated_service_account_503", true, "HTTP 503"),
            ("impersonated_service_account_source_invalid_grant", false, "invalid_grant"),
            ("external_executable_not_allowed", false, "ALLOW_EXECUTABLES=1"),
            ("external_executable_unsuccessful", true, "has no token"),
            ("external_executable_status", true, "exit code"),
            ("external_executable_expired", true, "over already"),
            ("external_executable_version_2", false, "another version"),
            ("external_file_text_absent", false, "cannot be found"),
            ("external_file_text_empty", true, "is empty"),
        ])
    func refused(name: String, mayPass: Bool, words: String) async throws {
        let recorded = try RecordedCase(name)
        let stage = try Self.stage(of: recorded)
        defer { stage.remove() }
        let got = await failure(of: try Self.source(of: recorded, on: stage))
        #expect(got?.mayPass == mayPass, "\(String(describing: got))")
        #expect(got?.description.contains(words) == true, "\(String(describing: got))")
    }

    @Test("the program gets its arguments whole, and of the environment what it needs")
    func child() async throws {
        let recorded = try RecordedCase("external_executable")
        let stage = try Self.stage(of: recorded)
        defer { stage.remove() }
        _ = try await Self.source(of: recorded, on: stage).token()
        func lines(_ name: String) throws -> [String] {
            try String(contentsOfFile: "\(stage.directory)/\(name)", encoding: .utf8)
                .split(separator: "\n").map(String.init)
        }
        let argv = recorded.child?["argv"] as? [String] ?? []
        #expect(try lines("arguments") == Array(argv.dropFirst()))
        let library = recorded.child?["environment"] as? [String: String] ?? [:]
        let own = Set(try lines("environment"))
        for name in ["AUDIENCE", "TOKEN_TYPE", "INTERACTIVE", "ALLOW_EXECUTABLES"] {
            let key = "GOOGLE_EXTERNAL_ACCOUNT_" + name
            #expect(own.contains("\(key)=\(library[key] ?? "?")"))
        }
        #expect(!own.contains { $0.contains("PLANTED") })
    }

    // MARK: The stage

    private static func json(_ recorded: RecordedCase) throws -> [String: Any] {
        let url = RecordedCase.directory.appending(path: recorded.file ?? "")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        return object as? [String: Any] ?? [:]
    }

    private static func path(_ recorded: RecordedCase, _ stage: AuthStage) -> String {
        "\(stage.directory)/\(recorded.file ?? "")"
    }

    /// The files of the case in a directory of the test, and each answer in its turn.
    private static func stage(of recorded: RecordedCase) throws -> AuthStage {
        var variables = recorded.environment
        variables["AWS_PLANTED"] = "PLANTED"
        let exchanges = Mutex(distinct(recorded.exchanges).map(\.answer))
        let stage = try AuthStage(variables) { request throws(AuthFailure) in
            let next = exchanges.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            guard let next else { throw .unavailable("\(request.place): not recorded") }
            return next
        }
        if let file = recorded.file {
            let text = try String(
                contentsOf: RecordedCase.directory.appending(path: file), encoding: .utf8)
            try stage.write(moved(text, to: stage), to: file)
        }
        for (path, content) in recorded.files {
            try stage.write(content, to: URL(filePath: path).lastPathComponent)
        }
        if let child = recorded.child { try writeProgram(child, to: stage) }
        return stage
    }

    private static func moved(_ text: String, to stage: AuthStage) -> String {
        text.replacing("/etc/opwatchd/", with: stage.directory + "/")
            // By the shell: a file that was just written may be busy to whoever runs it.
            .replacing(
                "/usr/libexec/opwatchd/subject-token",
                with: "/bin/sh \(stage.directory)/subject-token")
    }

    /// Prints what was recorded, and leaves what it was given.
    private static func writeProgram(_ child: [String: Any], to stage: AuthStage) throws {
        let output = child["output"] as? String ?? ""
        try stage.write(
            """
            #!/bin/sh
            printf '%s\\n' "$@" > \(stage.directory)/arguments
            env > \(stage.directory)/environment
            cat <<'END'
            \(output)
            END
            exit \(child["status"] as? Int ?? 0)

            """, to: "subject-token")
    }

    private static func source(
        of recorded: RecordedCase, on stage: AuthStage
    ) throws -> TokenSource {
        guard recorded.file != nil else {
            return stage.source(.metadata(account: recorded.account))
        }
        // Whatever it is: default credentials take each kind.
        return TokenSource(
            Credentials(.applicationDefault), host: "127.0.0.1",
            world: stage.world.asking("GOOGLE_APPLICATION_CREDENTIALS", path(recorded, stage)))
    }
}

extension AuthWorld {
    func asking(_ name: String, _ value: String) -> AuthWorld {
        var world = self
        let variable = world.variable
        world.variable = { $0 == name ? value : variable($0) }
        return world
    }
}

extension AuthFailure {
    /// Whether trying again by itself is likely to help.
    fileprivate var mayPass: Bool {
        switch self {
        case .unavailable, .stopped: true
        case .setup, .refused: false
        }
    }
}
