import ArgumentParser
import Glibc
import GoogleAuth
import OperationsClient
import OpwatchCore
import OpwatchPolicy
import OpwatchProcess

/// `opwatchd check`: validates a policy file, with the daemon's own loader.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate a policy file.",
        discussion: """
            Every problem goes to stderr as FILE:LINE:COL: error: …, all in one go. Warnings do \
            not fail the check. Exits 0 if the daemon would accept the file and can use what its \
            credential files hold, else 78.

            A credential file that can be read from here is looked at, too.

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
        let isUsable = lookAtCredentials(of: loaded.policy)
        if let signal { return try hangUp(signal) }
        guard isUsable else { throw Failure(.configuration, "") }
        let policy = loaded.policy
        Output.line(
            "\(file): ok, policy \(policy.hash), mode \(policy.mode.rawValue), "
                + "\(policy.services.count) services, \(policy.rules.count) rules")
    }

    /// Says what is wrong with the credential files that can be read from here.
    ///
    /// - Returns: false where the daemon would find no token in one. It takes the policy over all
    ///   the same, since the file may be mended.
    private func lookAtCredentials(of policy: Policy) -> Bool {
        let world = AuthWorld.withoutNetwork
        let pools = HTTPPools.live(longestInterval: .seconds(60))
        var isUsable = true
        for service in policy.services {
            isUsable = lookAtConnection(of: service, pools) && isUsable
            switch service.tokenSource(in: world).inspect() {
            case .good, .nothingToSee: continue
            case .unseen(let failure):
                Output.error("\(file): warning: service \(service.name): \(failure)")
            // What this shell has by default is not what the daemon has.
            case .bad(let failure) where service.credentials.source == .applicationDefault:
                Output.error(
                    "\(file): warning: service \(service.name), by default from here: \(failure)")
            case .bad(let failure):
                Output.error("\(file): error: service \(service.name): \(failure)")
                isUsable = false
            }
        }
        return isUsable
    }

    /// Says what is wrong with the files that its connections need.
    ///
    /// - Returns: false where the daemon could not connect with what one of them holds.
    private func lookAtConnection(of service: WatchedService, _ pools: HTTPPools) -> Bool {
        for file in service.network.files {
            // Those of the directory are seen by the daemon alone.
            let isInDirectory = !file.name.hasPrefix("/")
            if isInDirectory, Environment.variable("CREDENTIALS_DIRECTORY") == nil { return true }
            do throws(AuthFailure) {
                _ = try HTTPPools.file(file.name).read()
            } catch {
                Output.error(
                    "\(self.file): warning: service \(service.name): \(file.key): \(error)")
                return true
            }
        }
        do throws(CallFailure) {
            _ = try pools.inspect(try ServiceURL(service.endpoint).origin, service.network)
            return true
        } catch {
            Output.error("\(file): error: service \(service.name): \(error.cause)")
            return false
        }
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
