import DiskSimulator
import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

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
        let report = try JournalInspection.verify(directory: Days.path, disk: memory.disk)
        #expect(report.files.map(\.state) == [.thinned, .thinned, .thinned, .whole])
        var warnings = 0
        _ = try JournalInspection.dump(directory: Days.path, disk: memory.disk) { line in
            if line.contains("  warned  ") { warnings += 1 }
        }
        #expect(warnings == 3)
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
