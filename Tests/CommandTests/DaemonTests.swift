import Foundation
import Glibc
import Testing

@Suite("opwatchd run")
struct DaemonTests {
    private let folder = Folder()
    private let stopTime = Duration.seconds(5)

    private func start(
        _ policy: String = PolicyText.empty, environment: [String: String] = [:]
    ) throws -> RunningProgram {
        let file = try folder.write(policy, to: "policy.yaml")
        return try RunningProgram(
            ["run", "--policy", file, "--state", folder.path("state")], environment: environment)
    }

    @Test(
        "an empty policy is fine: the daemon says what to do, and ends when it is told",
        arguments: [
            SIGTERM, SIGINT,
        ])
    func empty(signal: Int32) throws {
        let daemon = try start()
        let line = try daemon.waitForError("nothing to watch")
        #expect(line.contains("nothing to watch: edit \(folder.path("policy.yaml")), then reload"))
        daemon.signal(signal)
        let outcome = try daemon.finish(within: stopTime)
        #expect(outcome.code == 0)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("stopping"))
    }

    @Test("a policy that is bad or missing: exit 78, every problem, no journal")
    func badPolicy() throws {
        let outcome = try start(PolicyText.broken).finish()
        #expect(outcome.code == 78)
        #expect(outcome.errors.contains("\(folder.path("policy.yaml")):2:1: error: "))
        let missing = try Program.run(
            "run", "--policy", folder.path("none.yaml"), "--state", folder.path("state"))
        #expect(missing.code == 78)
        #expect(missing.errors.contains("none.yaml:1:1: error: cannot be read: No such file"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("state")))
    }

    @Test(
        "a directory for the journal that cannot be one exits 74 and is named",
        arguments: [
            "/dev/null", "/dev/null/state", "/proc/nonexistent/state",
        ])
    func badState(path: String) throws {
        let outcome = try Program.run("run", "--policy", Shipped.policy, "--state", path)
        #expect(outcome.code == 74)
        #expect(outcome.errors.contains(path))
    }

    @Test(
        "root does not run in the directory of another user, whom its files would lock out",
        .enabled(if: geteuid() == 0, "only root can give a directory away"))
    func otherOwner() throws {
        let state = folder.path("state")
        #expect(mkdir(state, 0o750) == 0 && chown(state, 65_534, 65_534) == 0)
        let outcome = try start().finish()
        #expect(outcome.code == 77)
        #expect(outcome.errors.contains("\(state): belongs to "))
        #expect(try FileManager.default.contentsOfDirectory(atPath: state).isEmpty)
    }

    @Test(
        "a state directory that is empty or no UTF-8 is a usage error",
        arguments: ["", "/tmp/x\u{FFFD}"])
    func stateOption(path: String) throws {
        let file = try folder.write(PolicyText.empty, to: "policy.yaml")
        let outcome = try Program.run("run", "--policy", file, "--state", path)
        #expect(outcome.code == 64)
        #expect(outcome.errors.contains("--state"))
    }

