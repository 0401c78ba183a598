import FilterLanguage
import OpwatchCore
import OpwatchPolicy
import Testing
import WireFormat

@Suite("What an accepted policy holds")
struct AcceptedPolicyTests {
    @Test("every key of the file reaches the policy")
    func everyKey() throws {
        let loaded = try Fixture.load(Fixture.full)
        let policy = loaded.policy
        #expect(loaded.text == Fixture.full)
        #expect(loaded.warnings == [])
        #expect(policy.mode == .enforce)

        var ml = WatchedService(
            name: "ml", endpoint: Endpoint("https://ml.googleapis.com/v1"),
            fields: ServiceProfile.mlV1.fields, parents: ["projects/acme", "projects/b"],
            credentials: .token("opwatchd.token"))
        ml.filter = try Filter(parsing: "NOT done = true")
        ml.interval = .seconds(30)
        ml.pageSize = 100
        ml.requestsPerMinute = 90
        var own = WatchedService(
            name: "own", endpoint: Endpoint("http://127.0.0.1:8080/v1"),
            fields: FieldMap(
                createTime: FieldMap.paths("metadata.made"),
                startTime: FieldMap.paths("metadata.begun", "metadata.ready"),
                updateTime: FieldMap.paths("metadata.touched"),
                progress: FieldMap.paths("metadata.percent"),
                endTime: FieldMap.paths("metadata.over"), cancelRequested: [],
                outcomeCode: FieldMap.paths("error.status")),
            parents: [""], credentials: .none)
        own.serverFilter = "status:running"
        #expect(policy.services == [ml, own])

        #expect(
            policy.rules == [
                Rule(
                    name: "protected",
                    match: try Filter(parsing: "metadata.labels.keep = \"true\""), action: .ignore),
                Rule(
                    name: "slow", services: [1],
                    match: try Filter(
                        parsing: "metadata.verb = \"create\" AND NOT metadata.dry = true"),
                    timeouts: Timeouts(
                        total: .seconds(9_000), queued: .seconds(900), running: .seconds(2_700),
                        stalled: .seconds(300)),
                    warnBefore: .seconds(60), action: .cancel),
                Rule(name: "rest", timeouts: Timeouts(total: .seconds(604_800)), action: .warn),
            ])

