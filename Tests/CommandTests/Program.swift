import Foundation
import Glibc

/// What a program that ended has left.
struct Outcome {
    /// The exit code; 128 and the signal's number after a death by signal.
    let code: Int32
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// The binaries, run as people run them.
enum Program {
    /// `$OPWATCHD_BINARY`, else the one that was built beside the tests.
    static let path =
        ProcessInfo.processInfo.environment["OPWATCHD_BINARY"] ?? besideTests("opwatchd")
    static let demo = besideTests("opwatchd-demo")

    private static func besideTests(_ name: String) -> String {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: name).path
    }

    /// Runs a command to its end.
    /// - Parameters:
    ///   - program: the binary.
    ///   - input: a file for standard input.
    static func run(
        _ arguments: String..., program: String = path, input: String = "/dev/null",
        environment: [String: String] = [:], within limit: Duration = .seconds(30)
    ) throws -> Outcome {
        let running = try RunningProgram(
            arguments, program: program, input: input, environment: environment)
        return try running.finish(within: limit)
    }
}

enum ProgramError: Error {
    case notStarted(path: String, errno: Int32)
    case endedWithout(String, errors: String)
    case tooSlow(Duration, output: String, errors: String)
}

/// A program that runs; killed when nobody holds it any more.
final class RunningProgram {
    let pid: pid_t
    private var output: Reader
    private var errors: Reader
    private var isReaped = false

    /// - Parameters:
    ///   - program: the binary.
    ///   - input: a file for standard input.
    ///   - output: a file for standard output, which then is not in the outcome.
    ///   - environment: what is added to a bare one, in which no service manager is.
    ///   - isClosedOff: whether it starts with 0, 1 and 2 closed.
    ///   - tracer: a program, by its path, that runs ours: the process must become ours.
    init(
        _ arguments: [String], program: String = Program.path, through tracer: [String] = [],
        input: String = "/dev/null",
        output file: String? = nil,
        environment: [String: String] = [:], isClosedOff: Bool = false
    ) throws {
        let outputChannel = Channel()
        let errorChannel = Channel()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, outputChannel.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, errorChannel.writing, 2)
        if let file { posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY, 0) }
        if isClosedOff {
            for number in 0...2 { posix_spawn_file_actions_addclose(&actions, Int32(number)) }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        Self.resetSignals(&attributes)

        let variables = Self.bareEnvironment.merging(environment) { $1 }
        var child: pid_t = 0
        let command = tracer + [program] + arguments
        let failure = Self.withCStrings(command) { words in
            Self.withCStrings(variables.map { "\($0)=\($1)" }) { variables in
                posix_spawn(&child, command[0], &actions, &attributes, words, variables)
            }
        }
        close(outputChannel.writing)
        close(errorChannel.writing)
        pid = child
        output = Reader(outputChannel.reading)
        errors = Reader(errorChannel.reading)
        guard failure == 0 else {
            isReaped = true
            throw ProgramError.notStarted(path: program, errno: failure)
        }
    }

    deinit {
        if !isReaped {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        output.close()
        errors.close()
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Reads until a line of standard error holds the text.
    /// - Returns: that line.
    func waitForError(_ text: String, within limit: Duration = .seconds(20)) throws -> String {
        try read(within: limit) { errors.line(with: text) != nil }
        guard let line = errors.line(with: text) else {
            throw ProgramError.endedWithout(text, errors: errors.text)
        }
        return line
    }

    /// The lines of standard error that nobody has taken yet; they are not in the outcome.
    func takeErrorLines() -> [String] { errors.takeLines() }

    /// Whether both channels are at their end, as when the program has ended.
    var isSilent: Bool { output.isAtEnd && errors.isAtEnd }

    /// Reads what it says for a while, so that it is at work when that ends.
    func runOn(for time: Duration) throws {
        do {
            try read(within: time) { false }
        } catch ProgramError.tooSlow {
            // That is what was asked for.
        }
    }

    /// Waits for the end of the program.
    func finish(within limit: Duration = .seconds(30)) throws -> Outcome {
        try read(within: limit) { false }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        isReaped = true
        let signal = status & 0x7F
        return Outcome(
            code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: output.text,
            errors: errors.text)
    }

    /// Reads both channels until enough is there or both are at their end.
    private func read(within limit: Duration, until isEnough: () -> Bool) throws {
        let end = ContinuousClock.now.advanced(by: limit)
        while !isEnough() && !isSilent {
            let rest = ContinuousClock.now.duration(to: end).components
            let milliseconds = rest.seconds * 1_000 + rest.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else {
                throw ProgramError.tooSlow(limit, output: output.text, errors: errors.text)
            }
            var polled = [output.polled, errors.polled]
            poll(&polled, 2, Int32(milliseconds))
            if polled[0].revents != 0 { output.read() }
            if polled[1].revents != 0 { errors.read() }
        }
    }

    private static let bareEnvironment = ProcessInfo.processInfo.environment.filter {
        ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"].contains($0.key)
    }

    /// A test runner may ignore or block signals, which its children would inherit.
    private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    }

    private static func withCStrings<T>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T
    ) -> T {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}

/// Both ends of a channel, closed in every child that does not get one as 0, 1 or 2.
private struct Channel {
    let reading: Int32
    let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // A pipe could be made so only in two steps, between which another test may start a child.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        precondition(socketpair(AF_UNIX, kind, 0, &ends) == 0, "the test needs a socket")
        reading = ends[0]
        writing = ends[1]
    }
}

/// The end of a channel from which a program's words come.
private struct Reader {
    private let descriptor: Int32
    private var bytes: [UInt8] = []
    private(set) var isAtEnd = false

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var polled: pollfd {
        pollfd(fd: isAtEnd ? -1 : descriptor, events: Int16(POLLIN), revents: 0)
    }

    /// The first line, ended by a line feed, that holds the text.
    func line(with text: String) -> String? {
        let ended = self.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return ended.first { $0.contains(text) }.map(String.init)
    }

    mutating func takeLines() -> [String] {
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = String(decoding: bytes[..<end], as: UTF8.self)
        bytes.removeFirst(end + 1)
        return lines.split(separator: "\n").map(String.init)
    }

    mutating func read() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &chunk, chunk.count)
        if count > 0 { bytes += chunk[..<count] } else { isAtEnd = true }
    }

    func close() {
        Glibc.close(descriptor)
    }
}
