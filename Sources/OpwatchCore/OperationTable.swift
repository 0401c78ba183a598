package import WireFormat

/// The tracked operations of one endpoint: name bytes and fixed-size records, found by name.
///
/// Thousands of operations are the normal case, so a record is 32 bytes beside its name, nothing
/// keeps a name as `String`, and what few operations have (warnings, cancels) stands in side
/// tables. A slot is valid until its operation is removed; `serial` tells a reused one.
package struct OperationTable: Sendable {
    /// An operation's place; below `slotEnd`.
    package typealias Slot = Int

    private struct Record: Sendable {
        var since: Timestamp
        var nameStart: UInt32
        var nameLength: UInt16
        var partition: UInt16
        var serial: UInt32
        /// Of the name, so that other names are told apart without a look at them.
        var hash: UInt32
        var flags: Flags
    }

    /// What is true of an operation beside its times; all bits off for a new one.
    package struct Flags: OptionSet, Sendable {
        /// The bits.
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        static let live = Flags(rawValue: 1)
        /// `since` is the API's creation time, not the time first seen.
        package static let hasCreation = Flags(rawValue: 2)
        /// Still running by GET, yet absent from complete polls.
        package static let unlisted = Flags(rawValue: 4)
        /// A cap held its cancel back, which is told once.
        package static let deferred = Flags(rawValue: 8)
        /// Its start time was told.
        package static let started = Flags(rawValue: 16)
    }

    private var records: [Record] = []
    private var names: [UInt8] = []
    private var unusedNameBytes = 0
    private var free: [UInt32] = []
    /// Open addressing, linear probing; 0 is empty, otherwise slot + 1.
    private var index: [UInt32] = []
    private var nextSerial: UInt32 = 1
    /// Operations tracked.
    package private(set) var count = 0
    /// The same by the number of their partition.
    private var counts: [Int] = []

    /// The last written warning of an operation.
    package var warnings: [Slot: Warning] = [:]
    /// What is known of clocks that stand at half of their `stalled` timeout or beyond.
    package var stallings: [Slot: Stalled] = [:]
    /// What observe mode would have cancelled.
    package var wouldCancels: [Slot: WouldCancelled] = [:]
    /// Our cancels of an operation.
    package var cancels: [Slot: CancelHistory] = [:]

    /// A table of nothing.
    package init() {}

    /// One past the highest slot ever used; slots below it may be free.
    package var slotEnd: Int { records.count }

    /// Whether an operation is in the slot.
    package func isLive(_ slot: Slot) -> Bool { records[slot].flags.contains(.live) }
    /// The number of the partition that listed the operation first.
    package func partition(_ slot: Slot) -> Int { Int(records[slot].partition) }
    /// The creation time, or the time first seen.
    package func since(_ slot: Slot) -> Timestamp { records[slot].since }
    /// Of the slot's operation, never that of an earlier one in its place; 0 for a free slot.
    package func serial(_ slot: Slot) -> UInt32 { records[slot].serial }
    /// What is true of the operation.
    package func flags(_ slot: Slot) -> Flags { records[slot].flags }

    /// Turns a flag on or off.
    package mutating func set(_ flag: Flags, _ isOn: Bool, at slot: Slot) {
        if isOn { records[slot].flags.insert(flag) } else { records[slot].flags.remove(flag) }
    }

    /// The operation's full resource name.
    package func name(_ slot: Slot) -> String {
        String(decoding: nameBytes(slot), as: UTF8.self)
    }

    /// How many operations a partition has.
    package func count(ofPartition partition: Int) -> Int {
        partition < counts.count ? counts[partition] : 0
    }

    /// Gives an operation to another partition; false where its number is too large.
    mutating func setPartition(_ partition: Int, at slot: Slot) -> Bool {
        guard let number = UInt16(exactly: partition) else { return false }
        while counts.count <= partition { counts.append(0) }
        counts[Int(records[slot].partition)] -= 1
        counts[partition] += 1
        records[slot].partition = number
        return true
    }

    /// The slots of one partition's operations, rising.
    package func slots(ofPartition partition: Int) -> [Slot] {
        records.indices.filter {
            records[$0].flags.contains(.live) && Int(records[$0].partition) == partition
        }
    }

    /// The order of names by their bytes.
    func isName(_ left: Slot, before right: Slot) -> Bool {
        nameBytes(left).lexicographicallyPrecedes(nameBytes(right))
    }

    private func nameBytes(_ slot: Slot) -> ArraySlice<UInt8> {
        let start = Int(records[slot].nameStart)
        return names[start..<start + Int(records[slot].nameLength)]
    }

    /// The slot of the operation of this name, nil if it is not tracked.
    package func find(_ name: String) -> Slot? {
        guard !index.isEmpty else { return nil }
        var name = name
        return name.withUTF8 { bytes in
            let hash = Self.hash(UnsafeRawBufferPointer(bytes))
            var probe = Int(hash) & (index.count - 1)
            while index[probe] != 0 {
                let slot = Int(index[probe]) - 1
                if records[slot].hash == hash, isNamed(slot, bytes) { return slot }
                probe = (probe + 1) & (index.count - 1)
            }
            return nil
        }
    }

    /// Adds an operation; nil where its name is tracked already, is over its limit, or the table
    /// is full (over four billion name bytes).
    package mutating func insert(
        _ name: String, partition: Int, since: Timestamp, isCreation: Bool
    ) -> Slot? {
        find(name) == nil
            ? add(name, partition: partition, since: since, isCreation: isCreation) : nil
    }

    /// Adds an operation that is known not to be tracked; nil as for `insert`.
    mutating func add(
        _ name: String, partition: Int, since: Timestamp, isCreation: Bool
    ) -> Slot? {
        let length = name.utf8.count
        guard length <= Limits.nameBytesMax,
            let start = UInt32(exactly: names.count),
            let shortPartition = UInt16(exactly: partition)
        else { return nil }
        if (count + 1) * 4 > index.count * 3 { rebuildIndex(capacity: (count + 1) * 2) }
        names.append(contentsOf: name.utf8)
        let hash = names.withUnsafeBytes {
            Self.hash(UnsafeRawBufferPointer(rebasing: $0.suffix(length)))
        }
        let record = Record(
            since: since, nameStart: start, nameLength: UInt16(length), partition: shortPartition,
            serial: nextSerial, hash: hash, flags: isCreation ? [.live, .hasCreation] : .live)
        nextSerial = nextSerial == .max ? 1 : nextSerial + 1
        let slot: Slot
        if let reused = free.popLast() {
            slot = Int(reused)
            records[slot] = record
        } else {
            slot = records.count
            records.append(record)
        }
        place(slot)
        count += 1
        while counts.count <= partition { counts.append(0) }
        counts[partition] += 1
        return slot
    }

    /// Forgets the operation; its slot may be used again.
    package mutating func remove(_ slot: Slot) {
        guard isLive(slot) else { return }
        unplace(slot)
        unusedNameBytes += Int(records[slot].nameLength)
        records[slot].flags = []
        records[slot].serial = 0
        records[slot].nameLength = 0
        free.append(UInt32(slot))
        count -= 1
        counts[Int(records[slot].partition)] -= 1
        warnings[slot] = nil
        stallings[slot] = nil
        wouldCancels[slot] = nil
        cancels[slot] = nil
        if unusedNameBytes > 65_536, unusedNameBytes > names.count / 2 { compactNames() }
    }

    private func isNamed(_ slot: Slot, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let record = records[slot]
        guard Int(record.nameLength) == bytes.count else { return false }
        return names.withUnsafeBufferPointer { names in
            names[Int(record.nameStart)..<Int(record.nameStart) + bytes.count].elementsEqual(bytes)
        }
    }

    /// Seeded anew in each process, so that no service can choose names that collide.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }

    private func home(_ slot: Slot) -> Int {
        Int(records[slot].hash) & (index.count - 1)
    }

    private mutating func place(_ slot: Slot) {
        var probe = home(slot)
        while index[probe] != 0 { probe = (probe + 1) & (index.count - 1) }
        index[probe] = UInt32(slot + 1)
    }

    /// Takes a slot out and closes the gap, so that probing needs no tombstones.
    private mutating func unplace(_ slot: Slot) {
        let mask = index.count - 1
        var hole = home(slot)
        while index[hole] != UInt32(slot + 1) { hole = (hole + 1) & mask }
        index[hole] = 0
        var probe = (hole + 1) & mask
        while index[probe] != 0 {
            let moved = Int(index[probe]) - 1
            index[probe] = 0
            place(moved)
            probe = (probe + 1) & mask
        }
    }

    private mutating func rebuildIndex(capacity: Int) {
        var size = 16
        while size < capacity { size *= 2 }
        index = Array(repeating: 0, count: size)
        for slot in records.indices where isLive(slot) { place(slot) }
    }

    private mutating func compactNames() {
        var kept: [UInt8] = []
        kept.reserveCapacity(names.count - unusedNameBytes)
        for slot in records.indices where isLive(slot) {
            let start = kept.count
            kept.append(contentsOf: nameBytes(slot))
            records[slot].nameStart = UInt32(start)
        }
        names = kept
        unusedNameBytes = 0
    }
}

