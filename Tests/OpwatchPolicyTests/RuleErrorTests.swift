import OpwatchPolicy
import Testing

@Suite("Errors of rules")
struct RuleErrorTests {
    private static let keys = "name, services, match, timeouts, warn_before, action"

    @Test(
        "keys of a rule",
        arguments: [
            Defect(
                "misspelt key", rule: "matches: 'name:*'\ntimeouts: { total: 1h }\naction: warn",
                "9:5: error: unknown key \"matches\" in a rule; did you mean \"match\"? "
                    + "allowed: \(keys)"),
            Defect(
                "a number", file: "version: 1\nrules: [7]\n",
                "2:9: error: a rule must be a mapping of keys, not \"7\"; keys: \(keys)"),
            Defect(
                "nothing set", file: "version: 1\nrules: [{}]\n",
                "2:9: error: a rule needs a name",
                "2:9: error: a rule needs an action: cancel, warn or ignore"),
            Defect(
                "no action", rule: "match: 'error.b = 1'",
                "8:5: error: rule \"r\" needs an action: cancel, warn or ignore"),
            Defect(
                "misspelt action", rule: "match: 'error.b = 1'\naction: cancell",
                "10:13: error: action must be cancel, warn or ignore, not \"cancell\"; "
                    + "did you mean \"cancel\"?"),
            Defect(
                "unknown service",
                rule: "services: [ml, mll]\nmatch: 'error.b = 1'\naction: ignore",
                "9:20: error: unknown service \"mll\"; the policy has ml; did you mean \"ml\"?"),
            Defect(
                "unknown service, nothing near",
                rule: "services: [speech]\nmatch: 'error.b = 1'\naction: ignore",
                "9:16: error: unknown service \"speech\"; the policy has ml"),
            Defect(
                "no services at all",
                file: "version: 1\nrules: [{ name: r, services: [ml], action: ignore }]\n",
                "2:31: error: unknown service \"ml\"; the policy has no services"),
            Defect(
                "doubled service", rule: "services: [ml, ml]\nmatch: 'error.b = 1'\naction: ignore",
                "9:20: error: service \"ml\" is listed twice"),
            Defect(
                "empty services", rule: "services: []\nmatch: 'error.b = 1'\naction: ignore",
                "9:15: error: services must not be empty; leave it out for all services"),
            Defect(
                "services as a word", rule: "services: ml\nmatch: 'error.b = 1'\naction: ignore",
                "9:15: error: services must be a list of service names, not \"ml\""),
        ])
    func ownKeys(defect: Defect) {
        defect.check()
    }

