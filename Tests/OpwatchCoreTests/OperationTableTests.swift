import SeededRandom
import Testing
import WireFormat

@testable import OpwatchCore

@Suite("The table of tracked operations")
struct OperationTableTests {
    /// What the table ought to hold.
    private struct Known: Equatable {
        var slot: Int
        var serial: UInt32
        var partition: Int
        var since: Timestamp
    }

    @Test("agrees with a dictionary over 100,000 random steps", arguments: [1, 2] as [UInt64])
    func againstDictionary(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var table = OperationTable()
        var known: [String: Known] = [:]
        var serials: Set<UInt32> = []
        // Phases that grow and shrink it, so that slots are reused and names compacted.
        for step in 0..<100_000 {
            let isGrowing = (step / 12_500) % 2 == 0
            let id = Int.random(in: 0..<6_000, using: &random)
            let tail = String(repeating: "n", count: id % 97)
            let name = "projects/acme/locations/x/operations/\(id)-\(tail)"
            if Int.random(in: 0..<10, using: &random) < (isGrowing ? 7 : 2) {
                let since = time(Int64(step))
                let slot = table.insert(
                    name, partition: id % 7, since: since, isCreation: id % 2 == 0)
                #expect((slot == nil) == (known[name] != nil), "seed \(seed)")
                guard let slot else { continue }
                let serial = table.serial(slot)
                #expect(serials.insert(serial).inserted, "seed \(seed)")
                known[name] = Known(slot: slot, serial: serial, partition: id % 7, since: since)
            } else if let gone = known.removeValue(forKey: name) {
                table.remove(gone.slot)
                #expect(table.find(name) == nil && table.serial(gone.slot) == 0, "seed \(seed)")
            } else {
                #expect(table.find(name) == nil, "seed \(seed)")
            }
            if step % 9_999 == 0 { check(table, known, seed: seed) }
        }
        check(table, known, seed: seed)
    }

    private func check(_ table: OperationTable, _ known: [String: Known], seed: UInt64) {
        #expect(table.count == known.count, "seed \(seed)")
        var isEqual = true
        for (name, expected) in known {
            let slot = expected.slot
            isEqual =
                isEqual && table.find(name) == slot && table.name(slot) == name
                && table.serial(slot) == expected.serial && table.isLive(slot)
                && table.partition(slot) == expected.partition
                && table.since(slot) == expected.since
        }
        #expect(isEqual, "seed \(seed)")
        let live = (0..<table.slotEnd).filter { table.isLive($0) }
        #expect(live.count == known.count, "seed \(seed)")
        for partition in 0..<7 {
            #expect(
                table.slots(ofPartition: partition)
                    == known.values.filter { $0.partition == partition }.map(\.slot).sorted(),
                "seed \(seed)")
        }
    }

    @Test("holds names of up to 1,024 bytes, each once")
    func names() {
        var table = OperationTable()
        func insert(_ name: String) -> Int? {
            table.insert(name, partition: 0, since: time(0), isCreation: true)
        }
        let long = String(repeating: "é", count: 512)
        #expect(insert(long) != nil)
        #expect(insert(long) == nil)
        #expect(insert(long + "x") == nil)
        #expect(insert("") != nil)
        #expect(table.find("") != nil)
        #expect(table.count == 2)
    }

    @Test("names that read alike and differ in bytes are two operations")
    func bytes() {
        var table = OperationTable()
        let first = table.insert("\u{E9}", partition: 0, since: time(0), isCreation: true)
        let second = table.insert("e\u{301}", partition: 0, since: time(0), isCreation: true)
        #expect(first != nil && second != nil && first != second)
        #expect(table.find("\u{E9}") == first)
    }

    @Test(
        "a partition number over 65,535 is refused without harm", arguments: [65_535, 65_536, -1])
    func manyPartitions(number: Int) {
        var table = OperationTable()
        let slot = table.insert("a", partition: number, since: time(0), isCreation: true)
        #expect((slot != nil) == (number == 65_535))
        #expect(table.count == (number == 65_535 ? 1 : 0))
    }

    @Test("removing forgets what stands beside the record")
    func sideTables() throws {
        var table = OperationTable()
        let inserted = table.insert("a", partition: 0, since: time(0), isCreation: false)
        let slot = try #require(inserted)
        #expect(!table.flags(slot).contains(.hasCreation))
        table.set(.deferred, true, at: slot)
        table.cancels[slot] = .of(.recorded)
        table.remove(slot)
        table.remove(slot)
        #expect(table.cancels.isEmpty && table.count == 0)
        let again = table.insert("b", partition: 0, since: time(0), isCreation: true)
        #expect(again == slot)
        #expect(!table.flags(slot).contains(.deferred))
        #expect(table.flags(slot).contains(.hasCreation))
    }

    @Test("a copy keeps what it had")
    func copies() throws {
        var table = OperationTable()
        let inserted = table.insert("a", partition: 0, since: time(0), isCreation: true)
        let slot = try #require(inserted)
        let copy = table
        table.remove(slot)
        #expect(copy.find("a") == slot)
        #expect(table.find("a") == nil)
    }
}
