import ArgumentParser
import Glibc
import OpwatchCore
import OpwatchDaemon
import OpwatchJournal
import OpwatchProcess
import OpwatchReports
import WireFormat

/// `opwatchd journal`: looks at the journal, which needs no lock and changes nothing; or goes on
/// with a damaged one.
struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Check or print the journal, or accept its damage.",
        subcommands: [Verify.self, Dump.self, AcceptDamageCommand.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every line of every file.",
            discussion: """
                Exits 0 if nothing durable was lost (a torn last line is only noted), 65 if the \
                journal is damaged, and 77 or 78 if a file could not be read for lack of \
                permission or because a later version wrote it.
                """)

        @OptionGroup var state: StateOption

        func run() throws {
            let report = try JournalState.inspecting(state.path) { path throws(JournalError) in
                try JournalInspection.verify(directory: path)
            }
            for file in report.files { Output.line(file.description) }
            if let damage = report.openDamage {
                Output.line("\(damage.shown); the daemon only observes until that is accepted")
            }
            if report.ignored.count > Untrusted.listedMax {
                let names = Untrusted.list(report.ignored, count: report.ignoredCount)
                Output.line("\(names): not ours, ignored")
            } else {
                for name in report.ignored {
                    Output.line("\(Untrusted.text(name)): not ours, ignored")
                }
            }
            if report.files.isEmpty { Output.line("\(state.path): no journal") }
            if report.exitCode != 0 { throw Failure(SystemExit(code: report.exitCode), "") }
        }
    }

    struct Dump: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the journal as a timeline, oldest first.",
            discussion: """
                Each line has the wall clock, its number, what happened, and its figures. An \
                intent names the rule, the clock, age and timeout, and the policy; the text of a \
                policy is kept beside the journal as policies/HASH.yaml.

                Example: opwatchd journal dump --verdicts --since 2026-01-31T00:00:00Z
                """)

        @OptionGroup var state: StateOption

        @Option(help: "Only what was written at or after this time, RFC 3339.")
        var since: String?

        @Option(help: "Only what is about the operation of this full name.")
        var operation: String?

        @Flag(help: "Only cancels: intents, what was withdrawn and asked, and verdicts.")
        var verdicts = false

        @Flag(help: "One JSON object a line.")
        var json = false

        func validate() throws {
            _ = try filter()
        }

        private func filter() throws -> TimelineFilter {
            var filter = TimelineFilter(operation: operation, onlyCancels: verdicts)
            guard let since else { return filter }
            filter.since = Timestamp(rfc3339: since)
            guard filter.since != nil else {
                throw ValidationError(
                    "--since \(Untrusted.text(since)): expected a time as 2026-01-31T12:00:00Z")
            }
            return filter
        }

        func run() throws {
            let filter = try filter()
            let report = try JournalState.inspecting(state.path) { path throws(JournalError) in
                try JournalInspection.dump(directory: path, filter, as: json ? .json : .text) {
                    Output.line($0)
                }
            }
            if let damage = report.damage {
                throw Failure(.dataDamaged, "the journal is damaged: \(damage.shown)")
            }
            if let error = report.unread {
                throw Failure(SystemExit(code: error.exitCode), "not all was printed: \(error)")
            }
        }
    }
}

extension BadLine {
    /// For a terminal: what is wrong may quote a name from elsewhere.
    var shown: String { Untrusted.text(description, maxBytes: 2_048) }
}

extension WatchState.Damage {
    /// For a terminal: whoever could write the journal chose the name.
    var shownFile: String { Untrusted.text(file) }
}

/// The state that a journal holds, read beside a daemon that may be running.
struct JournalState {
    let state: WatchState
    let recovered: Recovered
    /// Whether a process has the journal's lock; nil where that could not be found out.
    let isInUse: Bool?

    static func read(_ directory: String) throws(Failure) -> JournalState {
        var replay = Replay()
        // Asked first: a daemon that starts meanwhile is in what is read.
        let isInUse = isInUse(directory)
        let recovered = try inspecting(directory) { path throws(JournalError) in
            try JournalInspection.read(directory: path) { replay.take($0) }
        }
        return JournalState(state: replay.state, recovered: recovered, isInUse: isInUse)
    }

    /// Nil where it cannot be told.
    static func isInUse(_ directory: String) -> Bool? {
        do throws(JournalError) {
            return try JournalInspection.isInUse(directory: directory)
        } catch {
            return nil
        }
    }

    static func inspecting<T>(
        _ directory: String, _ body: (String) throws(JournalError) -> T
    ) throws(Failure) -> T {
        do throws(JournalError) {
            return try body(directory)
        } catch .io(_, _, ENOENT) where access(directory, F_OK) != 0 {
            throw Failure(.io, "\(directory): No such file or directory; has the daemon run?")
        } catch {
            throw Failure(SystemExit(code: error.exitCode), error.description)
        }
    }
}
