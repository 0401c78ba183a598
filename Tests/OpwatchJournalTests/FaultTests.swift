import Glibc
import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("A disk that fails")
struct FaultTests {
    /// Uses a journal as the watcher does: a batch counts once its append returned, or once a
    /// repair with a checkpoint that has it succeeded.
    private struct Session: ~Copyable {
        var journal: Journal
        var state: [JournalRecord] = []
        var acknowledged: [JournalRecord] = []

        mutating func run() {
            journal.start(checkpoint: [], at: .start)
            recover()
            for number in 1...4 {
                append(.seen(number))
                if number == 2 { roll() }
            }
        }

        private mutating func append(_ record: JournalRecord) {
            state.append(record)
            do {
                try journal.append([record], at: .start)
                acknowledged = state
            } catch {
                recover()
            }
        }

        private mutating func roll() {
            if journal.repair(checkpoint: state, at: .start) { acknowledged = state }
            recover()
        }

        private mutating func recover() {
            guard journal.health != .healthy else { return }
            if journal.repair(checkpoint: state, at: .start) { acknowledged = state }
        }
    }

    private static let callCount = 20

    @Test("the script of these tests makes as many calls as they fail one by one")
    func script() throws {
        let scratch = try Scratch()
        let faulty = FaultyDisk(failing: 0..<0)
        var session = Session(journal: try scratch.open(disk: faulty.disk))
        session.run()
        #expect(faulty.calls.count == Self.callCount)
    }

    @Test(
        "any one failing call loses nothing that was acknowledged, and one repair heals it",
        arguments: FaultyDisk.Fault.allCases, 0..<callCount)
    func oneFailure(fault: FaultyDisk.Fault, call: Int) throws {
        let scratch = try Scratch()
        let faulty = FaultyDisk(failing: call..<(call + 1), fault)
        var session = Session(journal: try scratch.open(disk: faulty.disk))
        session.run()
        #expect(session.journal.health == .healthy)
        #expect(session.acknowledged == (1...4).map { .seen($0) })
        try expectRecovered(session.acknowledged, scratch, after: session)
    }

    @Test(
        "any call from which on nothing works leaves what was acknowledged",
        arguments: FaultyDisk.Fault.allCases, 0..<callCount)
    func lastingFailure(fault: FaultyDisk.Fault, call: Int) throws {
        let scratch = try Scratch()
        let faulty = FaultyDisk(failing: call..<Int.max, fault, code: ENOSPC)
        var session = Session(journal: try scratch.open(disk: faulty.disk))
        session.run()
        #expect(session.journal.health != .healthy || session.acknowledged.count == 4)
        try expectRecovered(session.acknowledged, scratch, after: session)
    }

    /// Lets the session die and reads what it left: all that was acknowledged, then a start that
    /// needs nobody.
    private func expectRecovered(
        _ acknowledged: [JournalRecord], _ scratch: Scratch, after session: consuming Session
    ) throws {
        let state = session.state
        _ = consume session
        var next = try scratch.open()
        let found = scratch.records.filter(\.isState)
        #expect(!next.recovered.isDamaged)
        #expect(found.starts(with: acknowledged))
        #expect(state.starts(with: found))
        next.start(checkpoint: found, at: .start)
        #expect(next.health == .healthy)
        #expect(scratch.names.allSatisfy { !$0.hasSuffix(".tmp") })
        #expect(try JournalInspection.verify(directory: scratch.path).exitCode == 0)
        _ = consume next
        let again = try scratch.open().recovered
        #expect(scratch.records.filter(\.isState) == found)
        #expect(again.tail == .clean)
    }

