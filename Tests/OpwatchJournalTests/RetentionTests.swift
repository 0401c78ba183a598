import DiskSimulator
import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

/// A journal on a disk in memory that begins a new file every day.
private final class Days {
    let memory: MemoryDisk
    private(set) var state = WatchState()
    /// A start at another time would begin a new file.
    let now: Timestamp

    static let path = "/journal"

    /// - Parameter count: each of so many days has one file; behind the last stands one more,
    ///   without records.
    init(_ count: Int, on memory: MemoryDisk = MemoryDisk()) throws {
        self.memory = memory
        now = Self.time(day: max(count - 1, 0))
        var journal = try open()
        journal.start(checkpoint: [], at: .start)
        for day in 0..<count {
            journal.note(serverTime: Self.time(day: day))
            let today = Self.records(of: day)
            for record in today { try state.apply(record) }
            try journal.append(today, at: Self.time(day: day))
            journal.repair(checkpoint: state.checkpoint(), at: Self.time(day: day))
        }
    }

    static func time(day: Int) -> Timestamp { .start + .seconds(Int64(day) * 86_400) }

    private static func records(of day: Int) -> [JournalRecord] {
        let operation = JournalRecord.operation("projects/acme/operations/\(day)")
        return [
            .seen(day),
            .warned(
                JournalRecord.Warned(
                    operation: operation, rule: "slow", clock: .total, deadline: time(day: day),
                    age: .seconds(2_400), timeout: .seconds(2_700), at: time(day: day),
                    mode: .enforce)),
            .finished(operation, code: 0),
        ]
    }

    func open() throws -> Journal {
        try Journal.open(
            directory: Self.path, now: .start, version: "1.0.0", process: .testing,
            disk: memory.disk)
    }

    /// Takes the journal up and does all that is to do at the time.
    func retain(_ retention: Retention, at time: Timestamp?) throws -> [RetentionStep] {
        var journal = try open()
        journal.start(checkpoint: state.checkpoint(), at: now)
        if let time { journal.note(serverTime: time) }
        var steps: [RetentionStep] = []
        while let step = try journal.retain(retention, at: time ?? .start) {
            steps.append(step)
            if case .tooLarge = step { break }
        }
        return steps
    }

    func names(_ prefix: String) -> [String] {
        memory.image.files.keys.filter { $0.hasPrefix(prefix) }.sorted()
    }

    func verify() throws -> JournalReport {
        try JournalInspection.verify(directory: Self.path, disk: memory.disk)
    }

    func dump() throws -> [String] {
        var lines: [String] = []
        _ = try JournalInspection.dump(directory: Self.path, disk: memory.disk) {
            lines.append($0)
        }
        return lines
    }
}

extension Retention {
    fileprivate static func days(
        _ keep: Int64, audit: Int64 = 400, bytesMax: Int64 = 1 << 40
    ) -> Retention {
        var retention = Retention()
        retention.keep = .seconds(keep * 86_400)
        retention.keepAudit = .seconds(audit * 86_400)
        retention.bytesMax = bytesMax
        return retention
    }
}

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
        journal.note(serverTime: Days.time(day: 2))
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

@Suite("A history file")
struct HistoryFileTests {
    private let days: Days
    private let name: String

    init() throws {
        days = try Days(4)
        _ = try days.retain(.days(1), at: Days.time(day: 9))
        name = try #require(days.names("history").first)
    }

    @Test("of which any bit is changed, or that is cut anywhere, is found to be damaged")
    func flips() throws {
        let image = days.memory.image
        let bytes = try #require(image.files[name])
        func expectDamage(_ content: [UInt8], _ what: Comment) throws {
            var other = image
            other.files[name] = content
            let report = try JournalInspection.verify(
                directory: Days.path, disk: MemoryDisk(other).disk)
            #expect(report.exitCode == 65, what)
            #expect(report.damage?.file == name, what)
        }
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                try expectDamage(flipped, "byte \(index), bit \(bit)")
            }
            try expectDamage(Array(bytes[..<index]), "cut at \(index)")
        }
        try expectDamage(bytes + bytes, "doubled")
    }

    @Test("that is damaged or gone does not concern a start")
    func start() throws {
        var image = days.memory.image
        image.files[name] = [1, 2, 3]
        var replay = Replay()
        let found = try JournalInspection.read(
            directory: Days.path, disk: MemoryDisk(image).disk
        ) { replay.take($0) }
        #expect(found.tail == .clean)
        #expect(StateFingerprint(replay.state) == StateFingerprint(days.state))
    }

    @Test("that the next file does not go on from is damage")
    func gap() throws {
        var image = days.memory.image
        let second = try #require(days.names("history").dropFirst().first)
        image.files[second] = nil
        let report = try JournalInspection.verify(
            directory: Days.path, disk: MemoryDisk(image).disk)
        #expect(report.damage?.file == name)
        #expect(report.damage?.what.contains("the next file goes on from seq") == true)
    }

    @Test("without any journal file is damage, and no number is used twice")
    func alone() throws {
        var image = days.memory.image
        image.files = image.files.filter { $0.key.hasPrefix("history") }
        let memory = MemoryDisk(image)
        var journal = try Journal.open(
            directory: Days.path, now: .start, version: "1.0.0", process: .testing,
            disk: memory.disk)
        #expect(journal.recovered.isDamaged)
        journal.start(checkpoint: [], at: .start)
        #expect(journal.health == .healthy)
        let lasts = image.files.keys.compactMap { HistoryFile(name: $0) }.map(\.last)
        let last = try #require(lasts.max())
        #expect(memory.image.files[JournalFile(first: last + 1).name] != nil)
    }

    @Test(
        "has a strict name",
        arguments: [
            "history-00000000000000000002-00000000000000000001.jsonl",
            "history-00000000000000000001-2.jsonl", "history-00000000000000000001.jsonl",
            "history-00000000000000000001_00000000000000000002.jsonl",
            "history-00000000000000000000-00000000000000000002.jsonl",
            "history-00000000000000000001-00000000000000000002.jsonl~",
            "history-0000000000000000000é-00000000000000000002.jsonl",
        ])
    func names(name: String) {
        #expect(HistoryFile(name: name) == nil)
    }

    @Test("that was not finished is removed by the next start, and by nothing else")
    func temporary() throws {
        var image = days.memory.image
        let temporary = HistoryFile(first: 1, last: 9).name + FileSuffix.temporary
        image.files[temporary] = [1]
        let memory = MemoryDisk(image)
        _ = try JournalInspection.verify(directory: Days.path, disk: memory.disk)
        #expect(memory.image.files[temporary] != nil)
        var journal = try Journal.open(
            directory: Days.path, now: .start, version: "1.0.0", process: .testing,
            disk: memory.disk)
        journal.start(checkpoint: days.state.checkpoint(), at: .start)
        #expect(memory.image.files[temporary] == nil)
    }
}
