import DiskSimulator
import Foundation
import Glibc
import OpwatchCore
import Synchronization
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("The journal")
struct JournalTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let firstFile = "journal-00000000000000000001.jsonl"

    @Test("writes nothing before start")
    func openWritesNothing() throws {
        let journal = try scratch.open()
        #expect(scratch.names == [])
        #expect(journal.recovered.tail == .absent)
        #expect(journal.health != .healthy)
    }

    @Test("makes its directory, for owner and group only")
    func directory() throws {
        let path = scratch.path + "/state"
        let journal = try Journal.open(directory: path, now: .start, version: "1")
        #expect(journal.lastSeq == 0)
        #expect(scratch.names == ["state"])
    }

    @Test("begins with header, ready and open")
    func beginning() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        #expect(journal.health == .healthy)
        #expect(scratch.names == [Self.firstFile])
        var lines: [String] = []
        _ = try JournalInspection.dump(directory: scratch.path) { lines.append($0) }
        let time = "2026-01-01T00:00:00Z"
        #expect(
            lines == [
                "\(time)  1  header  format=1  min=1  afterSeq=0  afterBytes=0  boot=b-1  "
                    + "build=1.0.0  pid=4711  host=night",
                "\(time)  2  ready  lines=0",
                "\(time)  3  open  boot=b-1  pid=4711  host=night  version=1.0.0  clean=true",
            ])
    }

    @Test("gives back what was appended, in order")
    func appendAndRead() throws {
        try scratch.journal(JournalRecord.samples.map { [$0] })
        let recovered = try scratch.open().recovered
        #expect(recovered.tail == .clean)
        #expect(scratch.records.dropFirst() == JournalRecord.samples[...])
        #expect(recovered.lastSeq == 3 + Int64(JournalRecord.samples.count))
        #expect(recovered.lastAt == .start)
    }

    @Test("goes on in the same file after a restart, and says whether the end was clean")
    func restart() throws {
        var first = try scratch.open()
        first.start(checkpoint: [], at: .start)
        try first.close(at: .start)
        _ = consume first
        var second = try scratch.open()
        #expect(second.recovered.isClosed)
        second.start(checkpoint: [], at: .start)
        _ = consume second
        let third = try scratch.open()
        #expect(!third.recovered.isClosed)
        #expect(scratch.names == [Self.firstFile])
        let opens = scratch.records.filter { !$0.isState }
        #expect(
            opens == [
                .open(pid: 4711, host: "night", version: "1.0.0", boot: "b-1", clean: true),
                .close,
                .open(pid: 4711, host: "night", version: "1.0.0", boot: "b-1", clean: true),
            ])
    }

    @Test("makes a page of 1,000 new operations durable with one write and one sync")
    func oneSync() throws {
        let memory = MemoryDisk()
        var journal = try Journal.open(
            directory: "/journal", now: .start, version: "1.0.0", disk: memory.disk)
        journal.start(checkpoint: [], at: .start)
        let before = memory.calls.count
        try journal.append((0..<1_000).map { .seen($0) }, at: .start)
        #expect(
            Array(memory.calls[before...]) == ["checkDirectory", "checkFile", "write", "syncFile"])
        #expect(memory.syncedImage == memory.image)
    }

    @Test("writes nothing where nothing happens")
    func steadyState() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        let before = try scratch.read(Self.firstFile)
        try journal.append([], at: .start + .seconds(60))
        let isDue = journal.needsRoll(at: .start + .seconds(60))
        #expect(!isDue)
        #expect(try scratch.read(Self.firstFile) == before)
    }

    @Test("proves an intent only when it is durable")
    func intent() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        let recorded = try journal.record(intent: JournalRecord.intentFields(9), at: .start)
        #expect(recorded.intent.id == IntentID(9))
        _ = try scratch.look()
        #expect(scratch.records.last == .intent(JournalRecord.intentFields(9)))
    }

    @Test("cannot record before start and after close")
    func stages() throws {
        var journal = try scratch.open()
        #expect(throws: JournalError.self) { try journal.append([.close], at: .start) }
        let isRepairedBefore = journal.repair(checkpoint: [], at: .start)
        #expect(!isRepairedBefore)
        #expect(scratch.names == [])
        journal.start(checkpoint: [], at: .start)
        try journal.close(at: .start)
        #expect(throws: JournalError.self) { try journal.append([.close], at: .start) }
        let isRepairedAfter = journal.repair(checkpoint: [], at: .start)
        #expect(!isRepairedAfter)
    }

    @Test("refuses a record that no line can hold, and stays healthy")
    func unwritable() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        let before = try scratch.read(Self.firstFile)
        let long = JournalRecord.operation(String(repeating: "x", count: 1_025))
        #expect(throws: JournalError.self) {
            try journal.append([.close, .unlisted(long)], at: .start)
        }
        #expect(journal.health == .healthy)
        #expect(try scratch.read(Self.firstFile) == before)
    }

    @Test("rolls into a file that goes on densely and holds the same state")
    func roll() throws {
        let state = (1...3).map { JournalRecord.seen($0) }
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        try journal.append(state, at: .start)
        #expect(journal.lastSeq == 6)
        let isRepaired = journal.repair(checkpoint: state, at: .start)
        #expect(isRepaired)
        try journal.append([.seen(4)], at: .start)
        #expect(scratch.names == [Self.firstFile, "journal-00000000000000000007.jsonl"])
        _ = consume journal
        let recovered = try scratch.open().recovered
        #expect(recovered.tail == .clean)
        #expect(scratch.records == state + [.seen(4)])
        #expect(try JournalInspection.verify(directory: scratch.path).exitCode == 0)
    }

    @Test("rolls at start for another version of the program")
    func upgrade() throws {
        try scratch.journal([[.seen(1)]])
        var journal = try scratch.open(version: "1.1.0")
        journal.start(checkpoint: [.seen(1)], at: .start)
        #expect(scratch.names.count == 2)
        #expect(journal.health == .healthy)
        _ = consume journal
        _ = try scratch.open(version: "1.1.0").recovered
        #expect(scratch.records.filter(\.isState) == [.seen(1)])
        #expect(
            scratch.records.last
                == .open(pid: 4711, host: "night", version: "1.1.0", boot: "b-1", clean: false))
    }

    @Test(
        "wants a new file after a day with records, whichever way the clock went",
        arguments: [(86_399, false), (86_400, true), (-86_399, false), (-86_400, true)])
    func age(seconds: Int64, isDue: Bool) throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        let later = Timestamp.start + .seconds(seconds)
        let isDueWithoutTime = journal.needsRoll(at: later)
        #expect(!isDueWithoutTime, "no service told the time")
        journal.note(serverTime: .start, at: .start)
        let isDueBefore = journal.needsRoll(at: later)
        #expect(isDueBefore == isDue)
        journal.repair(checkpoint: [], at: .start)
        let isDueAfter = journal.needsRoll(at: later)
        #expect(!isDueAfter)
    }

    @Test("wants a new file when the records outgrow 8 MiB")
    func size() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        let text = String(repeating: "\u{1}", count: 1_024)
        let batch = [JournalRecord](
            repeating: .deferred(JournalRecord.operation(text), reason: text), count: 340)
        try journal.append(batch, at: .start)
        let isDueAtFirst = journal.needsRoll(at: .start)
        #expect(!isDueAtFirst)
        try journal.append(batch, at: .start)
        let isDueAtLast = journal.needsRoll(at: .start)
        #expect(isDueAtLast)
    }

    @Test("keeps lines of later kinds over a roll, as they are")
    func unknownKinds() throws {
        try scratch.journal([[.seen(1)]])
        let rest = #""at":"2027-01-01T00:00:00Z","kind":"override","op":"x","until":[1,2.5]}"#
        var encoder = LineEncoder()
        try encoder.append(
            .preserved(kind: "override", rest: Array(rest.utf8)), seq: 5, synced: 4, at: .start)
        try scratch.write(try scratch.read(Self.firstFile) + encoder.bytes, to: Self.firstFile)

        for round in 1...2 {
            var journal = try scratch.open()
            #expect(journal.recovered.tail == .clean)
            let state = scratch.records.filter(\.isState)
            #expect(state == [.seen(1), .unknown(kind: "override")], "round \(round)")
            journal.start(checkpoint: state, at: .start)
            let isRepaired = journal.repair(checkpoint: state, at: .start)
            #expect(isRepaired)
        }
        let newest = try #require(scratch.names.last)
        let text = String(decoding: try scratch.read(newest), as: UTF8.self)
        #expect(text.split(separator: "\n").filter { $0.hasSuffix(rest) }.count == 1)
    }

    @Test("begins no file near the end of all numbers", arguments: [(0, true), (1, false)])
    func lastFirst(beyond: Int64, isHealthy: Bool) throws {
        let claimed = JournalFile.firstMax - 1 + beyond
        try scratch.write([], to: JournalFile(first: claimed).name)
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        guard case .down(let reason, _, _) = journal.health else {
            #expect(isHealthy)
            return
        }
        #expect(!isHealthy)
        #expect(reason.contains("would be \(claimed + 1), at most \(JournalFile.firstMax)"))
    }

    @Test("syncs the names of a policy's text again where that has failed")
    func policyTextAgain() throws {
        let failing = Mutex(1)
        let synced = Mutex(0)
        var disk = Disk.live
        disk.syncDirectory = { directory in
            let fails = failing.withLock { left in
                left -= 1
                return left == 0
            }
            if !fails { synced.withLock { $0 += 1 } }
            return fails ? -EIO : Disk.live.syncDirectory(directory)
        }
        let journal = try scratch.open(disk: disk)
        let hash = PolicyHash("0123456789abcdef")
        // The name of the directory twice, of the text when it is made, and when it is there.
        for call in [1, 1, 2, 2] {
            failing.withLock { $0 = call }
            #expect(throws: JournalError.self, "call \(call)") {
                try journal.storePolicyText([1], hash: hash)
            }
        }
        synced.withLock { $0 = 0 }
        try journal.storePolicyText([1], hash: hash)
        #expect(synced.withLock { $0 } == 2)
    }

    @Test("keeps the text of each policy once")
    func policyText() throws {
        let journal = try scratch.open()
        let hash = PolicyHash("0123456789abcdef")
        try journal.storePolicyText(Array("mode: observe\n".utf8), hash: hash)
        let before =
            try FileManager.default.attributesOfItem(
                atPath: "\(scratch.path)/policies/0123456789abcdef.yaml")[.systemFileNumber] as? Int
        try journal.storePolicyText(Array("mode: observe\n".utf8), hash: hash)
        let after =
            try FileManager.default.attributesOfItem(
                atPath: "\(scratch.path)/policies/0123456789abcdef.yaml")[.systemFileNumber] as? Int
        #expect(before == after)
        #expect(scratch.names == ["policies"])
        #expect(
            try scratch.read("policies/0123456789abcdef.yaml") == Array("mode: observe\n".utf8))
        #expect(throws: JournalError.self) {
            try journal.storePolicyText([], hash: PolicyHash("../../etc/passwd"))
        }
    }

    @Test(
        "puts the text of a policy in the place of whatever else is there",
        arguments: ["", "mode: observe", "mode: observe\n\n", "fifo", "link"])
    func otherPolicyText(content: String) throws {
        let journal = try scratch.open()
        let path = "\(scratch.path)/policies/0123456789abcdef.yaml"
        try FileManager.default.createDirectory(
            atPath: "\(scratch.path)/policies", withIntermediateDirectories: true)
        switch content {
        case "fifo": #expect(mkfifo(path, 0o600) == 0)
        case "link": #expect(symlink("/dev/null", path) == 0)
        default: try scratch.write(content.utf8, to: "policies/0123456789abcdef.yaml")
        }
        let text = Array("mode: observe\n".utf8)
        try journal.storePolicyText(text, hash: PolicyHash("0123456789abcdef"))
        #expect(try scratch.read("policies/0123456789abcdef.yaml") == text)
    }

    @Test("leaves names alone that are none of its own, and reports them")
    func ignored() throws {
        try scratch.journal([])
        try scratch.write([], to: "journal-1.jsonl")
        try scratch.write([], to: "README")
        var journal = try scratch.open()
        #expect(journal.recovered.ignored == ["README", "journal-1.jsonl"])
        journal.start(checkpoint: [], at: .start)
        #expect(scratch.names.contains("README"))
        #expect(journal.health == .healthy)
    }
}