    @Test(
        "a file is never written or synced again after a failure",
        arguments: [("write", 0), ("syncFile", 1)])
    func noSecondSync(name: String, position: Int) throws {
        let scratch = try Scratch()
        let counting = FaultyDisk(failing: 0..<0)
        var probe = try scratch.open(disk: counting.disk)
        probe.start(checkpoint: [], at: .start)
        let callsBefore = counting.calls.count
        _ = consume probe

        let other = try Scratch()
        let faulty = FaultyDisk(failing: (callsBefore + position)..<(callsBefore + position + 1))
        var journal = try other.open(disk: faulty.disk)
        journal.start(checkpoint: [], at: .start)
        #expect(throws: JournalError.self) { try journal.append([.seen(1)], at: .start) }
        #expect(throws: JournalError.self) { try journal.append([.seen(2)], at: .start) }
        #expect(faulty.calls.last == name + " fails")
        journal.repair(checkpoint: [.seen(1), .seen(2)], at: .start)
        #expect(
            Array(faulty.calls.dropFirst(callsBefore + position + 1))
                == ["remove", "create", "write", "syncFile", "rename", "syncDirectory"])
    }

    @Test("an interrupted write goes on")
    func interrupted() throws {
        let scratch = try Scratch()
        var disk = Disk.live
        let faulty = FaultyDisk(failing: 0..<3, code: EINTR)
        disk.write = faulty.disk.write
        var journal = try scratch.open(disk: disk)
        journal.start(checkpoint: [], at: .start)
        #expect(journal.health == .healthy)
        #expect(faulty.calls.prefix(4) == ["write fails", "write fails", "write fails", "write"])
    }

    @Test("retries wait 1 s, then twice as long each, up to 5 min, and begin anew after success")
    func backoff() throws {
        let scratch = try Scratch()
        let faulty = FaultyDisk(failing: 0..<20, code: ENOSPC)
        var disk = Disk.live
        disk.create = faulty.disk.create
        var journal = try scratch.open(disk: disk)
        journal.start(checkpoint: [], at: .start + .seconds(1))
        var waits: [Int64] = []
        while case .down(let reason, let since, let retryAfter) = journal.health {
            #expect(reason.hasSuffix("No space left on device"))
            #expect(since == .start)
            waits.append(retryAfter.components.seconds)
            journal.repair(checkpoint: [], at: .start + .seconds(2))
        }
        #expect(waits.prefix(11) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        #expect(waits.count == 20)
        #expect(journal.health == .healthy)
        _ = try scratch.look()
        let records = scratch.records
        #expect(records.count == 1, "the line `open` comes with the first success")
    }

    @Test("retries wait longer each also where only a checkpoint finds room, which leaves no file")
    func backoffOfFirstLines() throws {
        let scratch = try Scratch()
        var disk = Disk.live
        // Room for a file without its first records.
        disk.write = { file, bytes in
            bytes.count > 2_000 ? -Int(ENOSPC) : Disk.live.write(file, bytes)
        }
        var journal = try scratch.open(disk: disk)
        journal.start(checkpoint: [], at: .start)
        let long = JournalRecord.deferred(
            JournalRecord.operation(), reason: String(repeating: "x", count: 1_000))
        let told = JournalRecord.withdrawn(
            IntentID(1), reason: String(repeating: "x", count: 1_000))
        let files = scratch.names
        #expect(throws: JournalError.self) {
            try journal.append([long, told, told], at: .start + .seconds(5))
        }
        var waits: [Int64] = []
        for _ in 0..<4 {
            journal.repair(checkpoint: [], at: .start + .seconds(9))
            guard case .down(_, let since, let retryAfter) = journal.health else {
                Issue.record("must be down")
                return
            }
            #expect(since == .start + .seconds(5))
            waits.append(retryAfter.components.seconds)
        }
        #expect(waits == [2, 4, 8, 16])
        #expect(scratch.names == files, "no file without its first records")
    }

    @Test("a crash between writing aside and renaming changes nothing")
    func crashBeforeRename() throws {
        let scratch = try Scratch()
        try scratch.journal([[.seen(1)]])
        var disk = Disk.live
        disk.rename = { _, _, _ in -EIO }
        disk.remove = { _, _ in -EIO }
        var journal = try scratch.open(disk: disk)
        journal.start(checkpoint: [.seen(1)], at: .start)
        try journal.append([.seen(2)], at: .start)
        let isRepaired = journal.repair(checkpoint: [.seen(1), .seen(2)], at: .start)
        #expect(!isRepaired)
        _ = consume journal
        #expect(scratch.names.contains { $0.hasSuffix(".tmp") })
        var next = try scratch.open()
        #expect(next.recovered.tail == .clean)
        #expect(scratch.records.filter(\.isState) == [.seen(1), .seen(2)])
        #expect(scratch.names.contains { $0.hasSuffix(".tmp") }, "reading removes nothing")
        next.start(checkpoint: [], at: .start)
        #expect(!scratch.names.contains { $0.hasSuffix(".tmp") })
    }
}
