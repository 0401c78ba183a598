package import ArgumentParser
import CLinux
import Glibc

/// The process of a command: how it begins, and how it ends.
package struct CommandProcess {
    /// The first code that runs, before anything is awaited: then the runtime opens descriptors of
    /// its own, which would take the numbers of standard streams that are closed.
    package init() {
        // A SIGHUP that comes before its handler must not kill, and neither must a reader that
        // goes away or a file that may not grow; these are errors of a call.
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // One loop does nearly all the work: heaps of their own for idle threads only cost memory.
        mallopt(Int32(mallopt_arena_max), 1)
        forget_relocations()
        Self.occupyStandardStreams()
    }

    /// A stream that is closed would be taken by the next file, and log lines would go there.
    private static func occupyStandardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is the one that is missing.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Runs the command of a command line, and returns if it ends well; else the process ends with
    /// the exit code.
    ///
    /// On the main actor as every `main` is: what need not wait stays on the main thread.
    /// - Parameters:
    ///   - root: where the command line begins.
    ///   - arguments: without the name of the program.
    @MainActor
    package func run(_ root: any ParsableCommand.Type, _ arguments: [String]) async {
        do {
            var command = try root.parseAsRoot(arguments)
            if var async = command as? any AsyncParsableCommand {
                try await async.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            if !failure.message.isEmpty { Output.error(failure.message) }
            Glibc.exit(failure.code.rawValue)
        } catch {
            root.exit(withError: error)
        }
    }
}