    @Test(
        "too few open files are an error text that names the limit and what is needed",
        arguments: [["run", "--state", "STATE"], ["plan"]], [12, 63])
    func openFiles(command: [String], limit: Int) throws {
        let file = try folder.write(PolicyText.watching(), to: "policy.yaml")
        let arguments = command.map { $0 == "STATE" ? folder.path("state") : $0 }
        let outcome = try RunningProgram(
            arguments + ["--policy", file],
            through: ["/bin/sh", "-c", "ulimit -n \(limit); exec \"$0\" \"$@\""]
        ).finish()
        #expect(outcome.code == 78)
        #expect(
            outcome.errors == "the limit of open files is \(limit), at least 64 are needed; raise "
                + "LimitNOFILE= of the unit, or ulimit -n\n")
    }

    @Test("a low soft limit of open files is raised")
    func softLimit() throws {
        let file = try folder.write(PolicyText.empty, to: "policy.yaml")
        let daemon = try RunningProgram(
            ["run", "--policy", file, "--state", folder.path("state")],
            through: ["/bin/sh", "-c", "ulimit -S -n 12; exec \"$0\" \"$@\""])
        _ = try daemon.waitForError("nothing to watch")
        daemon.signal(SIGTERM)
        #expect(try daemon.finish(within: stopTime).code == 0)
    }

    @Test("many files of others in the journal's directory are one line, at start and in verify")
    func strangers() throws {
        let state = folder.path("state")
        mkdir(state, 0o750)
        for number in 0..<12 { try folder.write("", to: "state/stray-\(100 + number)") }
        let daemon = try start()
        _ = try daemon.waitForError("nothing to watch")
        daemon.signal(SIGTERM)
        let told = try daemon.finish(within: stopTime).errors.split(separator: "\n")
            .filter { $0.contains("stray") }
        #expect(told.count == 1)
        #expect(told.first?.contains("stray-100, stray-101, ") == true)
        #expect(told.first?.hasSuffix("stray-109 and 2 more") == true)
        let verified = try Program.run("journal", "verify", "--state", state)
        let lines = verified.lines.filter { $0.contains("stray") }
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix("stray-109 and 2 more: not ours, ignored") == true)
    }

    @Test("two daemons on one journal: the second exits 75 and names the first, which goes on")
    func locked() throws {
        let first = try start()
        _ = try first.waitForError("nothing to watch")
        let second = try start().finish()
        #expect(second.code == 75)
        #expect(second.errors.contains("in use by process \(first.pid) "))
        first.signal(SIGTERM)
        #expect(try first.finish(within: stopTime).code == 0)
    }

    @Test("after kill -9 the next start takes the journal over")
    func killed() throws {
        let first = try start()
        _ = try first.waitForError("nothing to watch")
        first.signal(SIGKILL)
        #expect(try first.finish().code == 128 + SIGKILL)
        let second = try start()
        _ = try second.waitForError("nothing to watch")
        second.signal(SIGTERM)
        #expect(try second.finish(within: stopTime).code == 0)
        let verified = try Program.run("journal", "verify", "--state", folder.path("state"))
        #expect(verified.code == 0)
    }

    @Test("the service manager hears READY, then STOPPING, each with a status")
    func notified() throws {
        let socket = NotifySocket()
        let daemon = try start(environment: socket.environment)
        let ready = try #require(socket.message(with: "READY=1"))
        #expect(ready.contains { $0.hasPrefix("STATUS=nothing to watch: edit ") })
        daemon.signal(SIGTERM)
        let stopping = try #require(socket.message(with: "STOPPING=1"))
        #expect(stopping.contains { $0.hasPrefix("STATUS=") })
        #expect(try daemon.finish(within: stopTime).code == 0)
    }

    @Test("a bad start tells the service manager why and never says READY")
    func notifiedOfFailure() throws {
        let socket = NotifySocket()
        let daemon = try start(PolicyText.broken, environment: socket.environment)
        let failed = try #require(socket.message(with: "ERRNO="))
        #expect(failed.contains { $0.hasPrefix("STATUS=") && $0.contains(":2:1: error: ") })
        #expect(try daemon.finish().code == 78)
        #expect(!socket.heard("READY=1"))
    }

    @Test("the watchdog is pinged while there is nothing to do")
    func watchdog() throws {
        let socket = NotifySocket()
        let watchdog = socket.environment.merging(["WATCHDOG_USEC": "400000"]) { $1 }
        let daemon = try start(environment: watchdog)
        for _ in 1...3 { #expect(socket.message(with: "WATCHDOG=1") != nil) }
        daemon.signal(SIGTERM)
        #expect(try daemon.finish(within: stopTime).code == 0)
    }

    @Test("a service that does not answer: ready all the same, and the status names it")
    func unavailable() throws {
        let port = ClosedPort()
        let socket = NotifySocket()
        let daemon = try start(
            PolicyText.watching(port: port.number), environment: socket.environment)
        #expect(socket.message(with: "READY=1") != nil)
        let degraded = try #require(socket.message(with: "Degraded: ml has no complete poll"))
        #expect(degraded.count == 1)
        _ = try daemon.waitForError("ml projects/acme: poll failed")
        daemon.signal(SIGTERM)
        #expect(try daemon.finish(within: stopTime).code == 0)
    }

    @Test("closed standard streams are never taken for something else: no log line in a journal")
    func closedStreams() throws {
        let socket = NotifySocket()
        let file = try folder.write(PolicyText.empty, to: "policy.yaml")
        let daemon = try RunningProgram(
            ["run", "--policy", file, "--state", folder.path("state")],
            environment: socket.environment, isClosedOff: true)
        #expect(socket.message(with: "READY=1") != nil)
        for number in 0...2 {
            let target = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(daemon.pid)/fd/\(number)")
            #expect(target == "/dev/null")
        }
        daemon.signal(SIGTERM)
        #expect(socket.message(with: "STOPPING=1") != nil)
    }
}
