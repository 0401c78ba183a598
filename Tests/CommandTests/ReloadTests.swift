import Glibc
import Testing

@Suite("Reload")
struct ReloadTests {
    private let folder = Folder()
    private let socket = NotifySocket()

    private func start() throws -> RunningProgram {
        let file = try folder.write(PolicyText.empty, to: "policy.yaml")
        let daemon = try RunningProgram(
            ["run", "--policy", file, "--state", folder.path("state")],
            environment: socket.environment)
        _ = try #require(socket.message(with: "READY=1"))
        return daemon
    }

    private func stop(_ daemon: RunningProgram) throws -> Outcome {
        daemon.signal(SIGTERM)
        let outcome = try daemon.finish(within: .seconds(5))
        #expect(outcome.code == 0)
        return outcome
    }

    private func status(_ message: [String]) -> String {
        message.first { $0.hasPrefix("STATUS=") } ?? ""
    }

    @Test("SIGHUP: RELOADING with the time on the monotonic clock, then READY")
    func announced() throws {
        let daemon = try start()
        let before = monotonicMicroseconds
        daemon.signal(SIGHUP)
        let reloading = try #require(socket.message(with: "RELOADING=1"))
        let stamp = try #require(reloading.first { $0.hasPrefix("MONOTONIC_USEC=") })
        let time = try #require(UInt64(stamp.dropFirst("MONOTONIC_USEC=".count)))
        #expect(before <= time && time <= monotonicMicroseconds)
        #expect(socket.message(with: "READY=1") != nil)
        _ = try stop(daemon)
    }

    @Test("a broken file is refused with its place, the old policy stays, a mended one ends that")
    func refusedThenMended() throws {
        let daemon = try start()
        try folder.write(PolicyText.broken, to: "policy.yaml")
        daemon.signal(SIGHUP)
        #expect(socket.message(with: "RELOADING=1") != nil)
        let refused = try #require(socket.message(with: "READY=1"))
        #expect(status(refused).hasPrefix("STATUS=Policy refused (a restart would fail): "))
        #expect(status(refused).contains("policy.yaml:2:1: error: "))
        let line = try daemon.waitForError("policy refused, ")
        #expect(line.contains("still under policy "))

        try folder.write(PolicyText.empty + "# mended\n", to: "policy.yaml")
        daemon.signal(SIGHUP)
        #expect(socket.message(with: "RELOADING=1") != nil)
        let mended = try #require(socket.message(with: "READY=1"))
        #expect(!status(mended).contains("refused"))
        _ = try stop(daemon)
    }

    @Test("a new service is watched from the reload on")
    func newService() throws {
        let port = ClosedPort()
        let daemon = try start()
        try folder.write(PolicyText.watching(port: port.number), to: "policy.yaml")
        daemon.signal(SIGHUP)
        #expect(socket.message(with: "RELOADING=1") != nil)
        let ready = try #require(socket.message(with: "READY=1"))
        #expect(status(ready).contains("observe"))
        #expect(!status(ready).contains("nothing to watch"))
        _ = try stop(daemon)
    }

    @Test("check --signal has the daemon take a good file over")
    func checkSignals() throws {
        let daemon = try start()
        let good = try Program.run("check", folder.path("policy.yaml"), "--signal", "\(daemon.pid)")
        #expect(good.code == 0)
        #expect(socket.message(with: "RELOADING=1") != nil)
        #expect(socket.message(with: "READY=1") != nil)
        _ = try stop(daemon)
    }

    @Test(
        "check --signal fails with the reason, and the daemon refuses the file as well",
        arguments: [
            ("broken", ":2:1: error: "), ("gone", ":1:1: error: cannot be read: No such file"),
            ("unreadable", ":1:1: error: cannot be read: Is a directory"),
        ])
    func checkSignalsRefusal(what: String, words: String) throws {
        let daemon = try start()
        let file = folder.path("policy.yaml")
        if what == "broken" {
            try folder.write(PolicyText.broken, to: "policy.yaml")
        } else {
            unlink(file)
            if what == "unreadable" { mkdir(file, 0o755) }
        }
        let checked = try Program.run("check", file, "--signal", "\(daemon.pid)")
        #expect(checked.code == 78)
        #expect(checked.errors.hasPrefix(file + words))
        #expect(socket.message(with: "RELOADING=1") != nil)
        let refused = try #require(socket.message(with: "READY=1"))
        #expect(status(refused).hasPrefix("STATUS=Policy refused (a restart would fail): "))
        #expect(status(refused).contains(words.dropLast()))
        _ = try daemon.waitForError("policy refused, ")
        _ = try stop(daemon)
    }

    @Test("a policy file that is gone is refused like a bad one")
    func gone() throws {
        let daemon = try start()
        unlink(folder.path("policy.yaml"))
        daemon.signal(SIGHUP)
        #expect(socket.message(with: "RELOADING=1") != nil)
        let refused = try #require(socket.message(with: "READY=1"))
        #expect(status(refused).contains("No such file or directory"))
        _ = try stop(daemon)
    }

    private var monotonicMicroseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }
}
