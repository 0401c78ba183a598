import Testing

@Suite("opwatchd-demo")
struct DemoTests {
    @Test("every operation ends as scripted")
    func demo() throws {
        let outcome = try Program.run(program: Program.demo, within: .seconds(60))
        #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
        for verdict in [
            "cancelled", "defied", "refused", "finishedAnyway", "failedOtherwise", "vanished",
            "cancelledByOther", "untouched",
        ] {
            #expect(outcome.output.contains(" \(verdict) "), "\(verdict)")
        }
        #expect(!outcome.output.contains("NO, expected"))
    }

    @Test("its help tells what a person needs")
    func help() throws {
        let outcome = try Program.run("--help", program: Program.demo)
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        let text = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for word in ["--speed", "--kills", "--keep", "simulated", "loopback"] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(!text.contains("--clock"))
    }

    @Test(
        "what is not understood is a usage error that names it and points to the help",
        arguments: [
            ["nope"], ["--speed", "fast"], ["--speed", "1"], ["--speed", "121"],
            ["--speed", "nan"], ["--kills", "-1"],
            ["daemon", "--policy", "p", "--state", "s", "--clock", "2024-04-01T00:00:00Z,0,1e9"],
        ])
    func usage(arguments: [String]) throws {
        let outcome = try RunningProgram(arguments, program: Program.demo).finish()
        #expect(outcome.code == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("Error: "))
        #expect(outcome.errors.contains("--help' for more information."))
    }
}
