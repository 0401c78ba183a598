import DiskSimulator
import OpwatchCore
import Synchronization
import Testing
import WireFormat

@testable import OpwatchJournal

/// Counts what a disk is asked for, and how much of it is not synced.
private final class Meter: Sendable {
    struct Figures {
        var reads = 0
        var writes = 0
        var syncs = 0
        var unsyncedBytes = 0
        var unsyncedBytesMax = 0
    }

    private let figures = Mutex(Figures())

    /// What was counted since the last call.
    func take() -> Figures {
        figures.withLock { figures in
            defer { figures = Figures() }
            return figures
        }
    }

    func disk(_ whole: Disk) -> Disk {
        var disk = whole
        disk.read = { file, buffer in
            self.figures.withLock { $0.reads += 1 }
            return whole.read(file, buffer)
        }
        disk.write = { file, bytes in
            self.figures.withLock { figures in
                figures.writes += 1
                figures.unsyncedBytes += bytes.count
                figures.unsyncedBytesMax = max(figures.unsyncedBytesMax, figures.unsyncedBytes)
            }
            return whole.write(file, bytes)
        }
        disk.syncFile = { file in
            self.figures.withLock { figures in
                figures.syncs += 1
                figures.unsyncedBytes = 0
            }
            return whole.syncFile(file)
        }
        return disk
    }
}

/// Goes on so many times.
private final class Pulse {
    private(set) var count = 0
    private let stopAt: Int?

    init(stopAt: Int? = nil) {
        self.stopAt = stopAt
    }

    func beat() -> Bool {
        count += 1
        return count != stopAt
    }
}

private let operations = (0..<20_000).map(JournalRecord.seen)

extension MemoryDisk {
    fileprivate func open(
        version: String = "1.0.0", disk: Disk? = nil, pulse: () -> Bool = { true },
        _ replay: (ReplayStep) -> Void = { _ in }
    ) throws(JournalError) -> Journal {
        try Journal.open(
            directory: Days.path, now: .start, version: version, process: .testing,
            disk: disk ?? self.disk, replay, pulse: pulse)
    }

    fileprivate func state() throws -> StateFingerprint {
        var replay = Replay()
        _ = try JournalInspection.read(directory: Days.path, disk: disk) { replay.take($0) }
        return StateFingerprint(replay.state)
    }

    /// A journal of these records, not closed.
    fileprivate static func holding(_ records: [JournalRecord]) throws -> MemoryDisk {
        let memory = MemoryDisk()
        var journal = try memory.open()
        journal.start(checkpoint: [], at: .start)
        try journal.append(records, at: .start)
        return memory
    }
}

@Suite("Reading a large journal and beginning a new file")
struct PulseTests {
    @Test("ask every few megabytes whether to go on")
    func asks() throws {
        let memory = try MemoryDisk.holding(operations)
        let bytes = memory.image.files.values.reduce(0) { $0 + $1.count }
        let (reading, rolling) = (Pulse(), Pulse())
        var journal = try memory.open(version: "1.0.1", pulse: reading.beat)
        let isStarted = journal.start(checkpoint: operations, at: .start, pulse: rolling.beat)
        #expect(isStarted && journal.health == .healthy)
        #expect(reading.count >= bytes / (3 << 20))
        #expect(rolling.count >= bytes / (2 << 20))
    }

    @Test("a start that is told to stop, whenever, leaves the journal as it was")
    func stoppedStart() throws {
        let memory = try MemoryDisk.holding(operations)
        let before = memory.image
        var stops = 0
        for moment in 1... {
            let pulse = Pulse(stopAt: moment)
            do throws(JournalError) {
                var journal = try memory.open(version: "1.0.1", pulse: pulse.beat)
                let isStarted = journal.start(
                    checkpoint: operations, at: .start, pulse: pulse.beat)
                if isStarted { break }
            } catch {
                #expect(error == .stopped)
            }
            stops += 1
            #expect(memory.image == before, "stopped at pulse \(moment)")
        }
        #expect(stops >= 5)
        // The lock is free, and the last one came to its end.
        #expect(try memory.open(version: "1.0.1").recovered.tail == .clean)
    }

    @Test("a roll that is told to stop leaves a healthy file in use")
    func stoppedRoll() throws {
        let memory = try MemoryDisk.holding([])
        var journal = try memory.open()
        journal.start(checkpoint: [], at: .start)
        try journal.append(operations, at: .start)
        let names = memory.image.files.keys.sorted()
        for moment in 1...3 {
            let isHealthy = journal.repair(
                checkpoint: operations, at: .start, pulse: Pulse(stopAt: moment).beat)
            #expect(isHealthy && journal.health == .healthy)
            #expect(memory.image.files.keys.sorted() == names)
            try journal.append(
                [.finished(JournalRecord.operation("\(moment)"), code: 0)], at: .start)
        }
        try journal.close(at: .start)
        _ = consume journal
        let recovered = try memory.open().recovered
        #expect(recovered.tail == .clean && recovered.isClosed)
        #expect(recovered.lastSeq == Int64(operations.count) + 3 + 1 + 3 + 1)
    }

