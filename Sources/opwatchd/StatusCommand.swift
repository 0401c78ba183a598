import ArgumentParser
import OpwatchCore
import OpwatchJournal
import OpwatchProcess
import OpwatchReports
import WireFormat

/// `opwatchd status`: what the journal holds as of its last record.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the tracked operations, next deadline first.",
        discussion: """
            Reads the journal beside a running daemon or without one: state as of its last \
            record, with what keeps cancels from leaving: damage, open breakers, collections \
            that do not implement cancel. How often each rule matches now is what opwatchd plan \
            tells.
            """)

    @OptionGroup var state: StateOption

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let journal = try read()
        if case .damaged(let line) = journal.recovered.tail {
            Output.error("warning: the journal is damaged, this is the state before: \(line.shown)")
        }
        let entries = StatusEntry.all(in: journal.state)
        json ? Self.printJSON(journal, entries) : Self.print(journal, entries)
    }

    /// A journal that cannot be read does not mean that no daemon runs.
    private func read() throws(Failure) -> JournalState {
        do throws(Failure) {
            return try JournalState.read(state.path)
        } catch {
            guard JournalState.isInUse(state.path) == true else { throw error }
            throw Failure(error.code, "\(error.message); a daemon runs on it")
        }
    }

    private static func print(_ journal: JournalState, _ entries: some Collection<StatusEntry>) {
        let policy = journal.state.policy.map { "policy \($0.hash), mode \($0.mode.rawValue)" }
        Output.line("\(journal.daemon), \(policy ?? "no policy yet")")
        let last = journal.recovered.lastAt.map { "as of \($0)" } ?? "nothing recorded"
        Output.line("\(entries.count) operations tracked, \(last)")
        for line in Shutters(in: journal.state).lines { Output.line(line) }
        guard !entries.isEmpty else { return }
        Output.line("")
        let table = TextTable(
            "STATE", "SERVICE", "OPERATION", "SINCE", "RULE", "DEADLINE",
            rows: entries.lazy.map { entry in
                [
                    entry.state, entry.service, Untrusted.text(entry.name),
                    entry.since.description, entry.rule ?? "-",
                    entry.deadline?.description ?? "-",
                ]
            })
        Output.lines(table.lines(isColoured: Output.isColoured))
    }

    private static func printJSON(
        _ journal: JournalState, _ entries: some Collection<StatusEntry>
    ) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("daemon")
        writer.string(journal.daemon)
        writer.key("policy")
        writer.optional(journal.state.policy?.hash.description)
        writer.key("mode")
        writer.optional(journal.state.policy?.mode.rawValue)
        writer.key("as_of")
        writer.optional(journal.recovered.lastAt?.description)
        Shutters(in: journal.state).write(to: &writer)
        writer.key("operations")
        writer.beginArray()
        for entry in entries {
            writer.beginObject()
            writer.key("state")
            writer.string(entry.state)
            writer.key("service")
            writer.string(entry.service)
            writer.key("name")
            writer.string(entry.name)
            writer.key("since")
            writer.string(entry.since.description)
            writer.key("rule")
            writer.optional(entry.rule)
            writer.key("deadline")
            writer.optional(entry.deadline?.description)
            writer.endObject()
            Output.pieces(of: &writer)
        }
        writer.endArray()
        writer.endObject()
        Output.bytes(writer.takeBytes() + [UInt8(ascii: "\n")])
    }
}
