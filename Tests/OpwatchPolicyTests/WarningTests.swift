import OpwatchCore
import OpwatchPolicy
import Testing

@Suite("Warnings")
struct WarningTests {
    @Test("a policy with warnings is accepted, and says them")
    func accepted() throws {
        let loaded = try Fixture.load(
            Fixture.policy(rule: "match: 'error.b = 1'\ntimeouts: { total: 1h }\naction: cancel"))
        #expect(loaded.policy.rules.count == 1)
        #expect(
            loaded.warnings == [
                PolicyProblem(
                    severity: .warning, file: "p.yaml", line: 11, column: 13,
                    message: "rule \"r\" cancels without a warning; warn_before gives people notice"
                )
            ])
    }

    @Test(
        "a timeout under three intervals of a service",
        arguments: [
            Defect(
                "a second less", rule: "timeouts: { total: 2m59s }\naction: warn",
                "9:24: warning: timeouts.total 2m59s is under three intervals of "
                    + "service \"ml\" (1m)"
            ),
            Defect("three intervals", rule: "timeouts: { total: 3m }\naction: warn"),
            Defect(
                "of the slower service",
                file: """
                    version: 1
                    services:
                      - { name: a, api: ml/v1, parents: [p], credentials: none, interval: 1m }
                      - { name: b, api: ml/v1, parents: [q], credentials: none, interval: 1h }
                    rules:
                      - { name: r, services: [a], timeouts: { total: 1h }, action: warn }
                      - { name: s, timeouts: { total: 1h }, action: warn }
                    """,
                "7:35: warning: timeouts.total 1h is under three intervals of service \"b\" (1h)"),
        ])
    func threeIntervals(defect: Defect) {
        defect.check()
    }

    @Test(
        "a poll that needs more requests than it may make",
        arguments: [
            Defect(
                "one parent and no whole request",
                service: "interval: 1s\nrequests_per_minute: 59",
                "5:15: warning: 1 parent needs 1 or more requests every 1s; "
                    + "requests_per_minute: 59 allows 0"),
            Defect(
                "one parent and one request", service: "interval: 1s\nrequests_per_minute: 60"),
        ])
    func pace(defect: Defect) {
        defect.check()
    }

    @Test("as many parents as requests are enough, one more is not", arguments: [10, 11])
    func parents(count: Int) {
        let parents = (1...count).map { "p\($0)" }.joined(separator: ", ")
        let yaml = """
            version: 1
            services:
              - parents: [\(parents)]
                name: ml
                api: ml/v1
                credentials: none
                interval: 30s
                requests_per_minute: 20
            """
        let warning =
            "p.yaml:3:15: warning: 11 parents need 11 or more requests every 30s; "
            + "requests_per_minute: 20 allows 10"
        #expect(Fixture.problems(of: yaml) == (count > 10 ? [warning] : []))
    }

    @Test(
        "`!=` on metadata in an ignore rule, with what to write instead",
        arguments: [
            Defect(
                "a quoted value", rule: "match: 'metadata.verb != \"not (this)\"'\naction: ignore",
                "9:13: warning: match: metadata.verb != \"not (this)\" does not protect an "
                    + "operation without the field; write NOT metadata.verb = \"not (this)\""),
            Defect(
                "the second of two",
                rule: "match: 'name:x AND (metadata.labels.a != b)'\naction: ignore",
                "9:25: warning: match: metadata.labels.a != b does not protect an operation "
                    + "without the field; write NOT metadata.labels.a = b"),
            Defect("NOT and =", rule: "match: 'NOT metadata.verb = \"create\"'\naction: ignore"),
            Defect("outside metadata", rule: "match: 'error.code != 1'\naction: ignore"),
            Defect(
                "in a rule that only warns",
                rule: "match: 'metadata.verb != \"create\"'\n"
                    + "timeouts: { total: 1h }\naction: warn"),
        ])
    func notEqual(defect: Defect) {
        defect.check()
    }

    @Test("a cancel rule without warn_before; none with it, none where it only warns")
    func warnBefore() {
        let rule = "match: 'error.b = 1'\ntimeouts: { total: 1h }\n"
        #expect(
            Fixture.problems(of: Fixture.policy(rule: rule + "action: cancel\nwarn_before: 1m"))
                == [])
        #expect(Fixture.problems(of: Fixture.policy(rule: rule + "action: warn")) == [])
    }

    @Test("errors and warnings come together, in the order of the file")
    func together() {
        let problems = Fixture.problems(
            of: Fixture.policy(
                rule: "match: 'error.b = 1'\ntimeouts: { total: 1m }\naction: cancel\nwarn: 5m"))
        #expect(
            problems.map { String($0.split(separator: " ")[1]) } == [
                "warning:", "warning:", "error:",
            ])
        #expect(problems.map { $0.split(separator: ":")[1] } == ["10", "11", "12"])
    }
}
