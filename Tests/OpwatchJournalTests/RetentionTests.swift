import DiskSimulator
import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("Files that no start needs")
struct RetentionTests {
    private static let first = "journal-00000000000000000001.jsonl"

    @Test("stay as long as no service has told the time")
    func noTime() throws {
        let days = try Days(5)
        #expect(try days.retain(.days(1), at: nil) == [])
        #expect(days.names("history") == [])
    }

    @Test(
        "are thinned strictly after `keep`, by the time of the services",
        arguments: [(0, 0, 0), (30, 0, 0), (30, 1, 1), (31, 1, 2)])
    func keep(day: Int, seconds: Int64, thinned: Int) throws {
        let days = try Days(5)
        let steps = try days.retain(.days(30), at: Days.time(day: day) + .seconds(seconds))
        #expect(steps.count == thinned)
        #expect(days.names("history").count == thinned)
        #expect(days.names("journal").count == 6 - thinned)
        #expect(try days.verify().exitCode == 0)
    }

    @Test("stay if they are one of the newest two, whatever the time")
    func newest() throws {
        let days = try Days(5)
        let late = Days.time(day: 3_000)
        #expect(try days.retain(.days(1, audit: 3_650), at: late).count == 4)
        #expect(days.names("journal").count == 2)
        #expect(try days.retain(.days(1, audit: 3_650), at: late) == [])
        #expect(try days.verify().exitCode == 0)
    }

    @Test("stay if a start would need them, where a file between them is of no use")
    func fallback() throws {
        // The newest file's checkpoint is broken; the next start goes on from the one before.
        var image = try Days(2).memory.image
        let broken = try #require(image.files.keys.max())
        image.files[broken]?[100] ^= 1
        let days = try Days(0, on: MemoryDisk(image))
        let names = days.names("journal")
        #expect(names.count == 4 && names[2] == broken)
        _ = try days.retain(.days(1), at: Days.time(day: 100))
        #expect(days.names("journal") == Array(names.dropFirst()))
        #expect(days.names("history").count == 1)
    }

    @Test("are thinned to their audit lines, byte for byte, behind one line that counts them")
    func verbatim() throws {
        let days = try Days(3)
        let before = String(
            decoding: try #require(days.memory.image.files[Self.first]), as: UTF8.self
        ).split(separator: "\n")
        let audit = before.filter {
            $0.contains(#""kind":"warned""#) || $0.contains(#""kind":"open""#)
        }
        #expect(audit.count == 2 && before.count == 6)
        #expect(
            try days.retain(.days(1), at: Days.time(day: 2)) == [
                .thinned(file: Self.first, kept: 2, of: 6)
            ])
        let name = "history-00000000000000000001-00000000000000000006.jsonl"
        #expect(days.names("history") == [name])
        let after = String(
            decoding: try #require(days.memory.image.files[name]), as: UTF8.self
        ).split(separator: "\n")
        #expect(Array(after.dropFirst()) == audit)
        let head =
            #""kind":"history","afterSeq":0,"afterBytes":0,"lines":2,"#
            + #""serverTime":"2026-01-01T00:00:00Z"}"#
        #expect(after[0].hasSuffix(head))
    }

    @Test("tell an auditor the same as before, and a start finds the same state")
    func same() throws {
        let days = try Days(6)
        func audit() throws -> [JournalRecord] {
            try JournalInspection.history(directory: Days.path, disk: days.memory.disk)
                .filter(\.isAudit)
        }
        let before = try audit()
        #expect(before.count == 7)
        #expect(try days.retain(.days(1), at: Days.time(day: 9)).count == 5)
        // Taking the journal up again was one line.
        #expect(try audit().dropLast() == before[...])
        #expect(try days.dump().filter { $0.contains("  warned  ") }.count == 6)
        var replay = Replay()
        _ = try JournalInspection.read(directory: Days.path, disk: days.memory.disk) {
            replay.take($0)
        }
        #expect(StateFingerprint(replay.state) == StateFingerprint(days.state))
    }

