import ArgumentParser
import Glibc
import OpwatchCore
import OpwatchJournal
import OpwatchProcess
import WireFormat

/// `opwatchd journal accept-damage`: a human goes on with what is left; needs the lock.
struct AcceptDamageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-damage",
        abstract: "Go on with what is left of a damaged journal.",
        discussion: """
            After damage the daemon only observes; where the disk does not give a part of the \
            newest file it does not start. This writes into the journal that you accept it, by \
            name; the damaged file stays as it is. Look with opwatchd journal verify first, and \
            stop the daemon: the journal must not be in use.

            What the lost lines said is not known: a cancel that was asked for may be asked \
            for again, after a fresh look at its operation, and the hourly budget counts only \
            the cancels that are left.
            """)

    @OptionGroup var state: StateOption

    func run() throws {
        let invoker = Invoker.current
        guard access(state.path, F_OK) == 0 else {
            throw Failure(.io, "\(state.path): No such file or directory; has the daemon run?")
        }
        try DirectoryOwner.besideRoot(of: state.path)?.become()
        do throws(JournalError) {
            Output.line(try Self.accept(in: state.path, by: invoker.description))
        } catch {
            throw Failure(SystemExit(code: error.exitCode), error.description)
        }
    }

    /// - Returns: what was done, for people.
    private static func accept(
        in directory: String, by actor: String
    ) throws(JournalError) -> String {
        let now = LiveClock().now
        var replay = Replay()
        var journal = try Journal.open(
            directory: directory, now: now, version: Build.version, unreadable: .isDamage
        ) { replay.take($0) }
        guard let damage = replay.state.damage else {
            return "\(directory): the journal is not damaged, nothing to accept"
        }
        var state = replay.state
        journal.start(misfit: replay.misfit, checkpoint: state.checkpoint(), at: now)
        let acceptance = JournalRecord.damageAccepted(by: actor)
        try journal.append([acceptance], at: now)
        do throws(WatchState.IllegalTransition) {
            try state.apply(acceptance)
        } catch {
            preconditionFailure("An acceptance can follow anything.")
        }
        try journal.close(at: now)
        return "damage in \(damage.shownFile) at byte \(damage.offset) accepted by \(actor); "
            + "\(state.operationCount) operations are still tracked"
    }
}

/// Who gives a command.
struct Invoker: CustomStringConvertible {
    let description: String

    /// The user of this process, and whom `sudo` says that it stands for.
    static var current: Invoker {
        let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
        let name = user ?? "uid \(getuid())"
        let claimed = getenv("SUDO_USER").map { String(cString: $0) }
        return Invoker(description: claimed.map { "\(name) (sudo: \($0))" } ?? name)
    }
}
