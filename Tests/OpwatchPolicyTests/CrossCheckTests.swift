import OpwatchPolicy
import Testing

@Suite("What rules and services mean to one another")
struct CrossCheckTests {
    private static let own = "name: own, endpoint: 'https://h', parents: [p], credentials: none"

    /// Two services, `ml` with a start time only and `own` with an update time only, and rules
    /// from line 6 on.
    private static func rules(_ lines: String...) -> String {
        """
        version: 1
        services:
          - { name: ml, api: ml/v1, parents: [p], credentials: none }
          - { \(own), fields: { update_time: u } }
        rules:

        """ + lines.map { "  - { \($0) }\n" }.joined()
    }

    @Test(
        "a clock that no service of the rule can run is an error, one that some can a warning",
        arguments: [
            Defect(
                "queued without a start time",
                file: rules("name: r, services: [own], timeouts: { queued: 1h }, action: warn"),
                "6:53: error: timeouts.queued can never run: service \"own\" has no start time"),
            Defect(
                "running without a start time",
                file: rules("name: r, services: [own], timeouts: { running: 1h }, action: warn"),
                "6:54: error: timeouts.running can never run: service \"own\" has no start time"),
            Defect(
                "stalled without an update time",
                file: rules("name: r, services: [ml], timeouts: { stalled: 1h }, action: warn"),
                "6:53: error: timeouts.stalled can never run: service \"ml\" has no update time "
                    + "and no progress"),
            Defect(
                "queued where one service has a start time",
                file: rules("name: r, timeouts: { queued: 1h }, action: warn"),
                "6:36: warning: timeouts.queued cannot run everywhere: "
                    + "service \"own\" has no start time"),
            Defect(
                "stalled where one service has an update time",
                file: rules(
                    "name: r, services: [ml, own], timeouts: { stalled: 1h }, action: warn"),
                "6:58: warning: timeouts.stalled cannot run everywhere: "
                    + "service \"ml\" has no update time and no progress"),
            Defect(
                "stalled with progress alone",
                file: """
                    version: 1
                    services:
                      - { \(own), fields: { progress: p } }
                    rules: [{ name: r, timeouts: { stalled: 1h }, action: warn }]
                    """),
            Defect(
                "each clock where it can run",
                file: rules(
                    "name: r, services: [ml], timeouts: { queued: 1h, running: 1h, total: 1h }, "
                        + "action: warn",
                    "name: s, services: [own], action: warn, timeouts: { stalled: 1h, total: 1h }")
            ),
            Defect(
                "several services without a start time",
                file: """
                    version: 1
                    services:
                      - { name: a, endpoint: 'https://a', parents: [p], credentials: none }
                      - { name: b, endpoint: 'https://b', parents: [p], credentials: none }
                      - { name: c, endpoint: 'https://c', parents: [p], credentials: none }
                      - { name: d, endpoint: 'https://d', parents: [p], credentials: none }
                    rules: [{ name: r, timeouts: { queued: 1h }, action: warn }]
                    """,
                "7:40: error: timeouts.queued can never run: "
                    + "services \"a\", \"b\", \"c\" and 1 more have no start time"),
            Defect(
                "a service whose fields are in error",
                file: """
                    version: 1
                    services:
                      - { name: a, api: nonsense, parents: [p], credentials: none }
                    rules: [{ name: r, timeouts: { queued: 1h }, action: warn }]
                    """,
                "3:21: error: unknown api \"nonsense\"; this version has ml/v1, "
                    + "any other is watched by its endpoint"),
            Defect(
                "no services",
                file: """
                    version: 1
                    services: []
                    rules: [{ name: r, timeouts: { stalled: 1h }, action: warn }]
                    """),
        ])
    func clocks(defect: Defect) {
        defect.check()
    }

    @Test(
        "a rule behind an unconditional one is an error",
        arguments: [
            Defect(
                "behind name:*",
                file: rules(
                    "name: all, match: 'name:*', timeouts: { total: 1h }, action: warn",
                    "name: late, match: 'error.b = 1', timeouts: { total: 2h }, action: warn"),
                "7:13: error: rule \"late\" can never decide: every operation of its services is "
                    + "taken before by rule \"all\" (line 6)"),
            Defect(
                "behind a rule without match",
                file: rules(
                    "name: all, timeouts: { total: 1h }, action: warn",
                    "name: late, services: [ml], timeouts: { total: 2h }, action: warn"),
                "7:13: error: rule \"late\" can never decide: every operation of its services is "
                    + "taken before by rule \"all\" (line 6)"),
            Defect(
                "behind one of the same service",
                file: rules(
                    "name: all, services: [ml], timeouts: { total: 1h }, action: warn",
                    "name: late, services: [ml], timeouts: { total: 2h }, action: warn"),
                "7:13: error: rule \"late\" can never decide: every operation of its services is "
                    + "taken before by rule \"all\" (line 6)"),
            Defect(
                "behind two that share the services out",
                file: rules(
                    "name: a, services: [ml], timeouts: { total: 1h }, action: warn",
                    "name: b, services: [own], timeouts: { total: 1h }, action: warn",
                    "name: late, timeouts: { total: 2h }, action: warn"),
                "8:13: error: rule \"late\" can never decide: every operation of its services is "
                    + "taken before by rule \"a\" (line 6) and rule \"b\" (line 7)"),
            Defect(
                "behind one of another service",
                file: rules(
                    "name: all, services: [ml], timeouts: { total: 1h }, action: warn",
                    "name: late, services: [own], timeouts: { total: 2h }, action: warn",
                    "name: rest, services: [own], match: 'error.b = 1', timeouts: { total: 2h }, "
                        + "action: warn"),
                "8:13: error: rule \"rest\" can never decide: every operation of its services is "
                    + "taken before by rule \"late\" (line 7)"),
            Defect(
                "behind one of some of its services",
                file: rules(
                    "name: all, services: [ml], timeouts: { total: 1h }, action: warn",
                    "name: late, timeouts: { total: 2h }, action: warn")),
            Defect(
                "behind a condition",
                file: rules(
                    "name: some, match: 'name:x', timeouts: { total: 1h }, action: warn",
                    "name: late, timeouts: { total: 2h }, action: warn")),
            Defect(
                "behind an unconditional ignore, for the time being perhaps",
                file: rules(
                    "name: none, action: ignore",
                    "name: late, timeouts: { total: 2h }, action: warn"),
                "7:13: warning: rule \"late\" can never decide: what it matches is ignored by "
                    + "rule \"none\" (line 6)"),
            Defect(
                "ignore, which wins anywhere",
                file: rules(
                    "name: all, timeouts: { total: 1h }, action: warn",
                    "name: keep, match: 'error.b = 1', action: ignore")),
            Defect(
                "without any service",
                file: """
                    version: 1
                    rules:
                      - { name: all, timeouts: { total: 1h }, action: warn }
                      - { name: late, timeouts: { total: 2h }, action: warn }
                    """,
                "4:13: error: rule \"late\" can never decide: every operation of its services is "
                    + "taken before by rule \"all\" (line 3)"),
        ])
    func reach(defect: Defect) {
        defect.check()
    }
}
