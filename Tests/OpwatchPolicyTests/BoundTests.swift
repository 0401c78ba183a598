import OpwatchPolicy
import Testing

@Suite("Both sides of each bound")
struct BoundTests {
    /// A key, its last value that is accepted on either side, and its first that is not.
    struct Bound: Sendable, CustomTestStringConvertible {
        let key: String
        let accepted: [String]
        let refused: [String]

        var testDescription: String { key }
    }

    @Test(
        "of services",
        arguments: [
            Bound(key: "interval", accepted: ["1s", "1d", "24h"], refused: ["0s", "1d1s"]),
            Bound(key: "page_size", accepted: ["1", "10000"], refused: ["0", "10001"]),
            Bound(key: "requests_per_minute", accepted: ["1", "60000"], refused: ["0", "60001"]),
        ])
    func services(bound: Bound) {
        check(bound) { Fixture.policy(service: "\(bound.key): \($0)") }
    }

    @Test(
        "of rules",
        arguments: ["total", "queued", "running"].map {
            Bound(key: $0, accepted: ["1s", "366d"], refused: ["0s", "366d1s"])
        })
    func timeouts(bound: Bound) {
        check(bound) { Fixture.policy(rule: "timeouts: { \(bound.key): \($0) }\naction: warn") }
    }

    @Test("of warn_before")
    func warnBefore() {
        let bound = Bound(
            key: "warn_before", accepted: ["1s", "365d23h"], refused: ["0s", "367d"])
        check(bound) {
            Fixture.policy(
                rule: "match: 'name:*'\ntimeouts: { total: 366d }\nwarn_before: \($0)\n"
                    + "action: cancel")
        }
    }

    @Test(
        "of safety, verify and journal",
        arguments: [
            Bound(key: "safety.confirmations", accepted: ["1", "1000"], refused: ["0", "1001"]),
            Bound(
                key: "safety.cancels_per_poll", accepted: ["1", "1000"], refused: ["0", "1001"]),
            Bound(
                key: "safety.cancels_per_hour", accepted: ["1", "1000"], refused: ["0", "1001"]),
            Bound(
                key: "safety.max_overdue_share", accepted: ["1%", "100%"], refused: ["0%", "101%"]),
            Bound(
                key: "safety.max_failed_cancels", accepted: ["0", "1000"], refused: ["-1", "1001"]),
            Bound(
                key: "safety.canary", accepted: ["true", "false"], refused: ["True", "no", "0"]),
            Bound(key: "verify.within", accepted: ["10s", "7d"], refused: ["9s", "7d1s"]),
            Bound(key: "verify.attempts", accepted: ["1", "10"], refused: ["0", "11"]),
            Bound(
                key: "journal.keep", accepted: ["1d", "400d"], refused: ["23h", "3650d1s"]),
            Bound(
                key: "journal.keep_audit", accepted: ["30d", "3650d"],
                refused: ["23h", "3650d1s"]),
            Bound(
                key: "journal.max_size", accepted: ["32MiB", "1GiB", "1TiB", "1024GiB"],
                refused: [
                    "31MiB", "1025GiB", "2TiB", "0MiB", "MiB", "-1GiB", "256M", "256 MiB", "1.5GiB",
                    "9223372036854775807MiB", "99999999999999999999TiB",
                ]),
        ])
    func sections(bound: Bound) {
        let words = bound.key.split(separator: ".")
        check(bound) { "version: 1\n\(words[0]): { \(words[1]): \($0) }\n" }
    }

    private func check(_ bound: Bound, yaml: (String) -> String) {
        for value in bound.accepted {
            let errors = Fixture.problems(of: yaml(value)).filter { $0.contains(": error: ") }
            #expect(errors == [], "\(bound.key): \(value)")
        }
        for value in bound.refused {
            let errors = Fixture.problems(of: yaml(value)).filter { $0.contains(": error: ") }
            #expect(errors.count == 1, "\(bound.key): \(value)")
            #expect(errors.allSatisfy { $0.contains(" must be ") && $0.contains("\"\(value)\"") })
        }
    }
}
