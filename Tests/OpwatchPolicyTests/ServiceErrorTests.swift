import OpwatchCore
import OpwatchPolicy
import Testing

@Suite("Errors of services")
struct ServiceErrorTests {
    private static let keys =
        "name, api, region, endpoint, fields, parents, filter, server_filter, interval, "
        + "page_size, requests_per_minute, names, credentials, impersonate, quota_project, "
        + "universe_domain, proxy, proxy_credentials, ca_file, client_certificate, client_key, "
        + "compression"

    @Test(
        "keys of a service",
        arguments: [
            Defect(
                "unknown key", service: "paths: []",
                "7:5: error: unknown key \"paths\" in a service; allowed: \(keys)"),
            Defect(
                "misspelt key", service: "intervall: 60s",
                "7:5: error: unknown key \"intervall\" in a service; did you mean \"interval\"? "
                    + "allowed: \(keys)"),
            Defect(
                "doubled key", service: "interval: 60s\ninterval: 60s",
                "8:5: error: key \"interval\" is given twice; first on line 7"),
            Defect(
                "interval without a unit", service: "interval: 60",
                "7:15: error: interval needs a unit: \"60\" could be 60s, 60m, 60h or 60d"),
            Defect(
                "page_size of zero", service: "page_size: 0",
                "7:16: error: page_size must be a whole number from 1 to 10000, not \"0\""),
            Defect(
                "negative rate", service: "requests_per_minute: -1",
                "7:26: error: requests_per_minute must be a whole number from 1 to 60000, "
                    + "not \"-1\""),
            Defect(
                "empty filter", service: "filter: ' '",
                "7:13: error: filter must not be empty; 'name:*' takes every operation"),
            Defect(
                "malformed filter", service: "filter: 'metadata.b == 2'",
                "7:25: error: filter: `==` is not a comparator, expected = != < <= > >= or :; "
                    + "write ="),
            Defect(
                "empty server_filter", service: "server_filter: ''",
                "7:20: error: server_filter must not be empty; leave it out"),
            Defect(
                "two filters", service: "filter: 'NOT done = true'\nserver_filter: x",
                "8:5: error: a service has a filter or a server_filter, not both; "
                    + "filter is on line 7"),
            Defect(
                "a word", file: "version: 1\nservices: [ml]\n",
                "2:12: error: a service must be a mapping of keys, not \"ml\"; keys: \(keys)"),
            Defect(
                "nothing set", file: "version: 1\nservices:\n  - {}\n",
                "3:5: error: a service needs a name",
                "3:5: error: a service needs an api (ml/v1) or an endpoint",
                "3:5: error: a service needs parents, e.g. parents: [projects/acme]"),
        ])
    func ownKeys(defect: Defect) {
        defect.check()
    }

