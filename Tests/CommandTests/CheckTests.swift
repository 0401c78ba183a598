import Glibc
import Testing

@Suite("opwatchd check")
struct CheckTests {
    private let folder = Folder()

    @Test("a good file exits 0 and says what it holds")
    func good() throws {
        let file = try folder.write(PolicyText.watching(), to: "policy.yaml")
        let outcome = try Program.run("check", file)
        #expect(outcome.code == 0)
        #expect(outcome.output.hasPrefix("\(file): ok, policy "))
        #expect(outcome.output.hasSuffix(", mode observe, 1 services, 1 rules\n"))
        #expect(outcome.errors == "")
    }

    @Test("the shipped policy and every example pass without a warning")
    func shipped() throws {
        let files = [Shipped.policy] + (try Shipped.examples())
        #expect(files.count >= 4)
        for file in files {
            let outcome = try Program.run("check", file)
            #expect(outcome.code == 0, "\(file): \(outcome.errors)")
            #expect(outcome.errors == "", "\(file)")
        }
    }

    @Test("a bad file exits 78 with every problem at its line and column")
    func bad() throws {
        let file = try folder.write(PolicyText.broken + "rules: 5\n", to: "policy.yaml")
        let outcome = try Program.run("check", file)
        #expect(outcome.code == 78)
        #expect(outcome.output == "")
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("\(file):2:1: error: ") && $0.contains("moed") })
        #expect(lines.contains { $0.hasPrefix("\(file):4:8: error: ") })
        #expect(lines.allSatisfy { $0.hasPrefix("\(file):") })
    }

    @Test("the nearest known word is proposed")
    func proposal() throws {
        let file = try folder.write(PolicyText.broken, to: "policy.yaml")
        let outcome = try Program.run("check", file)
        #expect(outcome.errors.contains("did you mean \"mode\"?"))
    }

    @Test("warnings are told and do not fail")
    func warnings() throws {
        let file = try folder.write(PolicyText.watching(action: "cancel"), to: "policy.yaml")
        let outcome = try Program.run("check", file)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains(": ok, policy "))
        #expect(outcome.errors.hasPrefix("\(file):11:13: warning: "))
    }

    @Test(
        "what cannot be read exits 78 and says why",
        arguments: [
            ("/nonexistent/policy.yaml", "No such file or directory"), ("/", "Is a directory"),
            ("/dev/null", "empty"), ("/dev/zero", "more than"),

            ("", "No such file or directory"), (String(repeating: "x", count: 5_000), "too long"),
        ])
    func unreadable(file: String, words: String) throws {
        let outcome = try Program.run("check", file)
        #expect(outcome.code == 78)
        #expect(outcome.errors.hasPrefix("\(file):1:1: error: "))
        #expect(outcome.errors.contains(words))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test("a file that is no text is refused with words")
    func binary() throws {
        let file = try folder.write("\u{7F}ELF\u{0}\u{1}", to: "policy.yaml")
        let outcome = try Program.run("check", file)
        #expect(outcome.code == 78)
        #expect(outcome.errors.hasPrefix("\(file):1:1: error: "))
    }

    @Test("no file named: the packaged place")
    func defaultPlace() throws {
        let outcome = try Program.run("check")
        #expect((outcome.output + outcome.errors).hasPrefix("/etc/opwatchd/policy.yaml:"))
    }

    @Test("--signal refuses what is no daemon's process id", arguments: ["0", "1", "-1", "-5"])
    func badProcess(pid: String) throws {
        let outcome = try Program.run("check", Shipped.policy, "--signal=\(pid)")
        #expect(outcome.code == 64)
        #expect(outcome.errors == "--signal takes the process id of a daemon, not \(pid)\n")
    }

    @Test("--signal of a process that is gone exits 69")
    func noProcess() throws {
        // Above the largest pid_max that the kernel allows.
        let outcome = try Program.run("check", Shipped.policy, "--signal", "4194305")
        #expect(outcome.code == 69)
        #expect(outcome.errors == "process 4194305: No such process\n")
    }

    @Test("--signal of a process that is gone says so beside what is wrong with the file")
    func noProcessForBadFile() throws {
        let file = try folder.write(PolicyText.broken, to: "policy.yaml")
        let outcome = try Program.run("check", file, "--signal", "4194305")
        #expect(outcome.code == 78)
        #expect(outcome.errors.hasPrefix("\(file):2:1: error: "))
        #expect(outcome.errors.hasSuffix("\nprocess 4194305: No such process\n"))
    }
}
