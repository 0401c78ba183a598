import DiskSimulator
import Foundation
import OpwatchCore
import Synchronization
import Testing
import WireFormat

@testable import OpwatchJournal

/// Runs a journal on a disk in memory, looks at the disk behind every call, and starts again from
/// everything that a crash there may leave.
@Suite("A crash anywhere")
struct CrashTests {
    /// `make crash` asks for long lives.
    private static let batches =
        ProcessInfo.processInfo.environment["CRASH_BATCHES"]
        .flatMap { Int($0) } ?? 3

    @Test(
        "loses nothing acknowledged and is recovered from the same way twice",
        arguments: [1, 2, 5, 1_000])
    func crash(rollAfter: Int) throws {
        let script = CrashScript(batches: Self.batches)
        var checker = CrashChecker(script)
        for moment in script.run(rollAfter: rollAfter) {
            for image in moment.state.crashImages { try checker.check(image, moment.progress) }
            try checker.checkKill(moment.state, moment.progress)
        }
        #expect(checker.failures == [])
        #expect(checker.seen.count > 500 * Self.batches)
        #expect(checker.seenBehindKills.count > 30)
        print(
            "a new file after \(rollAfter) batches: \(checker.seen.count) crash states, "
                + "\(checker.seenBehindKills.count) behind a kill")
    }
}

/// How far a script had come, in records: what the daemon may rely on, and what it had tried.
struct CrashProgress: Sendable {
    var acknowledged = 0
    var attempted = 0
}

/// One behind the other: batches of records that are legal on the state before them.
struct CrashScript {
    private let batches: [[JournalRecord]]
    /// The state before the first record and after each: a batch may be torn.
    let states: [StateFingerprint]
    /// The records that an auditor asks for, and how many there are before each record.
    let audit: [JournalRecord]
    let auditCounts: [Int]

    /// A file is past its time when two batches went by, a day each.
    private static let retention = {
        var retention = Retention()
        retention.keep = .seconds(86_400)
        return retention
    }()

    struct Moment: Sendable {
        let state: MemoryDisk.State
        let progress: CrashProgress
    }

    init(batches count: Int) {
        batches = (0..<count).map(Self.batch)
        var live = WatchState()
        var states = [StateFingerprint(live)]
        var audit: [JournalRecord] = []
        var auditCounts = [0]
        for record in batches.joined() {
            do { try live.apply(record) } catch { preconditionFailure("\(record): \(error)") }
            states.append(StateFingerprint(live))
            if record.isAudited { audit.append(record) }
            auditCounts.append(audit.count)
        }
        self.states = states
        self.audit = audit
        self.auditCounts = auditCounts
    }

    /// The life of operation `number`, a batch a step; older ones end as new ones come.
    private static func batch(_ number: Int) -> [JournalRecord] {
        let name = JournalRecord.operation("projects/acme/operations/\(number)")
        let old = JournalRecord.operation("projects/acme/operations/\(number - 4)")
        var records = [JournalRecord.seen(number)]
        switch number % 4 {
        case 1:
            records.append(
                .warned(
                    JournalRecord.Warned(
                        operation: name, rule: "slow", clock: .total, deadline: .start,
                        age: .seconds(2_400), timeout: .seconds(2_700), at: .start,
                        mode: .enforce)))
        case 2:
            var intent = JournalRecord.intentFields(UInt64(number))
            intent.operation = name
            records.append(.intent(intent))
        case 3:
            let asked = IntentID(UInt64(number - 1))
            let operation = JournalRecord.operation("projects/acme/operations/\(number - 1)")
            records.append(.asked(asked, http: 200, status: "OK"))
            records.append(.verdict(operation, asked, .cancelled, late: false, at: .start))
        default: break
        }
        if number >= 4, number % 4 != 2 { records.append(.finished(old, code: 0)) }
        return records
    }

    /// Lives through the batches in three sessions, the first two of which are killed.
    func run(rollAfter roll: Int) -> [Moment] {
        let recording = Recording()
        let memory = MemoryDisk(watch: recording.add)
        for session in 0..<3 {
            let share = batches.count / 3
            let range = session * share..<(session == 2 ? batches.count : (session + 1) * share)
            do {
                try live(range, roll, on: memory.disk, closes: session == 2) { now in
                    recording.progress.withLock { $0 = now }
                }
            } catch {
                preconditionFailure("a healthy disk: \(error)")
            }
        }
        return recording.moments.withLock { $0 }
    }

