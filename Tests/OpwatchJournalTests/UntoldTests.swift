import DiskSimulator
import Glibc
import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("What a journal that is down could not tell")
struct UntoldTests {
    private let memory: MemoryDisk

    init() {
        // Behind the calls of the start the first one for a batch fails.
        let probe = MemoryDisk()
        do {
            var journal = try Journal.open(
                directory: "/journal", now: .start, version: "1", disk: probe.disk)
            journal.start(checkpoint: [], at: .start)
        } catch {
            preconditionFailure("a healthy disk: \(error)")
        }
        memory = MemoryDisk(
            fault: MemoryDisk.Fault(
                failing: probe.calls.count..<(probe.calls.count + 1), code: ENOSPC))
    }

    private func open() throws -> Journal {
        var journal = try Journal.open(
            directory: "/journal", now: .start, version: "1", process: .testing, disk: memory.disk)
        journal.start(checkpoint: [], at: .start)
        return journal
    }

    private func history() throws -> [JournalRecord] {
        try JournalInspection.history(directory: "/journal", disk: memory.disk)
    }

    private let operation = JournalRecord.operation("projects/acme/operations/1")
    private let finished = JournalRecord.finished(
        JournalRecord.operation("projects/acme/operations/1"), code: 0)

    @Test("is told by the next file, in order and once, and not folded again")
    func restated() throws {
        var journal = try open()
        let would = JournalRecord.wouldCancel(
            JournalRecord.WouldCancel(
                operation: operation, rule: "r", clock: .total, age: .seconds(2),
                timeout: .seconds(1)))
        #expect(throws: JournalError.self) {
            try journal.append([.seen(1), would], at: .start)
        }
        // Down: nothing is written, and yet it is not forgotten.
        #expect(throws: JournalError.self) { try journal.append([finished], at: .start) }
        let isRepaired = journal.repair(checkpoint: [], at: .start)
        #expect(isRepaired)
        try journal.append([.seen(2)], at: .start)
        journal.repair(checkpoint: [.seen(2)], at: .start)
        _ = consume journal
        #expect(try history().filter { $0 == would || $0 == finished } == [would, finished])
        var replay = Replay()
        _ = try JournalInspection.read(directory: "/journal", disk: memory.disk) {
            replay.take($0)
        }
        #expect(replay.misfit == nil)
        #expect(replay.state.operationCount == 1)
    }

    @Test("is never an intent: one that was not durable was not decided")
    func intent() throws {
        var journal = try open()
        #expect(throws: JournalError.self) {
            _ = try journal.record(intent: JournalRecord.intentFields(9), at: .start)
        }
        journal.repair(checkpoint: [], at: .start)
        #expect(!(try history().contains { if case .intent = $0 { true } else { false } }))
    }

    @Test("does not keep what no line can hold, which would stand in the way of all the rest")
    func unwritable() throws {
        var journal = try open()
        #expect(throws: JournalError.self) { try journal.append([.close], at: .start) }
        let long = JournalRecord.operation(String(repeating: "x", count: 1_025))
        #expect(throws: JournalError.self) {
            try journal.append([.vanished(long), finished], at: .start)
        }
        let isRepaired = journal.repair(checkpoint: [], at: .start)
        #expect(isRepaired)
        #expect(try history().last == finished)
    }

    @Test("is bounded, and what is too much is counted")
    func bound() throws {
        var journal = try open()
        let withdrawn = JournalRecord.withdrawn(IntentID(1), reason: "")
        let ends = [JournalRecord](repeating: finished, count: Untold.endsMax + 1)
        #expect(throws: JournalError.self) { try journal.append(ends, at: .start) }
        // Ends of operations leave room for what an auditor asks for first.
        let rest = [JournalRecord](
            repeating: withdrawn, count: Untold.countMax - Untold.endsMax + 1)
        #expect(throws: JournalError.self) { try journal.append(rest, at: .start) }
        let isRepaired = journal.repair(checkpoint: [], at: .start)
        #expect(isRepaired)
        let told = try history()
        #expect(told.count { $0 == finished } == Untold.endsMax)
        #expect(told.count { $0 == withdrawn } == Untold.countMax - Untold.endsMax)
        let dropped = [journal.takeUntoldCount(), journal.takeUntoldCount()]
        #expect(dropped == [2, 0])
    }
}
