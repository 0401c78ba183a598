import OpwatchCore
import OpwatchPolicy
import Testing

@Suite("Errors of credentials")
struct CredentialErrorTests {
    private static let known =
        "use one of default, key:NAME, token:NAME, metadata, metadata:ACCOUNT, external:NAME, "
        + "authorized_user:NAME, none"

    private static let words: [(String, String)] = [
        ("nothing", "unknown credentials \"nothing\"; \(known)"),
        ("tokn:x", "unknown credentials \"tokn\"; \(known); did you mean \"token\"?"),
        ("default:x", "credentials default takes no NAME"),
        ("none:", "credentials none takes no NAME"),
        ("hunter2-secret", "unknown credentials; \(known)"),
        ("s3cr3t:x", "unknown credentials; \(known)"),
        (String(repeating: "s", count: 13), "unknown credentials; \(known)"),
        (
            String(repeating: "s", count: 12),
            "unknown credentials \"ssssssssssss\"; \(known)"
        ),
        (
            "metadata:default",
            "credentials metadata:ACCOUNT needs the e-mail of an account of this machine"
        ),
    ]
    private static let files = [
        "token", "token:", "token:a/b", "token:..", "token:../a", "token:a b", "token:ä",
        "token:" + String(repeating: "a", count: 65), "key", "key:", "external:a/b",
        "authorized_user:..",
    ]

    private static func fileNeeded(_ text: String) -> String {
        "credentials \(text.prefix { $0 != ":" }):NAME needs the name of a file in "
            + "$CREDENTIALS_DIRECTORY (1 to 64 of A-Z a-z 0-9 . _ - + @) or an absolute path"
    }

    @Test("credentials", arguments: words + files.map { ($0, fileNeeded($0)) })
    func credentials(text: String, message: String) {
        let yaml = """
            version: 1
            services:
              - { credentials: '\(text)', name: ml, api: ml/v1, parents: [p] }
            """
        #expect(Fixture.problems(of: yaml) == ["p.yaml:3:20: error: \(message)"])
    }

    @Test(
        "what goes beside credentials",
        arguments: [
            ("impersonate: a", "6:18: error: an account is an e-mail such as"),
            ("impersonate: {}", "6:18: error: impersonate needs an account"),
            ("impersonate: { account: a@b, lifetime: 5m }", "6:44: error: impersonate.lifetime"),
            ("impersonate: { account: a@b, lifetime: 13h }", "6:44: error: impersonate.lifetime"),
            ("impersonate: { account: a@b, delegates: [c] }", "6:46: error: an account is an"),
            ("quota_project: a b", "6:20: error: quota_project must be the id of a project"),
            ("universe_domain: https://x.y", "6:22: error: universe_domain must be a domain"),
            ("universe_domain: local", "6:22: error: universe_domain must be a domain"),
            ("universe_domain: x.test", "6:22: error: a built-in api lies in googleapis.com"),
        ])
    func beside(line: String, problem: String) {
        let yaml = Self.ml + "    \(line)\n"
        let problems = Fixture.problems(of: yaml)
        #expect(problems.count == 1 && problems[0].hasPrefix("p.yaml:\(problem)"), "\(problems)")
    }