    @Test("a roll that is told to stop heals no journal that is down, nor one that lost its file")
    func stoppedRepair() throws {
        let memory = try MemoryDisk.holding([])
        let isFull = Mutex(false)
        var disk = memory.disk
        disk.write = { file, bytes in
            isFull.withLock { $0 } ? -28 : memory.disk.write(file, bytes)
        }
        var journal = try memory.open(disk: disk)
        journal.start(checkpoint: [], at: .start)
        isFull.withLock { $0 = true }
        #expect(throws: JournalError.self) { try journal.append([.seen(1)], at: .start) }
        isFull.withLock { $0 = false }
        let isHealthy = journal.repair(
            checkpoint: operations, at: .start, pulse: Pulse(stopAt: 1).beat)
        #expect(!isHealthy && journal.health != .healthy)
        let isHealed = journal.repair(checkpoint: operations, at: .start)
        #expect(isHealed && journal.health == .healthy)
        let newest = try #require(memory.image.files.keys.max())
        #expect(memory.disk.remove(0, newest) == 0)
        #expect(journal.findLoss() != nil)
        let isFound = journal.repair(
            checkpoint: operations, at: .start, pulse: Pulse(stopAt: 1).beat)
        #expect(!isFound && journal.health != .healthy)
    }

    @Test("what is no line does not keep a start from being told to stop")
    func garbage() throws {
        let memory = try MemoryDisk.holding([])
        var image = memory.image
        let name = try #require(image.files.keys.first)
        image.files[name]? += [UInt8](repeating: 0, count: 20 << 20)
        let pulse = Pulse()
        let torn = MemoryDisk(image)
        guard case .torn(let line) = try torn.open(pulse: pulse.beat).recovered.tail else {
            Issue.record("not torn")
            return
        }
        #expect(line.offset == Int64(memory.image.files[name]?.count ?? 0))
        #expect(pulse.count >= 8)
        #expect(throws: JournalError.stopped) {
            _ = try torn.open(pulse: Pulse(stopAt: 5).beat)
        }
    }

    @Test("a new file is synced as it is written, so that no sync waits for all of it")
    func syncs() throws {
        let memory = MemoryDisk()
        let meter = Meter()
        let many = (0..<250_000).lazy.map(JournalRecord.seen)
        var journal = try memory.open(disk: meter.disk(memory.disk))
        journal.start(checkpoint: many, at: .start)
        #expect(journal.health == .healthy)
        let figures = meter.take()
        #expect(figures.unsyncedBytesMax <= 34 << 20)
        #expect(figures.syncs >= 2)
    }
}

@Suite("Files that no start needs, in slices")
struct RetentionSliceTests {
    private static let slice = 64 << 10
    private static let first = "journal-00000000000000000001.jsonl"

    /// A file of 15,000 records, a third of them for the audit, that is past its time.
    private func oldFile() throws -> MemoryDisk {
        let memory = MemoryDisk()
        var journal = try memory.open()
        journal.start(checkpoint: [], at: .start)
        let records = (0..<5_000).flatMap { number -> [JournalRecord] in
            let operation = JournalRecord.operation("projects/acme/operations/\(number)")
            let warned = JournalRecord.Warned(
                operation: operation, rule: "slow", clock: .total, deadline: .start,
                age: .seconds(2_400), timeout: .seconds(2_700), at: .start, mode: .enforce)
            return [.seen(number), .warned(warned), .finished(operation, code: 0)]
        }
        try journal.append(records, at: .start)
        journal.note(serverTime: .start, at: .start)
        for _ in 0..<2 { journal.repair(checkpoint: [], at: .start) }
        return memory
    }

    private func started(_ memory: MemoryDisk, disk: Disk? = nil) throws -> Journal {
        var journal = try memory.open(disk: disk)
        journal.start(checkpoint: [], at: .start)
        journal.note(serverTime: Days.time(day: 9), at: .start)
        return journal
    }

    private func history(_ memory: MemoryDisk) -> [UInt8]? {
        memory.image.files.first { name, _ in
            name.hasPrefix("history-") && name.hasSuffix(".jsonl")
        }?.value
    }

