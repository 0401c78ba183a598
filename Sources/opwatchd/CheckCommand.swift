import ArgumentParser
import Glibc
import OpwatchCore
import OpwatchPolicy

/// `opwatchd check`: validates a policy file, with the daemon's own loader.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate a policy file.",
        discussion: """
            Every problem goes to stderr as FILE:LINE:COL: error: …, all in one go. Warnings do \
            not fail the check. Exits 0 if the daemon would accept the file, else 78.

            With --signal the daemon is told in either case: a good file it takes over, under a \
            bad one, or none, it goes on watching by the last good policy and cancels nothing.
            """)

    @Argument(help: "The policy file.")
    var file = Places.policy

    @Option(
        help: ArgumentHelp(
            "Send SIGHUP to this process, then fail if the file is bad; how the unit reloads.",
            valueName: "pid"))
    var signal: Int32?

    func run() throws {
        if let signal, signal <= 1 {
            throw Failure(.usage, "--signal takes the process id of a daemon, not \(signal)")
        }
        let loaded: LoadedPolicy
        do throws(PolicyErrors) {
            loaded = try PolicyFile.load(path: file)
        } catch {
            // The daemon finds the file as bad as it is, and cancels nothing under the old one.
            try refuse(error)
        }
        for warning in loaded.warnings { Output.error(warning.description) }
        if let signal { return try hangUp(signal) }
        let policy = loaded.policy
        Output.line(
            "\(file): ok, policy \(policy.hash), mode \(policy.mode.rawValue), "
                + "\(policy.services.count) services, \(policy.rules.count) rules")
    }

    private func refuse(_ errors: PolicyErrors) throws(Failure) -> Never {
        var message = errors.description
        if let signal {
            do throws(Failure) {
                try hangUp(signal)
            } catch {
                message += "\n\(error.message)"
            }
        }
        throw Failure(.configuration, message)
    }

    private func hangUp(_ process: Int32) throws(Failure) {
        guard kill(process, SIGHUP) == 0 else {
            let code: SystemExit = errno == EPERM ? .permission : .unavailable
            throw Failure(code, "process \(process): \(String(cString: strerror(errno)))")
        }
    }
}
