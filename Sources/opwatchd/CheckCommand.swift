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
            """)

    @Argument(help: "The policy file.")
    var file = Places.policy

    @Option(
        help: ArgumentHelp(
            "Send SIGHUP to this process if the file is good; how the unit reloads the daemon.",
            valueName: "pid"))
    var signal: Int32?

    func run() throws {
        let loaded: LoadedPolicy
        do throws(PolicyErrors) {
            loaded = try PolicyFile.load(path: file)
        } catch {
            throw Failure(.configuration, error.description)
        }
        for warning in loaded.warnings { Output.error(warning.description) }
        if let signal { return try hangUp(signal) }
        let policy = loaded.policy
        Output.line(
            "\(file): ok, policy \(policy.hash), mode \(policy.mode.rawValue), "
                + "\(policy.services.count) services, \(policy.rules.count) rules")
    }

    private func hangUp(_ process: Int32) throws(Failure) {
        guard process > 1 else {
            throw Failure(.usage, "--signal takes the process id of a daemon, not \(process)")
        }
        guard kill(process, SIGHUP) == 0 else {
            let code: SystemExit = errno == EPERM ? .permission : .unavailable
            throw Failure(code, "process \(process): \(String(cString: strerror(errno)))")
        }
    }
}
