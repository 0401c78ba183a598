import ArgumentParser
import CLinux
import Glibc

/// The command line. `main` is the first code that runs.
@main
struct Opwatchd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opwatchd",
        abstract: "Watches long-running operations and cancels those that outrun a policy.",
        discussion: """
            opwatchd lists the operations of Google-style REST APIs, remembers them in a journal, \
            cancels those that outrun the timeouts of a policy file, and proves what became of \
            each cancel. In mode observe, the default, it only says what it would do.

            Exit codes: 0 ok, 64 usage, 65 data damaged, 69 service unavailable, 74 I/O error, \
            75 locked by another process, 77 permission, 78 configuration.
            """,
        version: Build.version,
        subcommands: [
            RunCommand.self, CheckCommand.self, PlanCommand.self, FilterCommand.self,
            AuthCommand.self, StatusCommand.self, JournalCommand.self, DemoCommand.self,
        ])

    static func main() async {
        // Before anything else: a SIGHUP that comes before its handler must not kill, and neither
        // must a reader that goes away or a file that may not grow; these are errors of a call.
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // One loop does nearly all the work: heaps of their own for idle threads only cost memory.
        mallopt(Int32(mallopt_arena_max), 1)
        forget_relocations()
        occupyStandardStreams()
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            var command = try parseAsRoot(FilterCommand.separating(arguments))
            if var async = command as? any AsyncParsableCommand {
                try await async.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            if !failure.message.isEmpty { Output.error(failure.message) }
            Glibc.exit(failure.code.rawValue)
        } catch {
            exit(withError: error)
        }
    }

    /// A stream that is closed would be taken by the next file, and log lines would go there.
    private static func occupyStandardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is the one that is missing.
            _ = open("/dev/null", O_RDWR)
        }
    }
}

/// Which build this is.
enum Build {
    static let version = "0.1.0"
}

/// How a command ends when it does not end well, by sysexits(3).
enum SystemExit: Int32 {
    case usage = 64
    case dataDamaged = 65
    case unavailable = 69
    case failure = 70
    case io = 74
    case locked = 75
    case permission = 77
    case configuration = 78

    /// The name of a code that a library gives; unknown ones are failures of ours.
    init(code: Int32) {
        self = SystemExit(rawValue: code) ?? .failure
    }
}

/// What a command throws: one message for stderr and the exit code.
struct Failure: Error {
    let code: SystemExit
    let message: String

    init(_ code: SystemExit, _ message: String) {
        self.code = code
        self.message = message
    }
}
