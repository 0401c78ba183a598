import OpwatchCore
import OpwatchPolicy
import Testing

@Suite("The hash of a policy")
struct PolicyHashTests {
    @Test("is 16 hex digits, and of an empty policy always the same")
    func form() throws {
        let hash = try hash(of: "version: 1")
        #expect(hash == "863e4b911f104b41")
        let full = try self.hash(of: Fixture.full)
        #expect(full == "17c2703e771d4330")
    }

    @Test(
        "does not see comments, spacing, quoting, the order of keys and defaults written out",
        arguments: [
            ("enforce\n", "enforce  # now\n\n"),
            ("name: ml\n", "name: \"ml\"\n"),
            (
                "    api: ml/v1\n    parents: [projects/acme, projects/b]\n",
                "    parents:\n    - projects/acme\n    - 'projects/b'\n    api: ml/v1\n"
            ),
            ("'NOT done = true'", "'NOT  (done=true)'"),
            ("filter: 'NOT done = true'", "filter: -done = true"),
            ("interval: 30s", "interval: 30s"),
            ("total: 2h30m", "total: 150m"), ("keep: 10d", "keep: 240h"),
            ("http://127.0.0.1:8080/v1/", "HTTP://127.0.0.1:8080/v1"),
            ("start_time: [metadata.begun", "start_time: ['metadata.begun'"),
            ("outcome_code: error.status", "outcome_code: [error.status]"),
            ("credentials: none\nrules", "credentials: none\n    interval: 60s\nrules"),
            ("services: [own]", "services:\n      - own"),
        ])
    func blindness(written: String, otherwise: String) throws {
        let other = Fixture.full.replacing(written, with: otherwise)
        #expect(Fixture.full.contains(written))
        #expect(try hash(of: other) == hash(of: Fixture.full))
    }

    @Test(
        "sees every value that the daemon acts on",
        arguments: [
            ("mode: enforce", "mode: observe"), ("name: ml", "name: ml2"),
            ("api: ml/v1", "endpoint: https://h/v1"), ("projects/b", "projects/c"),
            ("[projects/acme, projects/b]", "[projects/b, projects/acme]"),
            ("NOT done = true", "NOT done = false"), ("interval: 30s", "interval: 31s"),
            ("page_size: 100", "page_size: 101"),
            ("requests_per_minute: 90", "requests_per_minute: 91"),
            ("token:opwatchd.token", "token:opwatchd.other"), ("token:opwatchd.token", "none"),
            ("127.0.0.1:8080", "127.0.0.1:8081"), ("metadata.made", "metadata.make"),
            ("metadata.begun, metadata.ready", "metadata.ready, metadata.begun"),
            ("metadata.touched", "metadata.\"touched\""), ("metadata.percent", "metadata.parts"),
            ("metadata.over", "metadata.ended"), ("cancel_requested: []", "cancel_requested: [c]"),
            ("error.status", "error.code"), ("status:running", "status:done"),
            ("parents: [\"\"]", "parents: [a]"), ("name: protected", "name: kept"),
            ("keep = \"true\"", "keep = \"yes\""), ("services: [own]", "services: [own, ml]"),
            ("total: 2h30m", "total: 2h31m"), ("queued: 15m", "queued: 16m"),
            ("running: 45m", "running: 46m"), ("stalled: 5m", "stalled: 6m"),
            ("queued: 15m, ", ""), ("warn_before: 60s", "warn_before: 61s"),
            ("    warn_before: 60s\n", ""), ("action: warn", "action: ignore # "),
            ("action: cancel", "action: warn # "), ("confirmations: 3", "confirmations: 4"),
            ("cancels_per_poll: 4", "cancels_per_poll: 5"),
            ("cancels_per_hour: 10", "cancels_per_hour: 11"), ("20%", "21%"),
            ("max_failed_cancels: 0", "max_failed_cancels: 1"),
            ("canary: false", "canary: true"), ("within: 5m", "within: 6m"),
            ("attempts: 2", "attempts: 3"), ("keep: 10d", "keep: 11d"),
            ("keep_audit: 100d", "keep_audit: 101d"), ("64MiB", "65MiB"),
        ])
    func sight(written: String, otherwise: String) throws {
        var other = Fixture.full.replacing(written, with: otherwise)
        // What an action has no use for goes with it.
        if otherwise.hasPrefix("action: ignore") {
            other = other.replacing("    timeouts: { total: 7d }\n", with: "")
        } else if otherwise.hasPrefix("action: warn") {
            other = other.replacing("    warn_before: 60s\n", with: "")
        }
        #expect(other != Fixture.full)
        #expect(try hash(of: other) != hash(of: Fixture.full))
    }

    @Test("sees `names` only where it is not the default, as older policies have none")
    func names() throws {
        func hash(_ names: String) throws -> String {
            let line = "    requests_per_minute: 90\n"
            return try self.hash(of: Fixture.full.replacing(line, with: line + names))
        }
        #expect(try hash("    names: within_parent\n") == hash(""))
        #expect(try hash("    names: any\n") != hash(""))
    }

    @Test("sees the order of services and of rules")
    func order() throws {
        let head = "version: 1\nservices:\n"
        let a = "  - { name: a, endpoint: 'https://a', parents: [p], credentials: none }\n"
        let b = "  - { name: b, endpoint: 'https://b', parents: [p], credentials: none }\n"
        #expect(try hash(of: head + a + b) != hash(of: head + b + a))
        let r = "  - { name: r, match: 'error.b = 1', timeouts: { total: 1h }, action: warn }\n"
        let s = "  - { name: s, match: 'error.b = 2', timeouts: { total: 1h }, action: warn }\n"
        #expect(
            try hash(of: "version: 1\nrules:\n" + r + s)
                != hash(of: "version: 1\nrules:\n" + s + r))
    }

    @Test("does not see the order in which a rule names its services")
    func orderOfNames() throws {
        let swapped = Fixture.full.replacing("services: [own]", with: "services: [own, ml]")
        let sorted = Fixture.full.replacing("services: [own]", with: "services: [ml, own]")
        #expect(try hash(of: swapped) == hash(of: sorted))
    }

    private func hash(of yaml: String) throws -> String {
        try Fixture.load(yaml).policy.hash.description
    }
}