/// A cancel that observe mode did not send: once an operation, rule and clock.
package struct WouldCancelled: Sendable, Equatable {
    package let rule: String
    package let clock: Clock
    package let age: Duration
    package let timeout: Duration

    /// Keeps what the record tells beside the operation's name.
    package init(_ record: JournalRecord.WouldCancel) {
        rule = record.rule
        clock = record.clock
        age = record.age
        timeout = record.timeout
    }
}

/// A `stalled` clock as the journal keeps it.
package struct Stalled: Sendable, Equatable {
    /// Of what has not changed.
    package let fieldHash: UInt64
    /// Server time since which it has not.
    package let since: Timestamp
    /// What the clock showed.
    package let stalledFor: Duration

    /// Keeps what the record tells beside the operation's name.
    package init(_ record: JournalRecord.Stalling) {
        fieldHash = record.fieldHash
        since = record.since
        stalledFor = record.stalledFor
    }
}

/// A warning that was written: bound to its rule, clock and timeout.
package struct Warning: Sendable, Equatable {
    package let rule: String
    package let clock: Clock
    package let deadline: Timestamp
    package let timeout: Duration
    package let at: Timestamp
    package let mode: Mode
    /// Of the rule as it was then; nil from earlier versions.
    package let ruleHash: RuleHash?
    /// Whether a cancel may follow it.
    package let isNotice: Bool

    /// Keeps what the record tells beside the operation's name.
    package init(_ record: JournalRecord.Warned) {
        rule = record.rule
        clock = record.clock
        deadline = record.deadline
        timeout = record.timeout
        at = record.at
        mode = record.mode
        ruleHash = record.ruleHash
        isNotice = record.isNotice
    }
}