    @Test(
        "go for good strictly after `keep_audit`",
        arguments: [(400, 0), (401, 1), (403, 3), (3_000, 4)])
    func keepAudit(day: Int, removed: Int) throws {
        let days = try Days(5)
        _ = try days.retain(.days(30), at: Days.time(day: 60))
        #expect(days.names("history").count == 4)
        let steps = try days.retain(.days(30), at: Days.time(day: day))
        #expect(steps.count == removed)
        #expect(
            steps.allSatisfy { if case .removed = $0 { true } else { false } })
        #expect(days.names("history").count == 4 - removed)
        #expect(try days.verify().exitCode == 0)
    }

    @Test("are thinned before their time where all are too large, the oldest first")
    func tooLarge() throws {
        let days = try Days(5)
        let bytes = days.memory.image.files.values.reduce(0) { $0 + Int64($1.count) }
        #expect(try days.retain(.days(30, bytesMax: bytes + 1_000), at: Days.time(day: 4)) == [])
        let one = try days.retain(.days(30, bytesMax: bytes - 1), at: Days.time(day: 4))
        #expect(one == [.thinned(file: Self.first, kept: 2, of: 6)])
        let all = try days.retain(.days(30, bytesMax: 100), at: Days.time(day: 4))
        #expect(all.count == 4)
        guard case .tooLarge(_, allowed: 100)? = all.last else {
            Issue.record("not told: \(all)")
            return
        }
        #expect(days.names("history").count == 4, "audit lines are never cut short")
        #expect(days.names("journal").count == 2)
    }

    @Test("stay where their bytes are evidence of damage")
    func evidence() throws {
        var days = try Days(1)
        var image = days.memory.image
        // In the line `open`; the next one says that it was durable.
        image.files[Self.first]?[350] ^= 1
        image.files = image.files.filter { $0.key == Self.first }
        days = try Days(4, on: MemoryDisk(image))
        let steps = try days.retain(.days(1), at: Days.time(day: 100))
        #expect(steps.count == 3)
        #expect(days.names("journal").first == Self.first)
        #expect(days.memory.image.files[Self.first] == image.files[Self.first])
        #expect(try days.verify().files.first?.state == .whole, "as far as it counts")
    }

    @Test("stay where a start found two damaged ones, though it tells of one only")
    func twoDamaged() throws {
        var image = try Days(2).memory.image
        let names = image.files.keys.sorted()
        #expect(names.count == 3)
        // A record of the middle file, and the checkpoint of the newest.
        let text = String(decoding: try #require(image.files[names[1]]), as: UTF8.self)
        let record = try #require(text.firstRange(of: #""kind":"warned""#)).lowerBound
        image.files[names[1]]?[record.utf16Offset(in: text)] ^= 1
        image.files[names[2]]?[100] ^= 1
        let days = try Days(4, on: MemoryDisk(image))
        _ = try days.retain(.days(1), at: Days.time(day: 100))
        for name in names.dropFirst() {
            #expect(days.memory.image.files[name] == image.files[name])
        }
        #expect(days.memory.image.files[names[0]] == nil)
    }

    @Test("stay where a start found that their lines contradict one another")
    func contradiction() throws {
        let memory = MemoryDisk()
        var journal = try Journal.open(
            directory: Days.path, now: .start, version: "1.0.0", disk: memory.disk)
        journal.start(checkpoint: [], at: .start)
        try journal.append([.seen(1), .seen(1)], at: .start)
        _ = consume journal

        var replay = Replay()
        var next = try Journal.open(
            directory: Days.path, now: .start, version: "1.0.0", disk: memory.disk
        ) { replay.take($0) }
        next.start(misfit: replay.misfit, checkpoint: replay.state.checkpoint(), at: .start)
        next.note(serverTime: .start, at: .start)
        for _ in 0..<3 { next.repair(checkpoint: replay.state.checkpoint(), at: .start) }
        next.note(serverTime: Days.time(day: 100), at: .start)
        var steps: [RetentionStep] = []
        while let step = try next.retain(.days(1), at: .start) { steps.append(step) }
        #expect(steps.count == 2)
        #expect(memory.image.files[Self.first] != nil)
    }

    @Test("stay where the disk does not give all of them, and do not keep others")
    func unreadable() throws {
        let days = try Days(5)
        let second = days.names("journal")[1]
        let disk = days.memory.disk.unreadable(second)
        var journal = try Journal.open(
            directory: Days.path, now: .start, version: "1.0.0", disk: disk)
        journal.start(checkpoint: days.state.checkpoint(), at: days.now)
        journal.note(serverTime: Days.time(day: 100), at: .start)
        var thinned = 0
        while try journal.retain(.days(1), at: days.now) != nil { thinned += 1 }
        // Nobody knows where the one before the unreadable one ends.
        #expect(thinned == 2)
        #expect(days.names("journal").contains(second))
        let report = try JournalInspection.verify(directory: Days.path, disk: disk)
        #expect(
            report.damage?.description
                == "\(second): line 1, byte 0: cannot be read: Input/output error")
        #expect(report.files.count == 6)
    }

    @Test("are as old as a service tells and the time since then, not as a start believes")
    func age() throws {
        func endings(_ disk: MemoryDisk) throws -> [Timestamp?] {
            let directory = try JournalDirectory(path: Days.path, disk: disk.disk)
            return try JournalChain(directory).links.map(\.endedBy)
        }
        let memory = MemoryDisk()
        var journal = try Journal.open(
            directory: Days.path, now: .start, version: "1.0.0", disk: memory.disk)
        journal.start(checkpoint: [], at: .start)
        journal.repair(checkpoint: [], at: .start)
        #expect(try endings(memory) == [nil, nil])
        // The service is a minute ahead, and does not answer for an hour.
        journal.note(serverTime: .start + .seconds(60), at: .start)
        journal.repair(checkpoint: [], at: .start + .seconds(3_600))
        let ended = Timestamp.start + .seconds(3_660)
        #expect(try endings(memory) == [ended, ended, nil])
        // The local clock goes back.
        journal.repair(checkpoint: [], at: .start + .seconds(-3_600))
        #expect(try endings(memory)[2] == .start + .seconds(60))
        _ = consume journal
        // A start has not asked any service yet.
        var next = try Journal.open(
            directory: Days.path, now: .start, version: "1.0.1", disk: memory.disk)
        next.start(checkpoint: [], at: .start)
        #expect(try endings(memory).suffix(2) == [nil, nil])
    }

    @Test("are both there after a crash in between; they count once, and the end follows")
    func both() throws {
        let days = try Days(3)
        let journalFile = days.memory.image.files[Self.first]
        _ = try days.retain(.days(1), at: Days.time(day: 2))
        var image = days.memory.image
        let lines = try days.dump()
        image.files[Self.first] = journalFile
        let memory = MemoryDisk(image)
        let report = try JournalInspection.verify(directory: Days.path, disk: memory.disk)
        #expect(report.exitCode == 0)
        #expect(report.files.map(\.state) == [.superseded, .whole, .whole, .whole, .whole])
        var journal = try Journal.open(
            directory: Days.path, now: .start, version: "1.0.0", process: .testing,
            disk: memory.disk)
        journal.start(checkpoint: days.state.checkpoint(), at: days.now)
        journal.note(serverTime: Days.time(day: 2), at: .start)
        let step = try journal.retain(.days(1), at: days.now)
        #expect(step == .thinned(file: Self.first, kept: 2, of: 6))
        #expect(memory.image.files[Self.first] == nil)
        _ = consume journal
        var again: [String] = []
        _ = try JournalInspection.dump(directory: Days.path, disk: memory.disk) {
            again.append($0)
        }
        #expect(again.dropLast() == lines[...])
    }

    @Test("keep kinds of a later version, which may be what an auditor asks for")
    func laterKinds() throws {
        let days = try Days(0)
        var image = days.memory.image
        let rest = #""at":"2027-01-01T00:00:00Z","kind":"override","op":"x"}"#
        var encoder = LineEncoder()
        try encoder.append(
            .preserved(kind: "override", rest: Array(rest.utf8)), seq: 4, synced: 3, at: .start)
        image.files[Self.first]? += encoder.bytes
        let later = try Days(3, on: MemoryDisk(image))
        _ = try later.retain(.days(1), at: Days.time(day: 100))
        let history = try #require(later.names("history").first)
        let text = String(decoding: try #require(later.memory.image.files[history]), as: UTF8.self)
        #expect(text.contains(rest))
        #expect(try later.dump().contains { $0.hasSuffix(rest) })
    }
}