    /// Lives through the batches as the daemon does on a disk that may fail: a batch is
    /// acknowledged by its append, or by a new file with the state that has it.
    func endure(_ disk: Disk, rollAfter roll: Int) -> CrashProgress {
        var progress = CrashProgress()
        var live = WatchState()
        do {
            var journal = try Journal.open(
                directory: "/journal", now: .start, version: "1.0.0", process: .testing, disk: disk
            ) { _ in }
            journal.start(checkpoint: [], at: .start)
            for (index, batch) in batches.enumerated() {
                for record in batch { try live.apply(record) }
                progress.attempted += batch.count
                try? journal.append(batch, at: .start)
                if journal.health != .healthy || index % roll == roll - 1 {
                    journal.repair(checkpoint: live.checkpoint(), at: .start)
                }
                if journal.health != .healthy {
                    journal.repair(checkpoint: live.checkpoint(), at: .start)
                }
                if journal.health == .healthy { progress.acknowledged = progress.attempted }
                journal.note(serverTime: .start + .seconds(Int64(index) * 86_400), at: .start)
                _ = try? journal.retain(Self.retention, at: .start)
            }
        } catch {
            // The journal could not be read: nothing was tried.
        }
        return progress
    }

    private final class Recording: Sendable {
        let progress = Mutex(CrashProgress())
        let moments = Mutex<[Moment]>([])

        @Sendable func add(_ state: MemoryDisk.State) {
            let progress = progress.withLock { $0 }
            moments.withLock { $0.append(Moment(state: state, progress: progress)) }
        }
    }

    private func live(
        _ range: Range<Int>, _ roll: Int, on disk: Disk, closes: Bool,
        _ note: (CrashProgress) -> Void
    ) throws {
        var replay = Replay()
        var journal = try Journal.open(
            directory: "/journal", now: .start, version: "1.0.0", process: .testing, disk: disk
        ) { replay.take($0) }
        var state = replay.state
        journal.start(checkpoint: state.checkpoint(), at: .start)
        for index in range {
            let before = batches[..<index].joined().count
            let behind = before + batches[index].count
            note(CrashProgress(acknowledged: before, attempted: behind))
            try journal.append(batches[index], at: .start)
            note(CrashProgress(acknowledged: behind, attempted: behind))
            for record in batches[index] { try state.apply(record) }
            guard index % roll == roll - 1 else { continue }
            journal.note(serverTime: .start + .seconds(Int64(index) * 86_400), at: .start)
            journal.repair(checkpoint: state.checkpoint(), at: .start)
            // A line a step, so that a crash may come between any two.
            while try journal.retain(Self.retention, at: .start, sliceBytes: 1) != nil {}
        }
        if closes { try journal.close(at: .start) }
    }
}

/// Starts from what a crash left and tells what is wrong with that.
struct CrashChecker {
    private let script: CrashScript
    private(set) var failures: [String] = []
    /// Hashes of the images that were looked at.
    private(set) var seen: Set<Int> = []
    /// The same of losses of power behind a kill and a start.
    private(set) var seenBehindKills: Set<Int> = []

    init(_ script: CrashScript) {
        self.script = script
    }

    mutating func check(_ image: MemoryDisk.Image, _ progress: CrashProgress) throws {
        guard failures.count < 5, seen.insert(image.hashValue).inserted else { return }
        let states = Snapshots()
        // Now and then the recovery itself is watched and crashed, which makes thousands of states.
        let isDeep = seen.count % 1_000 == 0
        let memory = MemoryDisk(image, watch: isDeep ? states.add : nil)
        guard let first = recover(memory, progress) else { return }
        guard recover(memory, progress) == first else {
            return failures.append("a second recovery gives another state: \(image.names)")
        }
        if try JournalInspection.verify(directory: "/journal", disk: memory.disk).damage != nil {
            failures.append("the recovered journal is damaged: \(image.names)")
        }
        for state in states.all {
            for image in state.crashImages where seen.insert(image.hashValue).inserted {
                let again = recover(MemoryDisk(image), progress)
                if again != first { failures.append("a crash of the recovery: \(image.names)") }
            }
        }
    }

