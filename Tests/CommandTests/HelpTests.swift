import Testing

@Suite("Help and usage")
struct HelpTests {
    @Test("--version prints the version alone")
    func version() throws {
        let outcome = try Program.run("--version")
        #expect(outcome.code == 0)
        #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
        #expect(outcome.errors == "")
    }

    @Test("the help names every command and what the exit codes mean")
    func help() throws {
        let outcome = try Program.run("--help")
        #expect(outcome.code == 0)
        for word in [
            "run", "check", "plan", "filter", "status", "journal", "observe", "cancel",
            "64 usage", "65 data damaged", "69 service unavailable", "75 locked", "78 config",
        ] {
            #expect(outcome.output.contains(word), "\(word)")
        }
    }

    @Test("without a command the help is shown")
    func nothing() throws {
        let outcome = try Program.run()
        #expect(outcome.output == (try Program.run("--help")).output)
    }

    @Test(
        "the help of a command tells what a person needs",
        arguments: [
            ("run", ["--policy", "--state", "/etc/opwatchd/policy.yaml", "SIGHUP", "SIGTERM"]),
            ("check", ["FILE:LINE:COL", "Warnings", "78", "--signal"]),
            ("plan", ["changes nothing", "--from", "--service", "--at", "--json", "Example"]),
            ("filter", ["AIP-160", "--from", "single quotes", "Example", "stdin"]),
            ("status", ["--state", "--json", "/var/lib/opwatchd", "next deadline first"]),
            ("journal", ["verify", "dump"]),
        ])
    func helpOfCommand(command: String, words: [String]) throws {
        let outcome = try Program.run(command, "--help")
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        let text = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for word in words { #expect(text.contains(word), "\(word)") }
    }

    @Test(
        "what is not understood is a usage error that names it and points to the help",
        arguments: [
            ["nope"], ["--nope"], ["run", "extra"], ["check", "--nope"], ["check", "a", "b"],
            ["filter"], ["filter", "a", "b"], ["plan", "--at", "yesterday"], ["plan", "--from"],
            ["journal", "nope"], ["journal", "verify", "--nope"], ["status", "--json=maybe"],
            ["check", "--signal", "abc"], ["check", "--signal", "99999999999"],
            ["demo"], ["run", "--demo-clock", "2024-04-01T00:00:00Z,0,60"],
        ])
    func usage(arguments: [String]) throws {
        let outcome = try RunningProgram(arguments).finish()
        #expect(outcome.code == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("Error: "))
        #expect(outcome.errors.contains("--help' for more information."))
    }
}
