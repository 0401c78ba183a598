import Foundation
import Glibc
import Testing

@Suite("opwatchd status and journal")
struct JournalTests {
    private let folder = Folder()
    private var state: String { folder.path("state") }

    private func start() throws -> RunningProgram {
        let file = try folder.write(PolicyText.empty, to: "policy.yaml")
        let daemon = try RunningProgram(["run", "--policy", file, "--state", state])
        _ = try daemon.waitForError("nothing to watch")
        return daemon
    }

    /// Runs a daemon for a moment.
    private func makeJournal() throws {
        let daemon = try start()
        daemon.signal(SIGTERM)
        #expect(try daemon.finish(within: .seconds(5)).code == 0)
    }

    private func statusJSON() throws -> [String: Any] {
        let outcome = try Program.run("status", "--state", state, "--json")
        #expect(outcome.code == 0)
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(json as? [String: Any])
    }

    @Test("an empty directory is an empty journal")
    func emptyDirectory() throws {
        let status = try Program.run("status", "--state", folder.path)
        #expect(status.code == 0)
        #expect(status.output.contains("daemon not running"))
        #expect(status.output.contains("0 operations tracked"))
        let verified = try Program.run("journal", "verify", "--state", folder.path)
        #expect(verified.code == 0)
        #expect(verified.output == "\(folder.path): no journal\n")
        let dumped = try Program.run("journal", "dump", "--state", folder.path)
        #expect(dumped.code == 0)
        #expect(dumped.output == "")
    }

    @Test(
        "what is no directory exits 74 and is named, by every command that reads a journal",
        arguments: [
            ["status"], ["status", "--json"], ["journal", "verify"], ["journal", "dump"],
        ],
        [("none", "No such file or directory"), ("file", "Not a directory")])
    func noDirectory(command: [String], place: (name: String, words: String)) throws {
        try folder.write("", to: "file")
        let path = folder.path(place.name)
        let outcome = try RunningProgram(command + ["--state", path]).finish()
        #expect(outcome.code == 74)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("\(path): \(place.words)"))
    }

    @Test("after a daemon's run: the policy that was in force, nothing tracked, not running")
    func afterRun() throws {
        try makeJournal()
        let root = try statusJSON()
        #expect(Set(root.keys) == ["daemon", "policy", "mode", "as_of", "operations"])
        #expect(root["daemon"] as? String == "daemon not running")
        #expect(root["mode"] as? String == "observe")
        #expect((root["policy"] as? String)?.count == 16)
        #expect(root["as_of"] is String)
        #expect((root["operations"] as? [Any])?.isEmpty == true)
        let text = try Program.run("status", "--state", state)
        #expect(text.code == 0)
        #expect(text.output.hasPrefix("daemon not running, policy "))
    }

    @Test("while a daemon runs, status names its process, and reading disturbs nothing")
    func whileRunning() throws {
        let daemon = try start()
        let root = try statusJSON()
        let words = try #require(root["daemon"] as? String)
        #expect(words.hasPrefix("daemon running ("))
        #expect(words.contains("\(daemon.pid)"))
        #expect(try Program.run("journal", "verify", "--state", state).code == 0)
        #expect(try Program.run("journal", "dump", "--state", state).code == 0)
        daemon.signal(SIGTERM)
        #expect(try daemon.finish(within: .seconds(5)).code == 0)
    }

    @Test("a daemon whose journal was taken away under it is shown as running")
    func withoutItsFile() throws {
        let daemon = try start()
        let file = try #require(try journalFile())
        #expect(rename(file, folder.path("elsewhere")) == 0)
        let words = try #require(try statusJSON()["daemon"] as? String)
        #expect(words == "daemon running")
        daemon.signal(SIGKILL)
        _ = try daemon.finish()
        #expect(try statusJSON()["daemon"] as? String == "daemon not running")
    }

    @Test("a daemon that was killed is not shown as running")
    func afterKill() throws {
        let daemon = try start()
        daemon.signal(SIGKILL)
        _ = try daemon.finish()
        let words = try #require(try statusJSON()["daemon"] as? String)
        #expect(words.hasPrefix("daemon not running (it was "))
    }