    @Test(
        "a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -",
        arguments: [
            ("a", true), ("A-Z.a_9", true), (String(repeating: "n", count: 64), true),
            (String(repeating: "n", count: 65), false), ("''", false), ("a b", false),
            ("ä", false), ("a/b", false), ("\"a\\n\"", false), ("123", true),
        ])
    func names(name: String, isAccepted: Bool) {
        let problems = Fixture.problems(
            of: """
                version: 1
                services:
                  - { name: \(name), api: ml/v1, parents: [p], credentials: none }
                """)
        #expect(problems.isEmpty == isAccepted)
        #expect(
            problems.allSatisfy {
                $0.hasPrefix(
                    "p.yaml:3:13: error: a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -, "
                )
            })
    }

    @Test(
        "api, region, endpoint and fields",
        arguments: [
            Defect(
                "unknown api", file: one("api: speech/v1"),
                "3:10: error: unknown api \"speech/v1\"; this version has ml/v1, "
                    + "any other is watched by its endpoint"),
            Defect(
                "misspelt api", file: one("api: ml/v2"),
                "3:10: error: unknown api \"ml/v2\"; this version has ml/v1, "
                    + "any other is watched by its endpoint; did you mean \"ml/v1\"?"),
            Defect(
                "region of an api without regions", service: "region: europe-west1",
                "7:5: error: region is for an api that has regions; ml/v1 has none"),
            Defect(
                "api and endpoint", service: "endpoint: https://h/v1",
                "7:5: error: a service has an api or an endpoint, not both; the api is on line 4"),
            Defect(
                "fields of an api", service: "fields: { progress: metadata.p }",
                "7:5: error: fields is for an endpoint of your own; an api brings its fields"),
            Defect(
                "unknown field", file: one("endpoint: https://h\n    fields: { started: a }"),
                "4:15: error: unknown key \"started\" in fields; allowed: create_time, "
                    + "start_time, update_time, progress, end_time, cancel_requested, "
                    + "outcome_code"),
            Defect(
                "malformed path",
                file: one("endpoint: https://h\n    fields: { progress: [a.b, a..b] }"),
                "4:31: error: fields.progress: \"a..b\" is no path; "
                    + "write e.g. metadata.createTime or metadata.\"a.b\".c"),
            Defect(
                "doubled path", file: one("endpoint: https://h\n    fields: { progress: [a, a] }"),
                "4:29: error: fields.progress: \"a\" is listed twice"),
            Defect(
                "a mapping for a path",
                file: one("endpoint: https://h\n    fields: { progress: { a: b } }"),
                "4:25: error: fields.progress must be a path or a list of paths, not a mapping"),
            Defect(
                "a path without a value",
                file: one("endpoint: https://h\n    fields: { progress: }"),
                "4:25: error: fields.progress has no value"),
        ])
    func address(defect: Defect) {
        defect.check()
    }

    /// A file whose only service has an address of its own, on line 3.
    private static func one(_ address: String) -> String {
        """
        version: 1
        services:
          - \(address)
            name: own
            parents: [p]
            credentials: none

        """
    }

    @Test(
        "an endpoint is an http or https URL without user, query, fragment or dot segments",
        arguments: [
            ("example.com/v1", "must begin with https:// or http://"),
            ("ftp://example.com", "must begin with https:// or http://"),
            ("https://a b", "has a space, a control or a non-ASCII character"),
            ("https://ä", "has a space, a control or a non-ASCII character"),
            ("https://", "has no host"), ("https:///v1", "has no host"),
            ("https://:80", "has no host"),
            ("https://h:0", "must have a port from 1 to 65535, or none"),
            ("https://h:65536", "must have a port from 1 to 65535, or none"),
            ("https://h:", "must have a port from 1 to 65535, or none"),
            ("https://h:1:2", "must have a port from 1 to 65535, or none"),
            ("https://::1", "must have a port from 1 to 65535, or none"),
            ("https://[::1", "has a malformed host"),
            ("https://[::g]", "has a malformed host"), ("https://a..b", "has a malformed host"),
            ("https://127.1", "has a malformed host"),
            ("https://1.2.3.400", "has a malformed host"),
            ("https://h_h", "has a malformed host"),
            ("https://[::1]x", "has a malformed host"),
            ("https://h//v1", "must not have an empty, \".\" or \"..\" path segment"),
            ("https://h/v1//", "must not have an empty, \".\" or \"..\" path segment"),
            ("https://h/../v1", "must not have an empty, \".\" or \"..\" path segment"),
            ("https://h/a%2Fb", "has a character in its path that a base URL must not have"),
        ])
    func endpoints(url: String, message: String) {
        let yaml = Self.one("endpoint: '\(url)'")
        #expect(
            Fixture.problems(of: yaml) == ["p.yaml:3:15: error: endpoint \"\(url)\" \(message)"])
    }

    @Test(
        "what may hold a secret is not repeated of an endpoint",
        arguments: [
            ("https://me:secret@h/v1", "must not have a user or password (@)"),
            ("https://h/v1#secret", "must not have a fragment (#)"),
            ("https://h/v1?key=secret", "must not have a query (?)"),
            ("ftp://me:secret@h/v1", "must begin with https:// or http://"),
        ])
    func secretEndpoints(url: String, message: String) {
        let yaml = Self.one("endpoint: '\(url)'")
        #expect(Fixture.problems(of: yaml) == ["p.yaml:3:15: error: endpoint \(message)"])
    }

    @Test("the path of an endpoint has letters, digits and - . _ ~ : @ /, and no other sign")
    func pathSigns() {
        for byte in UInt8(0x21)...0x7E where !"'?#".utf8.contains(byte) {
            let sign = String(UnicodeScalar(byte))
            let isTaken = sign.allSatisfy { $0.isLetter || $0.isNumber || "-._~:@/".contains($0) }
            let problems = Fixture.problems(of: Self.one("endpoint: 'https://h/a\(sign)b'"))
            #expect(problems.isEmpty == isTaken, "\(sign)")
        }
    }

    @Test("an endpoint has at most the 1,024 bytes that a name in the journal has")
    func longEndpoint() throws {
        func problems(bytes: Int) -> [String] {
            let path = String(repeating: "x", count: bytes - "https://h/".utf8.count)
            return Fixture.problems(of: Self.one("endpoint: 'https://h/\(path)'"))
        }
        #expect(problems(bytes: 1_024) == [])
        #expect(problems(bytes: 1_025).count == 1)
        #expect(problems(bytes: 1_025).first?.hasSuffix("must have at most 1024 bytes") == true)
    }

    @Test("a token may come from a file with an absolute path")
    func tokenPath() throws {
        let yaml = """
            version: 1
            services:
              - { credentials: token:/run/tokens/ml, name: ml, api: ml/v1, parents: [p] }
            """
        let loaded = try Fixture.load(yaml)
        #expect(loaded.policy.services.first?.credentials == .token("/run/tokens/ml"))
    }

    @Test(
        "parents are resource names, each once",
        arguments: [
            ("[]", "3:14: error: parents must not be empty; \"\" alone lists at /operations"),
            ("p", "3:14: error: parents must be a list of resource names, not \"p\""),
            ("[~]", "3:15: error: a parent has no value"),
            ("[[p]]", "3:15: error: a parent must be a single value, not a list"),
            ("[a, b, a]", "3:21: error: parent \"a\" is listed twice"),
            ("[a, '']", "3:18: error: the parent \"\" lists at /operations and stands alone"),
            (
                "[/a]",
                "3:15: error: parent \"/a\" is no resource name: "
                    + "the name has an empty segment at byte 0"
            ),
            (
                "[a/]",
                "3:15: error: parent \"a/\" is no resource name: "
                    + "the name has an empty segment at byte 2"
            ),
            (
                "[projects/acme/operations]",
                "3:15: warning: parent \"projects/acme/operations\" ends in /operations, which is "
                    + "added by itself; write \"projects/acme\""
            ),
            (
                "[operations]",
                "3:15: warning: parent \"operations\" ends in /operations, which is added by "
                    + "itself; write \"\""
            ),
            (
                "[a/../b]",
                "3:15: error: parent \"a/../b\" is no resource name: "
                    + "the name has a `.` or `..` segment at byte 2"
            ),
            (
                "[\"a\\tb\"]",
                "3:15: error: parent \"a\\u{9}b\" is no resource name: "
                    + "the name has a control character at byte 1"
            ),
        ])
    func parents(list: String, problem: String) {
        let yaml = """
            version: 1
            services:
              - parents: \(list)
                name: ml
                api: ml/v1
                credentials: none
            """
        #expect(Fixture.problems(of: yaml) == ["p.yaml:\(problem)"])
    }

    @Test(
        "services among one another",
        arguments: [
            Defect(
                "two of one name",
                file: """
                    version: 1
                    services:
                      - { name: a, api: ml/v1, parents: [p], credentials: none }
                      - { name: a, api: ml/v1, parents: [q], credentials: none }
                    """,
                "4:13: error: two services are named \"a\"; the first is on line 3"),
            Defect(
                "two of one endpoint and parent",
                file: """
                    version: 1
                    services:
                      - { name: a, api: ml/v1, parents: [p, q], credentials: none }
                      - { name: b, credentials: none, endpoint: 'https://ML.googleapis.com/v1/',
                          parents: [r, q] }
                    """,
                "5:20: error: parent \"q\" of https://ml.googleapis.com/v1 is watched already by "
                    + "service \"a\" on line 3"),
            Defect(
                "one parent of two endpoints",
                file: """
                    version: 1
                    services:
                      - { name: a, api: ml/v1, parents: [p], credentials: none }
                      - { name: b, endpoint: 'https://h/v1', parents: [p], credentials: none }
                    """),
        ])
    func amongOneAnother(defect: Defect) {
        defect.check()
    }
}