    @Test(
        "what credentials of another kind have no use for",
        arguments: [
            ("none", "impersonate: a@b", "impersonate needs credentials, which are none"),
            ("none", "quota_project: p", "quota_project needs credentials, which are none"),
            ("none", "universe_domain: x.y", "universe_domain is for credentials of Google"),
            ("token:t", "universe_domain: x.y", "universe_domain is for credentials of Google"),
        ])
    func company(credentials: String, line: String, problem: String) {
        let yaml = Self.ml + "    credentials: \(credentials)\n    \(line)\n"
        let problems = Fixture.problems(of: yaml)
        #expect(
            problems.count == 1 && problems[0].hasPrefix("p.yaml:7:5: error: \(problem)"),
            "\(problems)")
    }

    @Test("all that belongs to credentials reaches the policy, and its hash")
    func wholeCredentials() throws {
        let text = """
                credentials: key:/etc/k
                quota_project: example.com:p
                universe_domain: x.test
                impersonate: { account: c@d, delegates: [a@b], lifetime: 20m }
            """
        let plain = try Fixture.load(Self.own("https://a.x.test/v1", "    universe_domain: x.test"))
        let policy = try Fixture.load(Self.own("https://a.x.test/v1", text)).policy
        let credentials = try #require(policy.services.first?.credentials)
        var expected = Credentials(.key("/etc/k"))
        expected.quotaProject = "example.com:p"
        expected.universe = "x.test"
        expected.impersonation = Impersonation(account: "c@d")
        expected.impersonation?.delegates = ["a@b"]
        expected.impersonation?.lifetime = .seconds(1_200)
        #expect(credentials == expected)
        #expect(policy.hash != plain.policy.hash)
    }

    @Test(
        "credentials of Google go to services of their domain, or stay on this machine",
        arguments: [
            ("https://ml.googleapis.com/v1", "", true), ("https://googleapis.com", "", true),
            ("https://ml.googleapis.com.evil.test/v1", "", false),
            ("https://evilgoogleapis.com/v1", "", false),
            ("http://127.0.0.1:8080/v1", "", true), ("http://[::1]:8080/v1", "", true),
            ("https://ml.x.test/v1", "universe_domain: x.test", true),
            ("https://ml.googleapis.com/v1", "universe_domain: x.test", false),
            ("http://ml.googleapis.com/v1", "", false),
            ("https://ml.x.test/v1", "credentials: token:t", true),
            ("https://ml.x.test/v1", "credentials: token:t\n    impersonate: a@b", false),
            ("https://ml.x.test/v1", "credentials: none", true),
        ])
    func reach(endpoint: String, line: String, isFine: Bool) {
        #expect(Fixture.problems(of: Self.own(endpoint, "    " + line)).isEmpty == isFine)
    }

    @Test(
        "proxies and files of authorities",
        arguments: [
            ("proxy: none", nil), ("proxy: http://p.test:3128", nil), ("proxy: http://p:80", nil),
            ("proxy: http://[::2]:8080", nil), ("ca_file: /etc/ssl/corp.pem", nil),
            ("proxy: p:3128", "6:12: error: proxy must be none or http://HOST:PORT, not"),
            ("proxy: http://p", "6:12: error: proxy must be none or http://HOST:PORT, not"),
            ("proxy: https://p:1", "6:12: error: proxy must be none or http://HOST:PORT, not"),
            ("proxy: http://p:1/x", "6:12: error: proxy must be none or http://HOST:PORT; user"),
            ("proxy: http://u:pw@p:1", "6:12: error: proxy must be none or http://HOST:PORT"),
            ("ca_file: corp.pem", "6:14: error: ca_file must be the absolute path"),
            ("proxy: user:pw@", "6:12: error: proxy must be none or http://HOST:PORT; user"),
            ("proxy: user:pw@h", "6:12: error: proxy must be none or http://HOST:PORT; user"),
            ("proxy: http://u:pw@", "6:12: error: proxy must be none or http://HOST:PORT; user"),
            ("proxy: http://h:1/pw@", "6:12: error: proxy must be none or http://HOST:PORT; user"),
            ("proxy: 'http://h:1?x=pw@'", "6:12: error: proxy must be none or http://HOST:PORT;"),
            ("proxy: u%3apw@h:1", "6:12: error: proxy must be none or http://HOST:PORT; user"),
            ("proxy: http://p:1\n    proxy_credentials: p", nil),
            ("proxy: http://p:1\n    proxy_credentials: /etc/p", nil),
            (
                "proxy: http://p:1\n    proxy_credentials: u:pw@x",
                "7:24: error: proxy_credentials needs"
            ),
            (
                "proxy_credentials: p",
                "6:5: error: proxy_credentials needs a proxy: http://HOST:PORT"
            ),
            (
                "proxy: none\n    proxy_credentials: p",
                "7:5: error: proxy_credentials needs a proxy"
            ),
            ("client_certificate: c", nil), ("client_certificate: /c\n    client_key: k", nil),
            ("client_key: k", "6:5: error: client_key needs a client_certificate"),
            ("client_certificate: a/b", "6:25: error: client_certificate needs the name of a file"),
            ("client_certificate: '{'", "6:25: error: client_certificate looks like a secret"),
            ("compression: false", nil), ("compression: true", nil),
            ("compression: gzip", "6:18: error: compression must be true or false"),
        ])
    func network(line: String, problem: String?) {
        let problems = Fixture.problems(of: Self.ml + "    \(line)\n")
        guard let problem else { return #expect(problems == []) }
        #expect(problems.count == 1 && problems[0].hasPrefix("p.yaml:\(problem)"), "\(problems)")
        #expect(!problems.joined().contains("pw@"))
    }

    @Test("a client certificate is of no use over plain http")
    func plainCertificate() {
        let lines = "    credentials: none\n    client_certificate: c"
        #expect(
            Fixture.problems(of: Self.own("http://ml.test", lines)).contains {
                $0.contains("client_certificate is for https://")
            })
        #expect(Fixture.problems(of: Self.own("https://ml.test", lines)).isEmpty)
    }

    @Test("how a service is reached is part of the policy, but for what is as it was")
    func networkHash() throws {
        func hash(_ line: String) throws -> PolicyHash {
            try PolicyFile.parse(Self.ml + line, file: "p.yaml").policy.hash
        }
        let lines = [
            "", "    compression: false\n", "    client_certificate: c\n",
            "    client_certificate: c\n    client_key: k\n", "    proxy: http://p:1\n",
            "    proxy: http://p:1\n    proxy_credentials: c\n",
        ]
        #expect(Set(try lines.map { try hash($0) }).count == lines.count)
        #expect(try hash("") == hash("    compression: true\n"))
    }

    private static let ml = """
        version: 1
        services:
          - name: ml
            api: ml/v1
            parents: [p]

        """

    private static func own(_ endpoint: String, _ lines: String) -> String {
        ml.replacing("api: ml/v1", with: "endpoint: '\(endpoint)'") + lines + "\n"
    }

    @Test("without credentials the default is meant")
    func noCredentials() throws {
        let yaml = "version: 1\nservices:\n  - name: ml\n    api: ml/v1\n    parents: [p]\n"
        let policy = try Fixture.load(yaml).policy
        #expect(policy.services.first?.credentials == Credentials(.applicationDefault))
    }
}