    /// The process is killed, the next one begins a new file from what is in the cache, because it
    /// is of another version or because it cannot go on in the old one, and then the power goes.
    mutating func checkKill(_ killed: MemoryDisk.State, _ progress: CrashProgress) throws {
        if killed.isAllSynced { return }
        try checkKill(killed, progress, version: "1.0.1", failingWrites: 0)
        try checkKill(killed, progress, version: "1.0.0", failingWrites: 1)
    }

    private mutating func checkKill(
        _ killed: MemoryDisk.State, _ progress: CrashProgress, version: String, failingWrites: Int
    ) throws {
        let states = Snapshots()
        let memory = MemoryDisk(behind: killed, watch: states.add)
        let disk = memory.disk.failing(writes: failingWrites)
        guard let first = recover(memory, progress, version: version, on: disk) else { return }
        var found: StateFingerprint?
        for state in states.all {
            for image in state.plainCrashImages {
                seenBehindKills.insert(image.hashValue)
                let memory = MemoryDisk(image)
                found = recover(memory, progress, version: version)
                let report = try JournalInspection.verify(
                    directory: "/journal", disk: memory.disk)
                if let damage = report.damage {
                    failures.append("a kill, then a loss of power: \(image.names): \(damage)")
                }
            }
            if failures.count > 5 { return }
        }
        if found != first { failures.append("a kill, then a loss of power: not as it started") }
    }

    /// The state that is found; the journal is healthy again afterwards.
    private mutating func recover(
        _ memory: MemoryDisk, _ progress: CrashProgress, version: String = "1.0.0",
        on disk: Disk? = nil
    ) -> StateFingerprint? {
        do {
            var replay = Replay()
            var journal = try Journal.open(
                directory: "/journal", now: .start, version: version, process: .testing,
                disk: disk ?? memory.disk
            ) { replay.take($0) }
            guard replay.misfit == nil, !journal.recovered.isDamaged else {
                return fail(memory, "\(journal.recovered.tail) \(replay)")
            }
            let found = StateFingerprint(replay.state)
            let allowed = script.states[progress.acknowledged...progress.attempted]
            guard allowed.contains(found) else {
                return fail(
                    memory,
                    "not a state between record \(progress.acknowledged) and "
                        + "\(progress.attempted)")
            }
            journal.start(checkpoint: replay.state.checkpoint(), at: .start)
            if disk != nil, journal.health != .healthy {
                journal.repair(checkpoint: replay.state.checkpoint(), at: .start)
            }
            guard journal.health == .healthy else { return fail(memory, "\(journal.health)") }
            let audit = try JournalInspection.history(directory: "/journal", disk: memory.disk)
                .filter(\.isAudited)
            guard script.audit.starts(with: audit),
                audit.count >= script.auditCounts[progress.acknowledged]
            else { return fail(memory, "of the audit trail \(audit.count) lines are left") }
            return found
        } catch {
            return fail(memory, "\(error)")
        }
    }

    private mutating func fail(_ memory: MemoryDisk, _ what: String) -> StateFingerprint? {
        failures.append("\(memory.image.names): \(what)")
        return nil
    }
}

extension JournalRecord {
    /// Whether it must be found as long as the audit trail is kept.
    fileprivate var isAudited: Bool {
        switch self {
        case .warned, .intent, .asked, .verdict: true
        default: false
        }
    }
}

extension Disk {
    /// This disk, without room for the first so many writes.
    fileprivate func failing(writes count: Int) -> Disk {
        let whole = self
        let left = Mutex(count)
        var disk = self
        disk.write = { file, bytes in
            let fails = left.withLock { left in
                left -= 1
                return left >= 0
            }
            return fails ? -Int(ENOSPC) : whole.write(file, bytes)
        }
        return disk
    }
}

extension MemoryDisk.Image {
    var names: String {
        files.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }
            .joined(separator: ", ")
    }
}

/// What a disk was like behind each call.
private final class Snapshots: Sendable {
    private let states = Mutex<[MemoryDisk.State]>([])

    var all: [MemoryDisk.State] { states.withLock { $0 } }

    @Sendable func add(_ state: MemoryDisk.State) {
        states.withLock { $0.append(state) }
    }
}
