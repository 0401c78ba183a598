import GoogleAuth
import OpwatchCore
import Testing

@Suite("What a credential file may hold")
struct CredentialFileTests {
    private static let pem =
        #""private_key":"-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END-----\n""#

    private static func key(_ tokenURL: String) -> String {
        #"{"type":"service_account","client_email":"a@b","token_uri":"\#(tokenURL)"}"#
    }

    private static func external(_ source: String) -> String {
        #"{"type":"external_account","audience":"a","subject_token_type":"t","#
            + #""credential_source":\#(source)}"#
    }

    @Test(
        "each kind of file is named with what it lacks, and nothing of it is repeated",
        arguments: [
            ("", "is no credential file of Google, which is one JSON object"),
            ("SECRET", "is no credential file of Google"), ("[]", "is no credential file"),
            ("{}", "lacks type, which is one of service_account"),
            (#"{"type":"SECRETIVE"}"#, "has the type SECRETIVE; this version knows"),
            (#"{"type":7}"#, "lacks type"),
            (#"{"access_token":"SECRET"}"#, "is an answer with a token"),
            (#"{"installed":{"client_secret":"SECRET"}}"#, "is the secret of an OAuth client"),
            (#"{"type":"service_account"}"#, "lacks client_email"),
            (#"{"type":"service_account","client_email":"a@b"}"#, "lacks private_key"),
            (
                #"{"type":"service_account","client_email":"a@b","private_key":"SECRET"}"#,
                "has a private_key that cannot be read"
            ),
            (
                "{\"type\":\"service_account\",\"client_email\":\"a@b\",\(pem)}",
                "has a private_key that cannot be read"
            ),
            (
                key("https://evil.test/t"),
                "has a token_uri that is no https:// URL of googleapis.com, but of evil.test"
            ),
            (
                key("http://oauth2.googleapis.com/"),
                "has a token_uri that is no https://"
            ),
            (
                key("https://SECRET@googleapis.com"),
                "has a token_uri that is no URL of a plain host"
            ),
            (#"{"type":"authorized_user"}"#, "lacks refresh_token"),
            (#"{"type":"authorized_user","refresh_token":"SECRET"}"#, "lacks client_id"),
            (#"{"type":"external_account"}"#, "lacks audience"),
            (
                #"{"type":"external_account","audience":"a","subject_token_type":"t"}"#,
                "lacks a credential_source that this version knows"
            ),
            (
                external(#"{"file":"relative"}"#),
                "has a credential_source.file that is no absolute path"
            ),
            (
                external(#"{"url":"ftp://x"}"#),
                "has a credential_source.url that is no URL of a plain host"
            ),
            (
                external(#"{"executable":{"command":"rel"}}"#),
                "does not begin with an absolute path"
            ),
            (
                external(#"{"executable":{"command":"/x 'y"}}"#),
                "whose quotes are not closed"
            ),
            (
                external(#"{"environment_id":"aws2"}"#),
                "only aws1 is known"
            ),
            (
                external(#"{"environment_id":"aws1","url":"http://evil.test/"}"#),
                "elsewhere than at http://169.254.169.254"
            ),
            (#"{"type":"impersonated_service_account"}"#, "lacks source_credentials"),
            (key("http://127.0.0.1:99999/t"), "no URL of a plain host"),
            (key("http://0127.0.0.1/t"), "no https:// URL of googleapis.com, but of 0127.0.0.1"),
            (key("https://evil.test%2F.googleapis.com/t"), "no URL of a plain host"),
            (key("https://[::1].googleapis.com/t"), "no URL of a plain host"),
            (
                external(#"{"url":"http://user:SECRET@127.0.0.1:1/x"}"#),
                "has a credential_source.url that is no URL of a plain host"
            ),
            (
                external(#"{"executable":{"command":"/x","output_file":"rel"}}"#),
                "output_file that is no absolute path"
            ),
            (
                external(#"{"executable":{"command":"/x","timeout_millis":"soon"}}"#),
                "has a timeout_millis outside 5000 to 120000"
            ),
            (
                #"{"type":"authorized_user","refresh_token":"r","universe_domain":"com"}"#,
                "has a universe_domain that is no domain"
            ),
            (
                #"{"type":"authorized_user","refresh_token":"r","quota_project_id":"a\nb"}"#,
                "has a quota_project_id that is no id of a project"
            ),
        ])
    func defect(content: String, words: String) async throws {
        let stage = try AuthStage()
        defer { stage.remove() }
        try stage.write(content, to: "file")
        let world = stage.world
        let source = TokenSource(
            Credentials(.applicationDefault), host: "127.0.0.1",
            world: world.asking("GOOGLE_APPLICATION_CREDENTIALS", stage.directory + "/file"))
        let told = await failure(of: source)?.description ?? "a token"
        #expect(told.contains(words), "\(told)")
        #expect(!told.contains("SECRET\"") && !told.contains("U0VDUkVU"), "\(told)")
        #expect(stage.sent.isEmpty)
        guard case .bad = source.inspect() else {
            Issue.record("inspect finds nothing")
            return
        }
    }

    @Test(
        "a file of another kind than the policy means is told what to write",
        arguments: [
            (Credentials.Source.key("file"), "write authorized_user: in its place"),
            (.external("file"), "write authorized_user: in its place"),
            (.token("file"), "is JSON, not a token: for a credential file of Google write key:"),
        ])
    func otherKind(source: Credentials.Source, words: String) async throws {
        let stage = try AuthStage()
        defer { stage.remove() }
        try stage.write(
            """
            {"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"}
            """, to: "file")
        let told = await failure(of: stage.source(source))?.description ?? "a token"
        #expect(told.contains(words), "\(told)")
    }

    @Test(
        "a credential goes to services of its own domain and to this machine, to nobody else",
        arguments: [
            ("ml.googleapis.com", true), ("127.0.0.1", true), ("localhost", true),
            ("googleapis.com.evil.test", false), ("evil.test", false), ("", false),
        ])
    func reach(host: String, isFine: Bool) async throws {
        let stage = try AuthStage { _ throws(AuthFailure) in .token("t") }
        defer { stage.remove() }
        try stage.write(
            """
            {"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"}
            """, to: "file")
        let got = await failure(of: stage.source(.authorizedUser("file"), host: host))
        #expect((got == nil) == isFine, "\(String(describing: got))")
        #expect(stage.sent.isEmpty == !isFine)
    }

    @Test(
        "a file of another domain than the policy or the service is refused, by check too",
        arguments: [
            ("universe.example", nil, "ml.googleapis.com", false),
            ("universe.example", nil, "ml.universe.example", true),
            ("universe.example", "universe.example", "ml.universe.example", true),
            ("universe.example", "googleapis.com", "ml.googleapis.com", false),
            (nil, "universe.example", "ml.universe.example", false),
            (nil, nil, "ml.googleapis.com", true),
        ] as [(String?, String?, String, Bool)])
    func universe(own: String?, meant: String?, host: String, isFine: Bool) async throws {
        let stage = try AuthStage { _ throws(AuthFailure) in .token("t") }
        defer { stage.remove() }
        let universe = own.map { #","universe_domain":"\#($0)""# } ?? ""
        try stage.write(
            #"{"type":"authorized_user","client_id":"c","client_secret":"s","#
                + #""refresh_token":"r"\#(universe)}"#,
            to: "file")
        var credentials = Credentials(.authorizedUser("file"))
        credentials.universe = meant
        let source = stage.source(credentials, host: host)
        let got = await failure(of: source)
        #expect((got == nil) == isFine, "\(String(describing: got))")
        #expect((source.inspect() == .good) == isFine)
    }

    @Test(
        "a metadata server is one only if its answer says so",
        arguments: [([], true), ([("Metadata-Flavor", "Google")], false)])
    func flavor(headers: [(String, String)], isRefused: Bool) async throws {
        let stage = try AuthStage { _ throws(AuthFailure) in
            let token = TokenAnswer.token("t")
            return TokenAnswer(
                status: 200, headers: headers.map { ($0.0, $0.1) }, body: token.body)
        }
        defer { stage.remove() }
        let got = await failure(of: stage.source(.metadata(account: nil)))
        #expect((got != nil) == isRefused)
        #expect(stage.sent.allSatisfy { $0.request.route == .direct })
    }
}