    @Test("no call reads, writes or syncs more than its slice, and the end is the same")
    func bounded() throws {
        let memory = try oldFile()
        let whole = MemoryDisk(memory.image)
        var other = try started(whole)
        let step = try other.retain(.days(1), at: .start, sliceBytes: .max)
        #expect(step == .thinned(file: Self.first, kept: 5_001, of: 15_003))

        let meter = Meter()
        var journal = try started(memory, disk: meter.disk(memory.disk))
        _ = meter.take()
        var calls = 0
        while try journal.retain(.days(1), at: .start, sliceBytes: Self.slice) == .underway {
            let figures = meter.take()
            // A buffer is four times as large as this slice.
            #expect(figures.reads <= 3 && figures.writes <= 1 && figures.syncs <= 1)
            #expect(figures.unsyncedBytesMax <= 2 * Self.slice)
            calls += 1
        }
        #expect(calls > 60)
        #expect(history(memory) == history(whole))
        #expect(memory.image.files[Self.first] == nil)
    }

    @Test("a daemon that ends in the middle leaves all as it was but for what the next one removes")
    func killed() throws {
        let memory = try oldFile()
        let before = memory.image
        let state = try memory.state()
        for slices in [1, 2, 20, 40, 60, 80, 100] {
            let memory = MemoryDisk(before)
            var journal = try started(memory)
            for _ in 0..<slices {
                let step = try journal.retain(.days(1), at: .start, sliceBytes: Self.slice)
                #expect(step == .underway)
            }
            _ = consume journal
            let kept = memory.image.files.filter { !$0.key.hasSuffix(".tmp") }
            #expect(kept.keys.sorted() == before.files.keys.sorted())
            #expect(kept[Self.first] == before.files[Self.first])
            #expect(try memory.state() == state)
            var next = try started(memory)
            #expect(memory.image.files.keys.sorted() == before.files.keys.sorted())
            let step = try next.retain(.days(1), at: .start, sliceBytes: .max)
            #expect(step == .thinned(file: Self.first, kept: 5_001, of: 15_003))
        }
    }

    @Test(
        "what was begun is let go where the policy changes, the journal turns down, or is closed",
        arguments: ["policy", "down", "close"])
    func abandoned(by what: String) throws {
        let memory = try oldFile()
        let isFull = Mutex(false)
        var disk = memory.disk
        disk.write = { file, bytes in
            isFull.withLock { $0 } ? -28 : memory.disk.write(file, bytes)
        }
        var journal = try started(memory, disk: disk)
        for _ in 0..<100 {
            _ = try journal.retain(.days(1), at: .start, sliceBytes: Self.slice)
        }
        #expect(memory.image.files.keys.contains { $0.hasSuffix(".tmp") })
        switch what {
        case "policy":
            let step = try journal.retain(.days(30), at: .start)
            #expect(step == nil)
        case "down":
            isFull.withLock { $0 = true }
            #expect(throws: JournalError.self) { try journal.append([.seen(1)], at: .start) }
            let step = try journal.retain(.days(1), at: .start)
            #expect(step == nil)
        default: try journal.close(at: .start)
        }
        #expect(!memory.image.files.keys.contains { $0.hasSuffix(".tmp") })
        #expect(memory.image.files[Self.first] != nil && history(memory) == nil)
    }

    @Test("a line that is not there any more when it is copied keeps the file as it is")
    func spoilt() throws {
        let memory = try oldFile()
        let opened = Mutex(0)
        let spoilt = Mutex<Int32?>(nil)
        var disk = memory.disk
        disk.open = { directory, name in
            let number = memory.disk.open(directory, name)
            // For its first line, to its end, and to be copied.
            if name == Self.first { opened.withLock { $0 += 1 } }
            if name == Self.first, opened.withLock({ $0 }) == 3 { spoilt.withLock { $0 = number } }
            return number
        }
        disk.read = { file, buffer in
            let count = memory.disk.read(file, buffer)
            if spoilt.withLock({ $0 }) == file, count > 0 { buffer[count / 2] ^= 1 }
            return count
        }
        var journal = try started(memory, disk: disk)
        opened.withLock { $0 = 0 }
        let before = memory.image
        let step = try journal.retain(.days(1), at: .start, sliceBytes: .max)
        #expect(step == nil)
        #expect(memory.image == before)
    }
}

@Suite("Names that are none of the journal's")
struct IgnoredTests {
    @Test(
        "however many there are, the first are named and all are counted",
        arguments: [99, 10_000])
    func many(count: Int) throws {
        var image = try MemoryDisk.holding([]).image
        for number in 0..<count { image.files["stray-\(100_000 + number)"] = [] }
        let memory = MemoryDisk(image)
        let recovered = try memory.open().recovered
        #expect(recovered.ignored == (0..<min(count, 100)).map { "stray-\(100_000 + $0)" })
        #expect(recovered.ignoredCount == count)
        let report = try JournalInspection.verify(directory: Days.path, disk: memory.disk)
        #expect(report.ignored == recovered.ignored && report.ignoredCount == count)
    }
}
