package import WireFormat

/// The tracked operations of one endpoint: name bytes and fixed-size records, found by name.
///
/// Thousands of operations are the normal case, so a record is 32 bytes beside its name, nothing
/// keeps a name as `String`, and what few operations have (warnings, cancels) stands in side
/// tables. A slot is valid until its operation is removed; `serial` tells a reused one.
package struct OperationTable: Sendable {
    package typealias Slot = Int

    private struct Record: Sendable {
        var since: Timestamp
        var nameStart: UInt32
        var nameLength: UInt16
        var partition: UInt16
        var serial: UInt32
        var flags: Flags
    }

    /// What is true of an operation beside its times; all bits off for a new one.
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        static let live = Flags(rawValue: 1)
        /// `since` is the API's creation time, not the time first seen.
        package static let hasCreation = Flags(rawValue: 2)
        package static let unlisted = Flags(rawValue: 4)
        package static let deferred = Flags(rawValue: 8)
    }

    private var records: [Record] = []
    private var names: [UInt8] = []
    private var unusedNameBytes = 0
    private var free: [UInt32] = []
    /// Open addressing, linear probing; 0 is empty, otherwise slot + 1.
    private var index: [UInt32] = []
    private var nextSerial: UInt32 = 1
    package private(set) var count = 0

    package var warnings: [Slot: Warning] = [:]
    package var wouldCancels: [Slot: WouldCancelled] = [:]
    package var cancels: [Slot: CancelHistory] = [:]

    package init() {}

    /// One past the highest slot ever used; slots below it may be free.
    package var slotEnd: Int { records.count }

    package func isLive(_ slot: Slot) -> Bool { records[slot].flags.contains(.live) }
    package func partition(_ slot: Slot) -> Int { Int(records[slot].partition) }
    package func since(_ slot: Slot) -> Timestamp { records[slot].since }
    package func serial(_ slot: Slot) -> UInt32 { records[slot].serial }
    package func flags(_ slot: Slot) -> Flags { records[slot].flags }

    package mutating func set(_ flag: Flags, _ isOn: Bool, at slot: Slot) {
        if isOn { records[slot].flags.insert(flag) } else { records[slot].flags.remove(flag) }
    }

    package func name(_ slot: Slot) -> String {
        let record = records[slot]
        let start = Int(record.nameStart)
        return String(decoding: names[start..<start + Int(record.nameLength)], as: UTF8.self)
    }

    /// The slot of the operation of this name, nil if it is not tracked.
    package func find(_ name: String) -> Slot? {
        guard !index.isEmpty else { return nil }
        var name = name
        return name.withUTF8 { bytes in
            var probe = Self.hash(bytes) & (index.count - 1)
            while index[probe] != 0 {
                let slot = Int(index[probe]) - 1
                if isNamed(slot, bytes) { return slot }
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
        let length = name.utf8.count
        guard length <= Limits.nameBytesMax, find(name) == nil,
            let start = UInt32(exactly: names.count), let partition = UInt16(exactly: partition)
        else { return nil }
        if (count + 1) * 4 > index.count * 3 { rebuildIndex(capacity: (count + 1) * 2) }
        names.append(contentsOf: name.utf8)
        let record = Record(
            since: since, nameStart: start, nameLength: UInt16(length), partition: partition,
            serial: nextSerial, flags: isCreation ? [.live, .hasCreation] : .live)
        nextSerial &+= 1
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
        return slot
    }

    /// Forgets the operation; its slot may be used again.
    package mutating func remove(_ slot: Slot) {
        guard isLive(slot) else { return }
        unplace(slot)
        unusedNameBytes += Int(records[slot].nameLength)
        records[slot].flags = []
        records[slot].nameLength = 0
        free.append(UInt32(slot))
        count -= 1
        warnings[slot] = nil
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

    /// FNV-1a with a final mix: names differ mostly in their last bytes.
    private static func hash(_ bytes: some Sequence<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 32
        return Int(truncatingIfNeeded: hash & 0x7fff_ffff)
    }

    private func home(_ slot: Slot) -> Int {
        let start = Int(records[slot].nameStart)
        let bytes = names[start..<start + Int(records[slot].nameLength)]
        return Self.hash(bytes) & (index.count - 1)
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
            let start = Int(records[slot].nameStart)
            let bytes = names[start..<start + Int(records[slot].nameLength)]
            records[slot].nameStart = UInt32(kept.count)
            kept.append(contentsOf: bytes)
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

    package init(_ record: JournalRecord.WouldCancel) {
        rule = record.rule
        clock = record.clock
        age = record.age
        timeout = record.timeout
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

    package init(_ record: JournalRecord.Warned) {
        rule = record.rule
        clock = record.clock
        deadline = record.deadline
        timeout = record.timeout
        at = record.at
        mode = record.mode
    }
}