    @Test("two rules of one name")
    func doubledName() {
        #expect(
            Fixture.problems(
                of: """
                    version: 1
                    rules:
                      - { name: r, action: ignore }
                      - { name: s, action: ignore }
                      - { name: r, action: ignore }
                    """)
                == ["p.yaml:5:13: error: two rules are named \"r\"; the first is on line 3"])
    }

    @Test(
        "what an action needs and what it has no use for",
        arguments: [
            Defect(
                "cancel without match",
                rule: "timeouts: { total: 1h }\nwarn_before: 5m\naction: cancel",
                "11:13: error: rule \"r\" has action cancel and needs a match; "
                    + "'name:*' takes every operation"),
            Defect(
                "cancel without timeouts",
                rule: "match: 'error.b = 1'\nwarn_before: 5m\naction: cancel",
                "11:13: error: rule \"r\" has action cancel and needs timeouts"),
            Defect(
                "warn without timeouts", rule: "match: 'error.b = 1'\naction: warn",
                "10:13: error: rule \"r\" has action warn and needs timeouts"),
            Defect(
                "empty timeouts", rule: "match: 'error.b = 1'\ntimeouts: {}\naction: warn",
                "10:15: error: timeouts must not be empty; "
                    + "set at least one of total, queued, running or stalled"),
            Defect(
                "unknown clock",
                rule: "match: 'error.b = 1'\ntimeouts: { total: 1h, totl: 2h }\naction: warn",
                "10:28: error: unknown key \"totl\" in timeouts; did you mean \"total\"? "
                    + "allowed: total, queued, running, stalled"),
            Defect(
                "timeout without a unit",
                rule: "match: 'error.b = 1'\ntimeouts: { total: 45 }\naction: warn",
                "10:24: error: timeouts.total needs a unit: \"45\" could be 45s, 45m, 45h or 45d"),
            Defect(
                "timeouts on ignore",
                rule: "match: 'error.b = 1'\ntimeouts: { total: 1h }\naction: ignore",
                "10:5: error: timeouts has no effect in a rule with action ignore"),
            Defect(
                "warn_before on ignore", rule: "match: 'name:x'\nwarn_before: 1m\naction: ignore",
                "10:5: error: warn_before is for rules with action cancel, not ignore"),
            Defect(
                "warn_before on warn",
                rule: "match: 'name:x'\ntimeouts: { total: 1h }\nwarn_before: 1m\naction: warn",
                "11:5: error: warn_before is for rules with action cancel, not warn"),
            Defect(
                "warn_before as long as the shortest timeout",
                rule: "match: 'name:x'\ntimeouts: { total: 2h, queued: 1h }\nwarn_before: 60m\n"
                    + "action: cancel",
                "11:18: error: warn_before must be shorter than the rule's shortest timeout "
                    + "(queued 1h)"),
            Defect(
                "warn_before a second shorter",
                rule: "match: 'error.b = 1'\ntimeouts: { total: 2h, queued: 1h }\n"
                    + "warn_before: 59m59s\naction: cancel"),
        ])
    func actions(defect: Defect) {
        defect.check()
    }

    @Test(
        "match is a plain expression",
        arguments: [
            ("''", "9:12: error: match must not be empty; 'name:*' takes every operation"),
            ("' '", "9:12: error: match must not be empty; 'name:*' takes every operation"),
            ("", "9:11: error: match has no value"),
            ("[a]", "9:12: error: match must be a single value, not a list"),
            (
                "'error.b = (c'",
                "9:23: error: match: `(` is never closed; close it with )"
            ),
            (
                "'error.b = 1 AND error.d = 2 OR error.d = 3'",
                "9:41: error: match: AND mixed with OR needs parentheses; "
                    + "without them OR binds tighter"
            ),
            (
                "'error.b = 1 error.d = 2 OR error.d = 3'",
                "9:37: error: match: AND mixed with OR needs parentheses; "
                    + "without them OR binds tighter"
            ),
            (
                "'error.b = 1 AND create'",
                "9:29: error: match: the bare create needs a field; write FIELD = VALUE, "
                    + "or name:create to look into the operation's name"
            ),
            // The same expression in every style: the place is told as well as the file allows.
            ("name:x AND create", "9:23: error: match: the bare"),
            ("'name:\"ä''\" AND create'", "9:28: error: match: the bare"),
            ("\"name:x AND create\"", "9:24: error: match: the bare"),
            ("\"name:\\\"x\\\" AND create\"", "9:12: error: match: the bare"),
            (">-\n      name:x AND create", "9:12: error: match: the bare"),
            ("'name:x\n      AND create'", "9:12: error: match: the bare"),
        ])
    func match(text: String, problem: String) {
        let yaml = Fixture.policy(rule: "action: ignore").replacing(
            "action: ignore", with: "match: \(text)\n    action: ignore")
        let problems = Fixture.problems(of: yaml)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("p.yaml:\(problem)") == true, "\(problems)")
    }

    @Test(
        "AND and OR with parentheses, and everything by name, are plain",
        arguments: [
            "'error.b = 1 AND (error.d = 2 OR error.d = 3)'", "'error.b = 1 OR error.b = 2'",
            "'name:*'",
        ])
    func plainMatch(text: String) {
        let yaml = Fixture.policy(rule: "match: \(text)\naction: ignore")
        #expect(Fixture.problems(of: yaml) == [])
    }
}
