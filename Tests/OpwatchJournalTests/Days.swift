import DiskSimulator
import OpwatchCore
import WireFormat

@testable import OpwatchJournal

/// A journal on a disk in memory that begins a new file every day.
final class Days {
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
            journal.note(serverTime: Self.time(day: day), at: Self.time(day: day))
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
        if let time { journal.note(serverTime: time, at: time) }
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
    static func days(
        _ keep: Int64, audit: Int64 = 400, bytesMax: Int64 = 1 << 40
    ) -> Retention {
        var retention = Retention()
        retention.keep = .seconds(keep * 86_400)
        retention.keepAudit = .seconds(audit * 86_400)
        retention.bytesMax = bytesMax
        return retention
    }
}
