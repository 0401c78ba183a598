import OpwatchPolicy
import Testing

@Suite("Errors of the policy's own keys, safety, verify and journal")
struct TopLevelErrorTests {
    @Test(
        "keys of the policy",
        arguments: [
            Defect(
                "no version", file: "mode: observe\n",
                "1:1: error: version is missing; write \"version: 1\""),
            Defect("version 2", file: "version: 2\n", "1:10: error: version must be 1, not \"2\""),
            Defect(
                "version without a value", file: "version:\n", "1:9: error: version has no value"),
            Defect(
                "unknown mode", file: "version: 1\nmode: dry-run\n",
                "2:7: error: mode must be observe or enforce, not \"dry-run\""),
            Defect(
                "misspelt mode", file: "version: 1\nmode: Enforce\n",
                "2:7: error: mode must be observe or enforce, not \"Enforce\"; "
                    + "did you mean \"enforce\"?"),
            Defect(
                "mode as a list", file: "version: 1\nmode: [observe]\n",
                "2:7: error: mode must be a single value, not a list"),
            Defect(
                "misspelt key", file: "version: 1\nsevrices: []\n",
                "2:1: error: unknown key \"sevrices\" in the policy; did you mean \"services\"? "
                    + "allowed: version, mode, services, rules, safety, verify, "
                    + "journal"),
            Defect(
                "doubled key", file: "version: 1\nmode: observe\nmode: enforce\n",
                "3:1: error: key \"mode\" is given twice; first on line 2"),
            Defect(
                "services without a value", file: "version: 1\nservices:\n",
                "2:10: error: services must be a list of services, not empty"),
            Defect(
                "services as a mapping", file: "version: 1\nservices: { name: ml }\n",
                "2:11: error: services must be a list of services, not a mapping"),
            Defect(
                "rules as a word", file: "version: 1\nrules: none\n",
                "2:8: error: rules must be a list of rules, not \"none\""),
        ])
    func policy(defect: Defect) {
        defect.check()
    }

    @Test(
        "keys of safety, verify and journal",
        arguments: [
            Defect(
                "empty section", file: "version: 1\nsafety:\n",
                "2:8: error: safety must be a mapping of keys, not empty; keys: confirmations, "
                    + "cancels_per_poll, cancels_per_hour, max_overdue_share, "
                    + "max_failed_cancels, canary"),
            Defect(
                "audit lines that go before the rest",
                file: "version: 1\njournal: { keep: 31d, keep_audit: 30d }\n",
                "2:35: error: journal.keep_audit (30d) must not be shorter than journal.keep "
                    + "(31d)"),
            Defect(
                "the rest kept for longer than audit lines",
                file: "version: 1\njournal: { keep: 401d }\n",
                "2:18: error: journal.keep_audit (400d) must not be shorter than journal.keep "
                    + "(401d)"),
            Defect(
                "a time without a unit, which is compared with nothing",
                file: "version: 1\njournal: { keep: 30, keep_audit: 1d }\n",
                "2:18: error: journal.keep needs a unit: \"30\" could be 30s, 30m, 30h or 30d"),
            Defect(
                "a size without a unit", file: "version: 1\njournal: { max_size: 256000000 }\n",
                "2:22: error: journal.max_size must be a whole number of MiB, GiB or TiB such as "
                    + "256MiB (from 32MiB to 1TiB), not \"256000000\""),
            Defect(
                "misspelt key", file: "version: 1\nverify: { with: 1m }\n",
                "2:11: error: unknown key \"with\" in verify; did you mean \"within\"? "
                    + "allowed: within, attempts"),
            Defect(
                "share without a percent sign",
                file: "version: 1\nsafety:\n  max_overdue_share: 50\n",
                "3:22: error: safety.max_overdue_share must be a whole percentage from 1% to "
                    + "100%, not \"50\""),
            Defect(
                "broken percent", file: "version: 1\nsafety: { max_overdue_share: 2.5% }\n",
                "2:30: error: safety.max_overdue_share must be a whole percentage from 1% to "
                    + "100%, not \"2.5%\""),
            Defect(
                "yes for true", file: "version: 1\nsafety: { canary: yes }\n",
                "2:19: error: safety.canary must be true or false, not \"yes\""),
            Defect(
                "a number with a fraction", file: "version: 1\nverify: { attempts: 1.0 }\n",
                "2:21: error: verify.attempts must be a whole number from 1 to 10, not \"1.0\""),
            Defect(
                "an octal number", file: "version: 1\nverify: { attempts: 010 }\n",
                "2:21: error: verify.attempts must be a whole number from 1 to 10, not \"010\""),
            Defect(
                "a signed number", file: "version: 1\nverify: { attempts: +3 }\n",
                "2:21: error: verify.attempts must be a whole number from 1 to 10, not \"+3\""),
            Defect(
                "a number that overflows",
                file: "version: 1\nsafety: { confirmations: 99999999999999999999 }\n",
                "2:26: error: safety.confirmations must be a whole number from 1 to 1000, "
                    + "not \"99999999999999999999\""),
            Defect(
                "a long text with control characters",
                file: "version: 1\nmode: \"\\n" + String(repeating: "x", count: 70) + "\"\n",
                "2:7: error: mode must be observe or enforce, not \"\\u{a}"
                    + String(repeating: "x", count: 63) + "…\""),
        ])
    func sections(defect: Defect) {
        defect.check()
    }

    @Test(
        "a duration has units, falling and each once, and is neither zero nor endless",
        arguments: [
            ("600", "needs a unit: \"600\" could be 600s, 600m, 600h or 600d"),
            ("0s", "must be from 10s to 7d, not \"0s\""),
            ("9s", "must be from 10s to 7d, not \"9s\""),
            ("8d", "must be from 10s to 7d, not \"8d\""),
            (
                "999999999999999999999d", "must be from 10s to 7d, not \"999999999999999999999d\""
            ),
            ("106751991167301d", "must be from 10s to 7d, not \"106751991167301d\""),
        ]
            + ["-5m", "1m1h", "1h1h", "5 m", "1.5h", "1w", "m", "\"\"", "10M"].map { text in
                let shown = text == "\"\"" ? text : "\"\(text)\""
                return (
                    text,
                    "must be a duration such as 90s, 45m, 2h30m or 7d (from 10s to 7d), "
                        + "not \(shown)"
                )
            })
    func durations(text: String, message: String) {
        #expect(
            Fixture.problems(of: "version: 1\nverify:\n  within: \(text)\n")
                == ["p.yaml:3:11: error: verify.within \(message)"])
    }

    @Test("ten mistakes give ten problems, in the order of the file")
    func allInOneGo() {
        let problems = Fixture.problems(
            of: """
                version: 3
                mode: enforce!
                services:
                  - name: ml
                    api: ml/v2
                    parents: []
                    interval: 60
                    credentials: none
                rules:
                  - name: first
                    services: [lm]
                    match: 'a.b ='
                    timeouts: { total: 45 }
                    action: cancel
                    warn_before: 1w
                safety: { confirmations: 0 }
                """)
        #expect(
            problems.map { $0.split(separator: ":")[1] }
                == ["1", "2", "5", "6", "7", "11", "12", "13", "15", "16"])
        #expect(problems.allSatisfy { $0.contains(": error: ") })
    }
}
