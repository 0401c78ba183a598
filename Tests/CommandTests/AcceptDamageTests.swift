import Foundation
import Glibc
import Testing

@Suite("opwatchd journal accept-damage")
struct AcceptDamageTests {
    private let folder = Folder()
    private var state: String { folder.path("state") }

    private func start() throws -> RunningProgram {
        let file = try folder.write(PolicyText.empty, to: "policy.yaml")
        return try RunningProgram(["run", "--policy", file, "--state", state])
    }

    /// Runs a daemon for a moment; what it said.
    private func runDaemon() throws -> String {
        let daemon = try start()
        _ = try daemon.waitForError("nothing to watch")
        daemon.signal(SIGTERM)
        let outcome = try daemon.finish(within: .seconds(5))
        #expect(outcome.code == 0)
        return outcome.errors
    }

    private func journal(
        _ command: String..., environment: [String: String] = [:]
    ) throws -> Outcome {
        try RunningProgram(["journal"] + command + ["--state", state], environment: environment)
            .finish()
    }

    private var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: state)
                .filter { $0.hasSuffix(".jsonl") }.sorted()
        }
    }

    /// Changes a bit of the second line of the first file.
    private func damage() throws {
        let file = "\(state)/\(try #require(try files.first))"
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        bytes[try #require(bytes.firstIndex(of: UInt8(ascii: "\n"))) + 30] ^= 1
        try Data(bytes).write(to: URL(filePath: file))
    }

    @Test("has nothing to do with a journal that is whole, and changes nothing")
    func whole() throws {
        _ = try runDaemon()
        let before = try files
        let accepted = try journal("accept-damage")
        #expect(accepted.code == 0)
        #expect(accepted.output.contains("not damaged, nothing to accept"))
        #expect(try files == before)
    }

    @Test(
        "ends the observing, names who did it, and keeps the evidence", arguments: [false, true])
    func accepted(isStartedBefore: Bool) throws {
        _ = try runDaemon()
        try damage()
        let evidence = try Data(contentsOf: URL(filePath: "\(state)/\(try files[0])"))
        if isStartedBefore {
            #expect(try runDaemon().contains("the journal is damaged"))
            #expect(try runDaemon().contains("the journal is damaged"), "until it is accepted")
        }
        let before = try journal("verify")
        #expect(before.code == 65)
        #expect(before.output.contains("damaged at line 2, byte ") != isStartedBefore)
        #expect(before.output.contains("until that is accepted") == isStartedBefore)

        let accepted = try journal("accept-damage", environment: ["SUDO_USER": "ann"])
        #expect(accepted.code == 0, "\(accepted.errors)")
        #expect(accepted.output.contains("(sudo: ann); 0 operations are still tracked"))
        #expect(try journal("verify").code == 0)
        #expect(try Data(contentsOf: URL(filePath: "\(state)/\(try files[0])")) == evidence)
        #expect(!(try runDaemon().contains("damaged")))
        let dump = try journal("dump")
        #expect(dump.lines.count { $0.contains("  damageAccepted  by=\"") } == 1)
        #expect(dump.lines.contains { $0.contains("  damage  ") })
        #expect(try journal("accept-damage").output.contains("nothing to accept"))
    }

    @Test("needs the lock: beside a daemon it exits 75 and names it")
    func locked() throws {
        _ = try runDaemon()
        try damage()
        let daemon = try start()
        _ = try daemon.waitForError("nothing to watch")
        let refused = try journal("accept-damage")
        #expect(refused.code == 75)
        #expect(refused.errors.contains("in use by process \(daemon.pid) "))
        daemon.signal(SIGTERM)
        #expect(try daemon.finish(within: .seconds(5)).code == 0)
    }

    @Test("names a directory that is not there, and makes none")
    func missing() throws {
        let refused = try journal("accept-damage")
        #expect(refused.code == 74)
        #expect(refused.errors.contains("\(state): No such file or directory"))
        #expect(!FileManager.default.fileExists(atPath: state))
    }

    @Test(
        "leaves files of root in no directory of another user",
        .enabled(if: geteuid() == 0, "only root can become another user"))
    func owner() throws {
        _ = try runDaemon()
        try damage()
        chmod(folder.path, 0o755)
        let nobody: uid_t = 65_534
        for name in try files.map({ "\(state)/\($0)" }) + [state] { chown(name, nobody, nobody) }
        #expect(try journal("accept-damage").code == 0)
        #expect(try files.count == 2)
        for name in try files {
            var status = stat()
            #expect(stat("\(state)/\(name)", &status) == 0)
            #expect(status.st_uid == nobody)
        }
    }
}
