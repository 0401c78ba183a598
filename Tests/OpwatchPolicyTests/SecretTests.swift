import OpwatchPolicy
import Testing

@Suite("Secrets in a policy")
struct SecretTests {
    private static let long = "ya29.a0AfB_bySECRET" + String(repeating: "x1Y2z3", count: 30)
    private static let web = "eyJhbGciOiJSUzI1NiIsSECRET.eyJzdWIiOiJhIn0.sig"
    private static let key = "{\"type\":\"service_account\",\"private_key_id\":\"SECRET\"}"

    @Test(
        "a token or key in place of credentials is refused and not repeated, behind token: too",
        arguments: [
            "Bearer ya29.a0AfSECRET", "bearer SECRET", long, web, key, "ya29.SECRET",
            "AIzaSySECRETSECRETSECRETSECRETSECRET", "-----BEGIN PRIVATE KEY-----SECRET",
            "GOCSPX-SECRETSECRET", "eyJSECRET", "1//0gSECRETSECRETSECRETSECRETSECRET",
        ])
    func credentials(pasted: String) {
        for text in [pasted, "token:" + pasted, "token:/" + pasted, "key:" + pasted] {
            let problems = Fixture.problems(
                of: """
                    version: 1
                    services:
                      - { name: ml, api: ml/v1, parents: [p], credentials: '\(text)' }
                    """)
            #expect(problems.count == 1)
            #expect(problems.allSatisfy { $0.hasPrefix("p.yaml:3:") && $0.contains(" error: ") })
            #expect(!problems.joined().contains("SECRET"), "\(text)")
        }
    }

    @Test(
        "a secret anywhere in the file is the only thing that is told, with its place",
        arguments: [
            ("version: 1\nmode: \(long)\n", 2, 7), ("version: 1\n# \(web)\n", 2, 3),
            ("version: 1\n\(long): 1\nmoed: x\n", 2, 1),
            ("version: 1\nservices: [\n  \(key)", 3, 29),
            ("version: 1\nrules:\n - match: 'a = \"ä-----BEGIN RSA PRIVATE KEY\"'\n", 3, 18),
        ])
    func anywhere(yaml: String, line: Int, column: Int) {
        #expect(
            Fixture.problems(of: yaml) == [
                "p.yaml:\(line):\(column): error: a secret stands here; no policy holds one. Put "
                    + "it into a file, take credentials: token:NAME or key:NAME, and replace the "
                    + "secret: it may have been read"
            ])
    }

    @Test(
        "what merely talks of secrets is none",
        arguments: [
            "# tokens begin with ya29.…", "# ya29.short", "# eyJ, AIza and GOCSPX-", "# -----",
            "# private_key",
        ])
    func talk(comment: String) {
        #expect(Fixture.problems(of: "version: 1\n\(comment)\n") == [])
    }

    @Test("names of files are none", arguments: ["opwatchd.token", "a@b+c_d-1", "keyJar", "ya29"])
    func names(name: String) {
        let yaml = """
            version: 1
            services: [{ name: ml, api: ml/v1, parents: [p], credentials: 'token:\(name)' }]
            """
        #expect(Fixture.problems(of: yaml) == [])
    }
}
