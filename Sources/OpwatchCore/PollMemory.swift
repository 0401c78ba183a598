package import WireFormat

/// What complete polls have shown lately; gone at a restart on purpose, its loss can only delay.
package struct PollMemory: Sendable {
    package typealias OperationRef = WatchState.OperationRef

    private var records: [[Record]] = []
    package var stalls: [OperationRef: StallMemory] = [:]
    package var absences: [OperationRef: Absence] = [:]
    /// Operations whose unusable times or foreign flag were reported.
    package var reported: Set<OperationRef> = []

    package init() {}

    /// One operation's confirmations and when it was last listed; numbers count a partition's
    /// complete polls from 1.
    private struct Record: Sendable {
        var serial: UInt32 = 0
        var listedIn: UInt32 = 0
        var confirmedIn: UInt32 = 0
        var confirmations: UInt16 = 0
        var clock: Clock = .total
        var rule: Int32 = -1
        var deadline: Timestamp?
    }

    /// An operation that complete polls no longer list.
    package struct Absence: Sendable {
        /// Number of the partition's complete poll after which the next GET is due.
        package var nextGetIn: UInt32
        /// Server time of the first 404 of the present row of them.
        package var missingSince: Timestamp?

        package init(nextGetIn: UInt32) {
            self.nextGetIn = nextGetIn
        }
    }

    private subscript(ref: OperationRef, serial: UInt32) -> Record {
        get {
            guard ref.table < records.count, ref.slot < records[ref.table].count,
                records[ref.table][ref.slot].serial == serial
            else { return Record(serial: serial) }
            return records[ref.table][ref.slot]
        }
        set {
            while records.count <= ref.table { records.append([]) }
            let missing = ref.slot + 1 - records[ref.table].count
            if missing > 0 {
                records[ref.table].append(contentsOf: repeatElement(Record(), count: missing))
            }
            records[ref.table][ref.slot] = newValue
        }
    }

    // MARK: Listed

    package mutating func list(_ ref: OperationRef, serial: UInt32, in poll: UInt32) {
        self[ref, serial].listedIn = poll
        absences[ref] = nil
    }

    /// The number of the poll that last listed the operation, 0 for none.
    package func listedIn(_ ref: OperationRef, serial: UInt32) -> UInt32 {
        self[ref, serial].listedIn
    }

    // MARK: Confirmations

    /// Complete polls in a row, up to and including `poll`, in which this was overdue.
    package func confirmations(
        _ ref: OperationRef, serial: UInt32, of due: Due, in poll: UInt32
    ) -> Int {
        let record = self[ref, serial]
        let isSame =
            record.rule == Int32(due.rule) && record.clock == due.clock
            && record.deadline == due.deadline
        guard isSame, record.confirmedIn == poll else { return 0 }
        return Int(record.confirmations)
    }

    /// Counts a complete poll in which the operation was overdue.
    package mutating func confirm(
        _ ref: OperationRef, serial: UInt32, _ due: Due, in poll: UInt32
    ) {
        let earlier = confirmations(ref, serial: serial, of: due, in: poll &- 1)
        var record = self[ref, serial]
        record.rule = Int32(due.rule)
        record.clock = due.clock
        record.deadline = due.deadline
        record.confirmedIn = poll
        record.confirmations = UInt16(clamping: earlier + 1)
        self[ref, serial] = record
    }

    /// Lets go of what is remembered beside the records.
    package mutating func forget(_ ref: OperationRef) {
        stalls[ref] = nil
        absences[ref] = nil
        reported.remove(ref)
    }

    /// After a reload rule numbers mean something else.
    package mutating func resetConfirmations() {
        for table in records.indices {
            for slot in records[table].indices { records[table][slot].confirmations = 0 }
        }
        stalls = [:]
    }

    /// After a gap nothing that was counted in a row counts.
    package mutating func resetStalls(where isAffected: (OperationRef) -> Bool) {
        for ref in stalls.keys where isAffected(ref) { stalls[ref]?.pause() }
    }
}

/// Observed time without a change of an operation's update time or progress.
package struct StallMemory: Sendable, Equatable {
    private var progressHash: UInt64
    private var metadataHash: UInt64
    /// Server time of the last complete poll that looked without a gap since the one before.
    private var lookedAt: Timestamp?
    private var changes = 0
    package private(set) var stalledFor = Duration.zero
    /// Server time of the last change that was seen.
    package private(set) var changedAt: Timestamp

    package init(_ snapshot: OperationSnapshot, at now: Timestamp) {
        progressHash = snapshot.progressHash
        metadataHash = snapshot.metadataHash
        lookedAt = now
        changedAt = now
    }

    /// The clock exists only after the progress was seen to change at least once.
    package var isRunning: Bool { changes > 0 }

    package mutating func look(_ snapshot: OperationSnapshot, at now: Timestamp) {
        if snapshot.progressHash != progressHash {
            changes += 1
            reset(snapshot, at: now)
        } else if snapshot.metadataHash != metadataHash {
            reset(snapshot, at: now)
        } else if let lookedAt, now > lookedAt {
            stalledFor += now.duration(since: lookedAt)
        }
        lookedAt = now
    }

    /// Stops the clock: time that nobody watched does not count.
    package mutating func pause() {
        lookedAt = nil
    }

    private mutating func reset(_ snapshot: OperationSnapshot, at now: Timestamp) {
        progressHash = snapshot.progressHash
        metadataHash = snapshot.metadataHash
        stalledFor = .zero
        changedAt = now
    }
}
