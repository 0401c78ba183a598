import OpwatchPolicy
import Testing

@Suite("Ignore rules that another service would get around")
struct ProtectionTests {
    /// Services `wide` and `narrow` with these parents, and rules from line 6 on.
    private static func policy(
        wide: String, narrow: String, other: String = "ml", _ rules: String...
    ) -> String {
        """
        version: 1
        services:
          - { name: wide, api: ml/v1, parents: [\(wide)], credentials: none }
          - { name: narrow, endpoint: 'https://\(other).googleapis.com/v1', \
        parents: [\(narrow)], credentials: none }
        rules:

        """ + rules.map { "  - { \($0) }\n" }.joined()
    }

    private static let keep =
        "name: keep, services: [narrow], match: 'metadata.a = 1', action: ignore"
    private static let slow =
        "name: slow, match: 'name:*', timeouts: { total: 1h }, warn_before: 1m, action: cancel"

    private static func error(parent: String) -> String {
        "6:13: error: rule \"keep\" does not protect what service \"wide\" (line 3) lists of "
            + "parent \"\(parent)\" (line 4): rule \"slow\" (line 7) may cancel it there; "
            + "name both services, or leave services out"
    }

    @Test(
        "are an error where parents overlap",
        arguments: [
            ("projects/a", "projects/a/locations/b", true),
            ("projects/a/locations/b", "projects/a", true), ("projects/-", "projects/a", true),
            ("projects/a", "projects/-", true), ("projects/-/locations/b", "projects/a", true),
            ("''", "projects/a", true), ("projects/a", "''", true),
            ("projects/a", "projects/b", false), ("projects/a", "projects/ab", false),
            ("projects/-/locations/b", "projects/a/locations/c", false),
            ("projects/x, projects/a", "projects/y, projects/a/b", true),
        ])
    func overlap(wide: String, narrow: String, isError: Bool) {
        let problems = Fixture.problems(
            of: Self.policy(wide: wide, narrow: narrow, Self.keep, Self.slow))
        let parent = narrow == "''" ? "" : narrow.split(separator: " ").last.map(String.init) ?? ""
        #expect(problems == (isError ? ["p.yaml:\(Self.error(parent: parent))"] : []))
    }

    @Test(
        "are fine where nothing is cancelled that they ignore",
        arguments: [
            Defect(
                "another endpoint",
                file: policy(wide: "p", narrow: "p/q", other: "speech", keep, slow)),
            Defect(
                "no cancel at the other service",
                file: policy(
                    wide: "p", narrow: "p/q", keep,
                    slow.replacing("match:", with: "services: [narrow], match:"))),
            Defect(
                "only warnings",
                file: policy(
                    wide: "p", narrow: "p/q", keep,
                    "name: slow, timeouts: { total: 1h }, action: warn")),
            Defect(
                "for both services",
                file: policy(
                    wide: "p", narrow: "p/q", keep.replacing("[narrow]", with: "[narrow, wide]"),
                    slow)),
            Defect(
                "for all services",
                file: policy(
                    wide: "p", narrow: "p/q", keep.replacing("services: [narrow], ", with: ""),
                    slow)),
            Defect(
                "a second rule for the other service",
                file: policy(
                    wide: "p", narrow: "p/q", keep, slow,
                    "name: too, services: [wide], match: 'metadata.a=1', action: ignore")),
        ])
    func fine(defect: Defect) {
        defect.check()
    }

    @Test("five thousand parents are compared soon")
    func many() {
        let wide = (0..<5_000).map { "projects/a\($0)" }.joined(separator: ", ")
        let narrow = (0..<5_000).map { "projects/b\($0)/-" }.joined(separator: ", ")
        let taken = ContinuousClock().measure {
            let problems = Fixture.problems(
                of: Self.policy(wide: wide, narrow: narrow, Self.keep, Self.slow))
            #expect(problems.allSatisfy { $0.contains("more requests every") })
        }
        #expect(taken < .seconds(5))
    }
}
