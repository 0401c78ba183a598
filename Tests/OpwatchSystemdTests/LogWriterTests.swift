import Glibc
import Testing

@testable import OpwatchReports
@testable import OpwatchSystemd

@Suite("The log writer")
struct LogWriterTests {
    /// 2025-07-01T12:04:05Z
    private static let noon: Int64 = 1_751_371_445

    @Test(
        "a line has the form of its target",
        arguments: [
            (LogTarget.prefixed, Priority.warning, "<4>late"),
            (.prefixed, .info, "<6>late"),
            (.plain, .error, "2025-07-01T12:04:05Z error: late"),
            (.plain, .info, "2025-07-01T12:04:05Z info: late"),
        ])
    func forms(target: LogTarget, priority: Priority, expected: String) throws {
        let pipe = PipePair()
        let writer = try makeWriter(target, pipe)
        writer.write(JournalEntry(priority, "late"))
        #expect(pipe.lines(1) == [expected])
        #expect(writer.flush(within: .seconds(60)))
    }

    @Test("a line for a terminal begins with the local time and is coloured only if wanted")
    func terminal() throws {
        let pipe = PipePair()
        let plain = try makeWriter(.terminal(colour: false), pipe)
        plain.write(JournalEntry(.warning, "late"))
        let colourless = try #require(pipe.lines(1).first)
        #expect(colourless.wholeMatch(of: /\d\d:\d\d:\d\d warning: late/) != nil)
        let coloured = try makeWriter(.terminal(colour: true), pipe)
        coloured.write(JournalEntry(.warning, "late"))
        #expect(pipe.lines(1) == ["\u{1b}[33m\(colourless)\u{1b}[0m"])
        coloured.write(JournalEntry(.info, "quiet"))
        let quiet = try #require(pipe.lines(1).first)
        #expect(quiet.wholeMatch(of: /\d\d:\d\d:\d\d quiet/) != nil)
    }

    @Test("no message can begin a second line or steer the terminal")
    func oneLineEach() throws {
        let pipe = PipePair()
        let writer = try makeWriter(.prefixed, pipe)
        writer.write(JournalEntry(.notice, "a\n<3>forged\u{1b}[2J"))
        #expect(pipe.lines(1) == ["<5>a\\u{a}<3>forged\\u{1b}[2J"])
    }

    @Test("with a reader that stands still, writing goes on and the least important is lost")
    func fullPipe() throws {
        let pipe = PipePair()
        let junk = pipe.fill()
        let writer = try makeWriter(.prefixed, pipe, capacity: 3)
        writer.write(JournalEntry(.info, "in hand"))
        while writer.waiting > 0 { sched_yield() }
        for text in ["6 one", "5 two", "7 three", "5 four", "4 five", "6 six"] {
            writer.write(JournalEntry(shorthand: text))
        }
        #expect(writer.waiting == 3)
        #expect(!writer.flush(within: .milliseconds(1)))

        _ = pipe.read(count: junk)
        #expect(
            pipe.lines(5)
                == ["<6>in hand", "<4>3 log lines were lost here", "<5>two", "<5>four", "<4>five"])
        #expect(writer.flush(within: .seconds(60)))
    }

    @Test("a flush with nothing to write ends at once")
    func emptyFlush() throws {
        let writer = try makeWriter(.plain, PipePair())
        #expect(writer.flush(within: .zero))
    }

    @Test("after close the rest leaves and no more is taken")
    func closed() throws {
        let pipe = PipePair()
        let writer = try makeWriter(.prefixed, pipe)
        writer.write(JournalEntry(.notice, "last"))
        writer.close()
        writer.write(JournalEntry(.error, "too late"))
        #expect(pipe.lines(1) == ["<5>last"])
        #expect(writer.flush(within: .seconds(60)))
        #expect(writer.waiting == 0)
    }

    @Test("a stream that fails loses the entry, not the daemon")
    func brokenStream() throws {
        let writer = try LogWriter(target: .prefixed, capacity: 4, descriptor: -1)
        writer.write(JournalEntry(.notice, "nobody reads this"))
        #expect(writer.flush(within: .seconds(60)))
    }

    @Test("a stream that does not block is waited for")
    func nonBlocking() throws {
        let pipe = PipePair()
        let junk = pipe.fill()
        _ = fcntl(pipe.writeEnd, F_SETFL, O_NONBLOCK)
        let writer = try makeWriter(.prefixed, pipe)
        writer.write(JournalEntry(.notice, "patient"))
        while writer.waiting > 0 { sched_yield() }
        _ = pipe.read(count: junk)
        #expect(pipe.lines(1) == ["<5>patient"])
    }

    private func makeWriter(
        _ target: LogTarget, _ pipe: PipePair, capacity: Int = 16
    ) throws -> LogWriter {
        // The thread may outlive the test by a moment, so it gets a descriptor of its own.
        try LogWriter(
            target: target, capacity: capacity, descriptor: dup(pipe.writeEnd),
            now: { Self.noon })
    }
}