        #expect(policy.safety.confirmations == 3)
        #expect(policy.safety.cancelsPerPoll == 4)
        #expect(policy.safety.cancelsPerHour == 10)
        #expect(policy.safety.maxOverdueSharePercent == 20)
        #expect(policy.safety.maxFailedCancels == 0)
        #expect(!policy.safety.canary)
        #expect(policy.verify.within == .seconds(300))
        #expect(policy.verify.attempts == 2)
        #expect(policy.retention.keep == .seconds(10 * 86_400))
        #expect(policy.retention.keepAudit == .seconds(100 * 86_400))
        #expect(policy.retention.bytesMax == 64 << 20)
    }

    @Test("what the file leaves out has its default")
    func defaults() throws {
        let policy = try Fixture.load(
            """
            version: 1
            services:
              - { name: own, endpoint: 'http://[::1]:1', parents: [a/b], credentials: none }
            """
        ).policy
        let expected = WatchedService(
            name: "own", endpoint: Endpoint("http://[::1]:1"), fields: FieldMap(),
            parents: ["a/b"], credentials: .none)
        #expect(policy.services == [expected])
        #expect(expected.interval == .seconds(60))
        #expect(expected.pageSize == 500)
        #expect(expected.requestsPerMinute == 60)
        #expect(policy.mode == .observe)
        #expect(policy.rules == [])
        #expect(policy.safety == Safety())
        #expect(policy.verify == VerifySettings())
        #expect(policy.retention == Retention())
    }

    @Test(
        "`names` says where a service's operations may be called",
        arguments: [("any", NameScope.any), ("within_parent", .withinParent)])
    func names(word: String, scope: NameScope) throws {
        let policy = try Fixture.load(Fixture.policy(service: "names: \(word)")).policy
        #expect(policy.services.map(\.names) == [scope])
        let usual = try Fixture.load(Fixture.policy(service: "interval: 60s")).policy
        #expect(usual.services.map(\.names) == [.withinParent])
        #expect(
            Fixture.problems(of: Fixture.policy(service: "names: all")) == [
                "p.yaml:7:12: error: names must be within_parent or any, not \"all\""
            ])
    }

    @Test(
        "a policy with nothing to watch is valid",
        arguments: ["version: 1", "version: 1\nservices: []\nrules: []\n", "\u{FEFF}version: 1"])
    func nothingToWatch(yaml: String) throws {
        let loaded = try Fixture.load(yaml)
        #expect(loaded.policy.services == [])
        #expect(loaded.policy.rules == [])
        #expect(loaded.warnings == [])
    }

    @Test("`fields` replaces only the defaults that it names, with a path or a list of paths")
    func fields() throws {
        let policy = try Fixture.load(
            """
            version: 1
            services:
              - name: own
                endpoint: https://h/v1
                parents: [p]
                credentials: none
                fields:
                  start_time: metadata.begun
                  progress: [metadata.percent, 'metadata."a.b".done']
                  cancel_requested: []
            """
        ).policy
        let quoted = try #require(FieldPath("metadata.\"a.b\".done"))
        #expect(
            policy.services.first?.fields
                == FieldMap(
                    startTime: FieldMap.paths("metadata.begun"),
                    progress: FieldMap.paths("metadata.percent") + [quoted], cancelRequested: []))
    }

    @Test("`services` of a rule become positions in the order of the services")
    func positions() throws {
        let policy = try Fixture.load(
            """
            version: 1
            services:
              - { name: a, endpoint: 'https://a', parents: [p], credentials: none }
              - { name: b, endpoint: 'https://b', parents: [p], credentials: none }
              - { name: c, endpoint: 'https://c', parents: [p], credentials: none }
            rules:
              - { name: r, services: [c, a], timeouts: { total: 1h }, action: warn }
            """
        ).policy
        #expect(policy.rules.first?.services == [0, 2])
    }

    @Test(
        "an endpoint is stored in one spelling",
        arguments: [
            ("https://Example.COM/v1/", "https://example.com/v1"),
            ("HTTPS://example.com:443", "https://example.com"),
            ("http://127.0.0.1:80/", "http://127.0.0.1"),
            ("https://example.com:8443/a/v1", "https://example.com:8443/a/v1"),
            ("https://[2001:DB8::1]:443/V1", "https://[2001:db8::1]/V1"),
            ("https://h/a%2Fb", nil),
        ] as [(String, String?)])
    func endpoints(written: String, stored: String?) throws {
        let yaml = """
            version: 1
            services:
              - { name: a, endpoint: '\(written)', parents: [p], credentials: none }
            """
        let loaded = try? Fixture.load(yaml)
        #expect(loaded?.policy.services.first?.endpoint.description == stored)
    }

    @Test(
        "a token goes to https:// and to loopback addresses only",
        arguments: [
            ("https://example.com", true), ("http://localhost:1", true), ("http://127.9.8.7", true),
            ("http://[::1]", true), ("http://[0:0::1]:80", true), ("http://example.com", false),
            ("http://10.0.0.1", false), ("http://127.0.0.1.example.com", false),
            ("http://localhost.example.com", false), ("http://[::2]", false),
            ("http://[::ffff:127.0.0.1]", false), ("http://128.0.0.1", false),
        ])
    func tokens(endpoint: String, isAccepted: Bool) {
        let yaml = """
            version: 1
            services:
              - { credentials: token:t, name: a, endpoint: '\(endpoint)', parents: [p] }
            """
        let refusal =
            "p.yaml:3:20: error: a token must not travel over http:// to another machine; "
            + "use https://, a loopback address or credentials: none"
        #expect(Fixture.problems(of: yaml) == (isAccepted ? [] : [refusal]))
    }
}