    @Test("verify counts the lines of each file, dump shows them in order of time")
    func verifyAndDump() throws {
        try makeJournal()
        let verified = try Program.run("journal", "verify", "--state", state)
        #expect(verified.code == 0)
        #expect(verified.errors == "")
        #expect(
            verified.output.wholeMatch(of: /journal-\d+\.jsonl: \d+ lines, seq 1 to \d+\n/) != nil)
        let dumped = try Program.run("journal", "dump", "--state", state)
        #expect(dumped.code == 0)
        let times = dumped.lines.compactMap { $0.split(separator: " ").first }
        #expect(times.count >= 4)
        #expect(times == times.sorted())
        #expect(dumped.lines.contains { $0.contains("policy") && $0.contains("mode=observe") })
    }

    @Test("dump takes a time, an operation, only cancels, and prints JSON")
    func dumpOptions() throws {
        try makeJournal()
        let json = try Program.run("journal", "dump", "--state", state, "--json")
        #expect(json.code == 0)
        #expect(json.lines.count >= 4)
        for line in json.lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["seq"] is Int)
            #expect(object?["kind"] is String)
        }
        for option in [
            ["--since", "9999-01-01T00:00:00Z"], ["--operation", "none"], ["--verdicts"],
        ] {
            let outcome = try RunningProgram(["journal", "dump", "--state", state] + option)
                .finish()
            #expect(outcome.code == 0)
            #expect(outcome.output == "")
        }
        let bad = try Program.run("journal", "dump", "--state", state, "--since", "yesterday")
        #expect(bad.code == 64)
        #expect(bad.errors.contains("--since yesterday: expected a time as 2026-01-31T12:00:00Z"))
    }

    @Test("one flipped bit is found: verify exits 65 and says where")
    func flippedBit() throws {
        try makeJournal()
        let file = try #require(try journalFile())
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        let second = try #require(bytes.firstIndex(of: UInt8(ascii: "\n"))) + 5
        bytes[second] ^= 1
        try Data(bytes).write(to: URL(filePath: file))
        let verified = try Program.run("journal", "verify", "--state", state)
        #expect(verified.code == 65)
        #expect(verified.output.contains("damaged at line 2, byte "))
        let dumped = try Program.run("journal", "dump", "--state", state)
        #expect(dumped.code == 65)
        #expect(dumped.errors.contains("damaged"))
        let status = try Program.run("status", "--state", state)
        #expect((status.output + status.errors).contains("damaged"))
        #expect(!status.output.contains("the journal is empty"))
    }

    @Test("after a start on a damaged journal status says that it only observes")
    func damagedAndStarted() throws {
        try FileManager.default.createDirectory(
            atPath: state, withIntermediateDirectories: true)
        try folder.write("nonsense\n", to: "state/journal-00000000000000000001.jsonl")
        try makeJournal()
        let status = try Program.run("status", "--state", state)
        #expect(status.code == 0)
        #expect(status.output.contains("damaged"))
    }

    @Test("a torn last line is noted and costs nothing")
    func tornTail() throws {
        try makeJournal()
        let file = try #require(try journalFile())
        let bytes = try Data(contentsOf: URL(filePath: file))
        try (bytes + Data("{\"seq\":".utf8)).write(to: URL(filePath: file))
        let verified = try Program.run("journal", "verify", "--state", state)
        #expect(verified.code == 0)
        #expect(verified.output.contains("nothing acknowledged is lost"))
    }

    @Test("files of others in the directory are named and left alone")
    func strangers() throws {
        try makeJournal()
        try folder.write("hello", to: "state/notes.txt")
        try folder.write("hello", to: "state/\u{1B}[31m")
        let verified = try Program.run("journal", "verify", "--state", state)
        #expect(verified.code == 0)
        #expect(verified.output.contains("notes.txt: not ours, ignored\n"))
        #expect(verified.output.contains("\\u{1b}[31m: not ours, ignored\n"))
    }

    private func journalFile() throws -> String? {
        try FileManager.default.contentsOfDirectory(atPath: state)
            .first { $0.hasSuffix(".jsonl") }.map { "\(state)/\($0)" }
    }
}
