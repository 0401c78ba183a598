internal import OpwatchCore
internal import WireFormat

/// Records whose line could not be written in its time: the next checkpoint will show their effect,
/// but not how it came about.
struct Untold {
    private(set) var records: [JournalRecord] = []
    private var droppedCount = 0

    /// A journal that is down for days must not fill the memory.
    static let countMax = 10_000
    /// Of these so many may be ends of operations, which come in numbers.
    static let endsMax = countMax / 2
    private var endCount = 0

    /// Keeps what is missed where only its effect is known: what an auditor asks for, and the ends
    /// of operations. What no line can hold is let go, as it would be by a journal that is well.
    mutating func take(_ more: [JournalRecord]) {
        var encoder = LineEncoder()
        for record in more where !record.traits.isDisjoint(with: [.audit, .end]) {
            do throws(JournalError) {
                try encoder.append(.restated(record), seq: 1, synced: 0, at: .earliest)
            } catch {
                continue
            }
            encoder.removeAll()
            guard records.count < Self.countMax, record.isAudit || endCount < Self.endsMax else {
                droppedCount += 1
                continue
            }
            records.append(record)
            if !record.isAudit { endCount += 1 }
        }
    }

    /// They are told now.
    mutating func removeAll() {
        records = []
        endCount = 0
    }

    /// How many were too many, since the last call.
    mutating func takeDroppedCount() -> Int {
        defer { droppedCount = 0 }
        return droppedCount
    }
}
