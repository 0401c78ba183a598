import OpwatchPolicy
import Testing

@Suite("Rules that can never decide, as far as that is proven")
struct DeadRuleTests {
    /// Two services `a` and `b`, whose operations have a field `m`, and rules from line 6 on.
    private static func rules(_ lines: String...) -> String {
        """
        version: 1
        services:
          - { name: a, parents: [p], \(own) }
          - { name: b, parents: [q], \(own) }
        rules:

        """ + lines.map { "  - { \($0), timeouts: { total: 1h }, action: warn }\n" }.joined()
    }

    private static let own =
        "endpoint: 'https://h', fields: { progress: m.n }, credentials: none"

    /// The same with an `ignore` rule in the end.
    private static func rules(_ line: String, ignore: String) -> String {
        rules(line) + "  - { \(ignore), action: ignore }\n"
    }

    @Test(
        "a match that no running operation can have is a warning",
        arguments: [
            Defect(
                "two values at once",
                file: rules("name: r, match: 'm.a = x AND m.a = y'"),
                "6:23: warning: rule \"r\" can never match: m.a = x and m.a = y exclude one another"
            ),
            Defect(
                "a boolean that is neither", file: rules("name: r, match: 'done = maybe'"),
                "6:23: warning: rule \"r\" can never match: done = maybe cannot hold while an "
                    + "operation runs"),
            Defect(
                "finished operations", file: rules("name: r, match: 'done = true'"),
                "6:23: warning: rule \"r\" can never match: done = true cannot hold while an "
                    + "operation runs"),
            Defect(
                "a number in the order of a timestamp",
                file: rules("name: r, match: 'm.a > 5 AND m.a < 2024-01-31T12:00:00Z'"),
                "6:23: warning: rule \"r\" can never match: m.a > 5 and m.a < 2024-01-31T12:00:00Z "
                    + "exclude one another"),
            Defect(
                "an ignore rule that protects nothing",
                file: rules("name: r", ignore: "name: s, match: 'error = x'"),
                "7:23: warning: rule \"s\" can never match: error = x cannot hold while an "
                    + "operation runs"),
            Defect("one of two values", file: rules("name: r, match: 'm.a = (x OR y)'")),
            Defect("two elements of a list", file: rules("name: r, match: 'm.a:x AND m.a:y'")),
        ])
    func never(defect: Defect) {
        defect.check()
    }

    @Test(
        "a rule that others leave nothing to is a warning",
        arguments: [
            Defect(
                "behind a wider one",
                file: rules("name: r, match: 'm.a = C*'", "name: s, match: 'm.a = CREATE'"),
                "7:13: warning: rule \"s\" can never decide: what it matches is taken before by "
                    + "rule \"r\" (line 6)"),
            Defect(
                "behind the same one with another timeout",
                file: rules("name: r, match: 'm.a = x'", "name: s, match: 'm.a=\"x\"'"),
                "7:13: warning: rule \"s\" can never decide: what it matches is taken before by "
                    + "rule \"r\" (line 6)"),
            Defect(
                "behind two that share it out",
                file: rules(
                    "name: r, match: 'm.a = x'", "name: q, match: 'm.b = x'",
                    "name: s, match: 'NOT m.a = x'", "name: t, match: 'm.c = x'"),
                "9:13: warning: rule \"t\" can never decide: what it matches is taken before by "
                    + "rule \"r\" (line 6) and rule \"s\" (line 8)"),
            Defect(
                "before an ignore rule, which wins anywhere",
                file: rules(
                    "name: r, match: 'm.a = CREATE AND m.n > 7'",
                    ignore: "name: s, match: 'm.a:CREATE'"),
                "6:13: warning: rule \"r\" can never decide: what it matches is ignored by rule "
                    + "\"s\" (line 7)"),
            Defect(
                "of one service behind one of all",
                file: rules("name: r, match: 'm.a > 5'", "name: s, services: [b], match: 'm.a=6'"),
                "7:13: warning: rule \"s\" can never decide: what it matches is taken before by "
                    + "rule \"r\" (line 6)"),
            Defect(
                "of one service behind one of the other",
                file: rules(
                    "name: r, services: [a], match: 'm.a:x'",
                    "name: s, services: [b], match: 'm.a:xx'")),
            Defect(
                "of all services behind one of one service",
                file: rules("name: r, services: [a], match: 'm.a:x'", "name: s, match: 'm.a:xx'")),
            Defect(
                "before a narrower one",
                file: rules("name: r, match: 'm.a = CREATE'", "name: s, match: 'm.a = C*'")),
            Defect(
                "an ignore rule behind one that cancels",
                file: rules("name: r, match: 'm.a:x'", ignore: "name: s, match: 'm.a:xx'")),
        ])
    func hidden(defect: Defect) {
        defect.check()
    }

    @Test(
        "a filter of a service is warned of like a match",
        arguments: [
            Defect(
                "finished operations only", service: "filter: 'done = true'",
                "7:13: warning: filter: no running operation passes it: done = true cannot hold "
                    + "while an operation runs"),
            Defect(
                "a bare word", service: "filter: 'done'",
                "7:14: warning: filter: a bare done only looks into the operation's name; "
                    + "write done = true, or name:done to look into the operation's name"),
            Defect(
                "AND mixed with OR", service: "filter: 'name:a AND name:b OR name:c'",
                "7:32: warning: filter: OR binds tighter than AND here; put parentheses around "
                    + "what belongs together"),
            Defect("the usual one", service: "filter: 'NOT done = true'"),
        ])
    func filters(defect: Defect) {
        defect.check()
    }

    @Test("many rules with many alternatives are accepted in silence, and soon")
    func many() {
        let lines = (0..<300).map { number in
            let terms = (0..<6).map { "(m.a\($0) = \(number) OR m.b\($0) = \(number))" }
            return "name: r\(number), match: '\(terms.joined(separator: " AND "))'"
        }
        let yaml =
            Self.rules("name: first, match: 'm.a = 1'")
            + lines.map {
                "  - { \($0), timeouts: { total: 1h }, action: warn }\n"
            }.joined()
        #expect(Fixture.problems(of: yaml) == [])
    }
}
