extension Rule {
    /// What tests may not do.
    static let ofTests: [Rule] = [
        .ban(
            [
                "Task.sleep", CodeText("sleep(", isFree: true), "usleep(", "nanosleep(",
                "Thread.sleep",
            ],
            "tests do not sleep: they wait for what must happen, with a limit",
            exceptions: [
                // Stands for a server's silence, which a request's time limit must end.
                "Tests/OperationsClientTests/TestWorld.swift"
            ],
            broken: ["try await Task.sleep(for: .seconds(1))", "Thread.sleep(1)", "usleep(9)"],
            kept: ["poll(&descriptors, 1, 1_000)", "sleep: { _ in }", "\"sleep(1)\""]),
        .ban(
            ["XCTestCase", "import XCTest"],
            "tests are written with Testing",
            broken: ["import XCTest"],
            kept: ["import Testing"]),
        .ban(
            [".disabled", "withKnownIssue"],
            "no test is switched off: mend it or delete it",
            broken: ["@Test(.disabled())", "withKnownIssue {"],
            kept: ["@Test(.enabled(if: isRoot))"]),
        Rule(
            words: "every file of tests asserts something",
            // Assert through Defect.check and Trial.check.
            exceptions: [
                "Tests/OpwatchPolicyTests/CrossCheckTests.swift",
                "Tests/SimulationTests/JudgeGateTests.swift",
                "Tests/SimulationTests/JudgeRailTests.swift",
                "Tests/SimulationTests/JudgeShutTests.swift",
                "Tests/SimulationTests/JudgeStoryTests.swift",
                "Tests/SimulationTests/JudgeTrackingTests.swift",
            ],
            broken: ["@Test func a() { f() }", "@Test func a() { } // #expect(true)"],
            kept: [
                "@Test func a() { #expect(f()) }", "@Test func a() throws { try #require(f()) }",
                "Issue.record(\"unexpected\")",
            ]
        ) { source in
            guard source.name.hasSuffix("Tests.swift") else { return [] }
            let words = ["#expect", "#require(", "Issue.record("]
            let asserts = source.code.contains { line in
                words.contains { line.contains($0) }
            }
            return asserts ? [] : [0]
        },
    ]
}
