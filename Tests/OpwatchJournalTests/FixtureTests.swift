import Foundation
import OpwatchCore
import Testing

@testable import OpwatchJournal

/// A directory of format 1 as it was written once: history, three files, a line of a later kind,
/// accepted damage, a cancel without its answer, and a torn tail. It is never made anew.
@Suite("A journal of format 1")
struct FixtureTests {
    private let scratch: Scratch

    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/journal-format-1")

    init() throws {
        scratch = try Scratch()
        let state = Self.folder.appendingPathComponent("state").path
        for name in try FileManager.default.contentsOfDirectory(atPath: state) {
            try FileManager.default.copyItem(
                atPath: "\(state)/\(name)", toPath: "\(scratch.path)/\(name)")
        }
    }

    private func replay() throws -> (Replay, Recovered) {
        var replay = Replay()
        let recovered = try JournalInspection.read(directory: scratch.path) { replay.take($0) }
        return (replay, recovered)
    }

    /// What must be known of it for ever.
    private func expectState(_ state: WatchState) throws {
        func operation(_ number: Int) -> OperationIdentity {
            JournalRecord.operation("projects/acme/operations/\(number)")
        }
        #expect(state.operationCount == 4)
        for gone in [1, 2, 5] { #expect(state.find(operation(gone)) == nil) }
        #expect(state.policy?.hash == PolicyHash("17c2703e771d4330"))
        #expect(state.policy?.mode == .enforce)
        #expect(state.breakers.isEmpty && state.damage == nil)
        #expect(state.unsupported.all.count == 1)
        let refused = try #require(state.find(operation(4)).flatMap { state.cancel($0) })
        guard case .ended(.refused, _) = refused.state else {
            Issue.record("not refused: \(refused.state)")
            return
        }
        let unanswered = try #require(state.find(operation(6)))
        #expect(state.cancel(unanswered)?.state == .recorded)
        #expect(state.tables[unanswered.table].warnings[unanswered.slot]?.mode == .enforce)
        // Each intent that was neither withdrawn nor refused.
        #expect(state.spent.entries.count == 2)
    }

    @Test("verifies, with its torn tail noted, and is read without being changed")
    func verify() throws {
        let before = scratch.names
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.exitCode == 0)
        #expect(report.files.map(\.lines) == [7, 15, 25, 18])
        #expect(report.files.first?.state == .thinned)
        guard case .torn(let bad)? = report.files.last?.state else {
            Issue.record("not torn")
            return
        }
        #expect(bad.line == 19 && bad.offset == 4_007)
        #expect(scratch.names == before)
    }

    @Test("tells an auditor what it always told")
    func dump() throws {
        var lines: [String] = []
        _ = try JournalInspection.dump(directory: scratch.path) { lines.append($0) }
        let expected = try String(
            contentsOf: Self.folder.appendingPathComponent("dump.txt"), encoding: .utf8)
        #expect(lines == expected.split(separator: "\n").map(String.init))
    }

    @Test("folds to the state that it stood for, over a roll and a restart too")
    func fold() throws {
        var (replay, recovered) = try replay()
        #expect(replay.misfit == nil)
        #expect(recovered.lastSeq == 70)
        try expectState(replay.state)
        for round in 1...2 {
            var journal = try scratch.open(version: "9.\(round)")
            journal.start(checkpoint: replay.state.checkpoint(), at: .start)
            #expect(journal.health == .healthy)
            _ = consume journal
            (replay, recovered) = try self.replay()
            #expect(replay.misfit == nil && recovered.tail == .clean)
            try expectState(replay.state)
        }
        #expect(try JournalInspection.verify(directory: scratch.path).exitCode == 0)
    }

    @Test("gives its line of a later kind to the next file, byte for byte")
    func laterKind() throws {
        let rest =
            #""at":"2026-01-04T01:00:00Z","kind":"override","op":"projects/acme/operations/7","#
            + #""until":["2026-01-05T00:00:00Z",2.5]}"#
        let replay = try replay().0
        var journal = try scratch.open()
        journal.start(checkpoint: replay.state.checkpoint(), at: .start)
        let newest = try #require(scratch.names.last { $0.hasPrefix("journal-") })
        #expect(newest == "journal-00000000000000000071.jsonl")
        let text = String(decoding: try scratch.read(newest), as: UTF8.self)
        #expect(text.contains(rest + "\n"))
    }
}
