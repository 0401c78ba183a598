import DiskSimulator
import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("The timeline of a journal")
struct TimelineTests {
    private static let wanted = JournalRecord.operation("projects/acme/operations/1")
    private static let other = JournalRecord.operation("projects/acme/operations/2")

    private static func intent(_ id: UInt64, _ operation: OperationIdentity) -> JournalRecord {
        var intent = JournalRecord.intentFields(id)
        intent.operation = operation
        return .intent(intent)
    }

    /// One record a minute.
    private static let records: [JournalRecord] = [
        .policy(hash: PolicyHash("0123456789abcdef"), mode: .enforce, semantics: 1),
        .seen(1), .seen(2),
        intent(1, wanted), intent(2, other),
        .asked(IntentID(1), http: 200, status: "OK"), .withdrawn(IntentID(2), reason: "finished"),
        .verdict(wanted, IntentID(1), .cancelled, late: false, at: .start),
        .finished(other, code: 0),
    ]

    /// Of each line that the filter takes the kind.
    private func kinds(_ filter: TimelineFilter) throws -> [String] {
        let memory = MemoryDisk()
        var journal = try Journal.open(
            directory: "/journal", now: .start, version: "1.0.0", process: .testing,
            disk: memory.disk)
        journal.start(checkpoint: [], at: .start)
        for (minute, record) in Self.records.enumerated() {
            try journal.append([record], at: .start + .seconds(60 * (minute + 1)))
        }
        _ = consume journal
        var kinds: [String] = []
        let report = try JournalInspection.dump(
            directory: "/journal", filter, as: .json, disk: memory.disk
        ) { line in
            let reading = line.split(separator: "\"kind\":\"").last?.prefix { $0 != "\"" }
            kinds.append(String(reading ?? ""))
        }
        #expect(report.damage == nil)
        return kinds
    }

    @Test("shows everything unless told otherwise")
    func everything() throws {
        #expect(
            try kinds(TimelineFilter()) == [
                "header", "ready", "open", "policy", "seen", "seen", "intent", "intent", "asked",
                "withdrawn", "verdict", "finished",
            ])
    }

    @Test("of one operation, with what became of its cancels although that names intents only")
    func operation() throws {
        #expect(
            try kinds(TimelineFilter(operation: Self.wanted.name))
                == ["seen", "intent", "asked", "verdict"])
        #expect(
            try kinds(TimelineFilter(operation: Self.other.name))
                == ["seen", "intent", "withdrawn", "finished"])
        #expect(try kinds(TimelineFilter(operation: "projects/acme/operations/12")) == [])
    }

    @Test("of cancels only, and of both at once")
    func cancels() throws {
        #expect(
            try kinds(TimelineFilter(onlyCancels: true))
                == ["intent", "intent", "asked", "withdrawn", "verdict"])
        #expect(
            try kinds(TimelineFilter(operation: Self.other.name, onlyCancels: true))
                == ["intent", "withdrawn"])
    }

    @Test("since a time, itself included, and with what intents before it belong to")
    func since() throws {
        let sixth = Timestamp.start + .seconds(360)
        #expect(
            try kinds(TimelineFilter(since: sixth)) == [
                "asked", "withdrawn", "verdict", "finished",
            ])
        #expect(
            try kinds(TimelineFilter(since: sixth + .nanoseconds(1)))
                == ["withdrawn", "verdict", "finished"])
        #expect(
            try kinds(TimelineFilter(since: sixth, operation: Self.wanted.name))
                == ["asked", "verdict"])
    }

    @Test("a line for people names the text of its policy, one for programs is JSON")
    func forms() {
        let line = JournalLine(
            seq: 7, synced: 6, at: .start, content: .record(Self.records[0]))
        #expect(
            TimelineForm.text.line(line)
                == "2026-01-01T00:00:00Z  7  policy  hash=0123456789abcdef  mode=enforce  "
                + "semantics=1  text=policies/0123456789abcdef.yaml")
        #expect(
            TimelineForm.json.line(line)
                == #"{"seq":7,"at":"2026-01-01T00:00:00Z","kind":"policy","#
                + #""hash":"0123456789abcdef","mode":"enforce","semantics":1}"#)
    }
}
