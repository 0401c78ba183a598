import Foundation
import Glibc
import Testing

/// The real daemon on a disk that fails, as far as the kernel tells: strace puts its answers in
/// place of the kernel's.
@Suite("A daemon whose disk fails", .enabled(if: Strace.isUsable, "strace is needed"))
struct InjectionTests {
    struct Injection: Sendable, CustomTestStringConvertible {
        let calls: String
        let fault: String
        /// Only calls on the first file of the journal.
        var isOnFirstFile = false
        /// Whether the fault ends, so that the daemon must have mended its journal by itself.
        var isMended = true

        var testDescription: String { "\(calls) \(fault)" }
    }

    @Test(
        "goes on with a whole journal, and an intent for every cancel",
        arguments: SystemTest.isWhole ? all : all.prefix(4) + all.suffix(1))
    func injected(_ injection: Injection) async throws {
        try await Storm.run { storm in
            storm.begin(40)
            let trace = storm.path("trace")
            var tracer = Strace.command(to: trace)
            tracer += ["-e", "inject=\(injection.calls):\(injection.fault)"]
            if injection.isOnFirstFile {
                tracer += ["-P", "\(storm.state)/journal-00000000000000000001.jsonl"]
            }
            let daemon = try storm.start(through: tracer)
            if injection.isMended {
                try storm.run(daemon, untilPosts: 6)
                try stop(daemon)
            } else {
                _ = try daemon.waitForError("the journal cannot be written")
                let before = storm.postCount
                try daemon.runOn(for: .seconds(3))
                let count = storm.postCount - before
                // The tracer counts calls by thread: another one may mend the journal for a while.
                let isMended = try stop(daemon).contains("the journal is written again")
                #expect(count <= 1 || isMended, "the one in hand, and no other")
            }
            try storm.expectWhole("under the fault")
            let calls = try String(contentsOfFile: trace, encoding: .utf8)
            #expect(calls.contains("(INJECTED)"))

            storm.begin(20)
            let next = try storm.start()
            try storm.run(next, untilPosts: storm.postCount + 3)
            try stop(next)
            try storm.expectWhole("after it")
        }
    }

    /// - Returns: what it said.
    @discardableResult
    private func stop(_ daemon: RunningProgram) throws -> String {
        daemon.signal(SIGTERM)
        let outcome = try daemon.finish(within: .seconds(10))
        #expect(outcome.code == 0, "\(outcome.errors)")
        return outcome.errors
    }

    private static let all = [
        Injection(calls: "fdatasync", fault: "error=EIO:when=1"),
        Injection(calls: "fdatasync", fault: "error=EIO:when=3"),
        Injection(calls: "fdatasync", fault: "error=EIO:when=5+", isMended: false),
        Injection(calls: "write", fault: "error=ENOSPC:when=2+", isOnFirstFile: true),
        Injection(calls: "fdatasync", fault: "error=EIO:when=2"),
        Injection(calls: "fdatasync", fault: "error=EIO:when=4+5"),
        Injection(calls: "fsync", fault: "error=EIO:when=2"),
        Injection(calls: "/^renameat", fault: "error=EIO:when=1"),
        Injection(calls: "write", fault: "error=EIO:when=1", isOnFirstFile: true),
        Injection(calls: "write", fault: "error=EINTR:when=2+3", isOnFirstFile: true),
        Injection(calls: "write", fault: "retval=7:when=2", isOnFirstFile: true),
    ]
}

/// The tracer of the machine.
enum Strace {
    /// Runs a program with the process that was asked for; the tracer is another.
    static func command(to file: String) -> [String] {
        ["/usr/bin/strace", "-D", "-f", "-qq", "-o", file]
    }

    /// Not everywhere is it installed, and may a process trace another.
    static let isUsable: Bool = {
        let process = Process()
        let command = Self.command(to: "/dev/null")
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst()) + ["true"]
        do {
            try process.run()
        } catch {
            return false
        }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}
