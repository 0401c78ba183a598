import ArgumentParser
import Glibc
import OpwatchCore
import OpwatchDaemon
import OpwatchJournal
import OpwatchSystemd
import WireFormat

/// `opwatchd status`: what the journal holds as of its last record.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the tracked operations, next deadline first.",
        discussion: """
            Reads the journal beside a running daemon or without one: state as of its last \
            record. How often each rule matches now is what opwatchd plan tells.
            """)

    @OptionGroup var state: StateOption

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let journal = try JournalState.read(state.path)
        if case .damaged(let line) = journal.recovered.tail {
            Output.error("warning: the journal is damaged, this is the state before: \(line.shown)")
        }
        let entries = StatusEntry.all(in: journal.state)
        json ? Output.bytes(Self.json(journal, entries)) : Self.print(journal, entries)
    }

    private static func print(_ journal: JournalState, _ entries: [StatusEntry]) {
        let policy = journal.state.policy.map { "policy \($0.hash), mode \($0.mode.rawValue)" }
        Output.line("\(journal.daemon), \(policy ?? "no policy yet")")
        let last = journal.recovered.lastAt.map { "as of \($0)" } ?? "nothing recorded"
        Output.line("\(entries.count) operations tracked, \(last)")
        if let damage = journal.state.damage {
            Output.line(
                "the journal was damaged in \(damage.shownFile) at byte \(damage.offset): "
                    + "the daemon only observes until opwatchd journal accept-damage")
        }
        for (service, breaker) in journal.state.breakers {
            Output.line("breaker of \(service) open since \(breaker.since): \(breaker.reason)")
        }
        guard !entries.isEmpty else { return }
        Output.line("")
        var table = TextTable("STATE", "SERVICE", "OPERATION", "SINCE", "RULE", "DEADLINE")
        for entry in entries {
            table.add([
                entry.state, entry.service, Untrusted.text(entry.name), entry.since.description,
                entry.rule ?? "-", entry.deadline?.description ?? "-",
            ])
        }
        for line in table.lines(isColoured: Output.isColoured) { Output.line(line) }
    }

    private static func json(_ journal: JournalState, _ entries: [StatusEntry]) -> [UInt8] {
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
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

/// One tracked operation as `status` shows it.
struct StatusEntry {
    let service: String
    let name: String
    let state: String
    let since: Timestamp
    let rule: String?
    let deadline: Timestamp?

    /// Next deadline first, then by age.
    static func all(in state: WatchState) -> [StatusEntry] {
        state.operations.map { StatusEntry($0, in: state) }.sorted { left, right in
            (left.deadline ?? .latest, left.since, left.name)
                < (right.deadline ?? .latest, right.since, right.name)
        }
    }

    private init(_ ref: WatchState.OperationRef, in state: WatchState) {
        let table = state.tables[ref.table]
        let warning = table.warnings[ref.slot]
        let history = table.cancels[ref.slot]
        let isUnlisted = table.flags(ref.slot).contains(.unlisted)
        service = state.partition(ref).service
        name = table.name(ref.slot)
        since = table.since(ref.slot)
        rule = history?.intent.rule ?? warning?.rule
        deadline = history?.intent.deadline ?? warning?.deadline
        self.state =
            history.flatMap(Self.word)
            ?? (isUnlisted ? "unlisted" : warning == nil ? "live" : "warned")
    }

    private static func word(_ history: CancelHistory) -> String? {
        switch history.state {
        case .ended(let verdict, _): verdict.rawValue
        case .recorded: "intent"
        case .answered(.accepted): "asked"
        case .answered(.unanswered), .answered(.missing), .answered(.refused): "unanswered"
        case .answered(.denied), .withdrawn: nil
        }
    }
}

extension JournalState {
    /// Whether the process that wrote last still runs, in words.
    var daemon: String {
        guard let holder = recovered.holder, !recovered.isClosed else {
            return "daemon not running"
        }
        let isAlive = kill(holder.pid, 0) == 0 || errno == EPERM
        return isAlive ? "daemon running (\(holder))" : "daemon not running (it was \(holder))"
    }
}
