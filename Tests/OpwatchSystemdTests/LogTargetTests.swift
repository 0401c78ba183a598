import Glibc
import Testing

@testable import OpwatchSystemd

@Suite("Where the log goes")
struct LogTargetTests {
    private let pipe = PipePair()

    @Test("journald's own protocol if standard error is the stream that systemd made")
    func journald() {
        #expect(detect(["JOURNAL_STREAM": identity()], socket: "/dev/null") == .journald)
    }

    @Test("prefixes if it is that stream and journald's socket is out of reach")
    func prefixed() {
        #expect(detect(["JOURNAL_STREAM": identity()], socket: "/nonexistent") == .prefixed)
    }

    @Test("plain lines if standard error was redirected", arguments: ["1:2", "", "junk", nil])
    func redirected(stream: String?) {
        let environment = stream.map { ["JOURNAL_STREAM": $0] } ?? [:]
        #expect(detect(environment, socket: "/dev/null") == .plain)
    }

    @Test(
        "a terminal has colours unless NO_COLOR or TERM says otherwise",
        arguments: [
            ([:], true), (["NO_COLOR": ""], true), (["NO_COLOR": "1"], false),
            (["TERM": "dumb"], false), (["TERM": "xterm"], true),
        ] as [([String: String], Bool)])
    func terminal(environment: [String: String], colour: Bool) throws {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(master >= 0)
        defer { close(master) }
        #expect(
            LogTarget.detect(descriptor: master, socket: "/dev/null") { environment[$0] }
                == .terminal(colour: colour))
    }

    private func detect(_ environment: [String: String], socket: String) -> LogTarget {
        LogTarget.detect(descriptor: pipe.writeEnd, socket: socket) { environment[$0] }
    }

    private func identity() -> String {
        var status = stat()
        fstat(pipe.writeEnd, &status)
        return "\(status.st_dev):\(status.st_ino)"
    }
}
