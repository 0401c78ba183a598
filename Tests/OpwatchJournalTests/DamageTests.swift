import Glibc
import OpwatchCore
import SeededRandom
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("A damaged file")
struct DamageTests {
    private let scratch: Scratch
    private static let name = "journal-00000000000000000001.jsonl"
    /// Lines of the file: header, ready, open, and these.
    private static let batches: [[JournalRecord]] = [
        [.seen(1)], [.seen(2), .seen(3)], [JournalRecord.intent(1)],
        [.asked(IntentID(1), http: 200, status: "OK"), .unlisted(JournalRecord.operation())],
    ]
    private static let records = batches.flatMap { $0 }

    init() throws {
        scratch = try Scratch()
        try scratch.journal(Self.batches)
    }

    private var lines: [[UInt8]] {
        get throws {
            try scratch.read(Self.name).split(separator: UInt8(ascii: "\n")).map {
                Array($0) + [10]
            }
        }
    }

    private func write(_ lines: [[UInt8]]) throws {
        try scratch.write(lines.joined(), to: Self.name)
    }

    private func found() throws -> Recovered {
        try scratch.look()
    }

    /// Of what was read last.
    private var state: [JournalRecord] {
        scratch.records.filter { record in
            if case .damage = record { false } else { record.isState }
        }
    }

    @Test("is cut at any byte to a prefix that has every batch that was whole")
    func cuts() throws {
        let bytes = try scratch.read(Self.name)
        let lines = try lines
        let checkpointBytes = lines[0].count + lines[1].count
        // Where each batch ends, and how many records are acknowledged by then.
        var ends = [(bytes: checkpointBytes + lines[2].count, records: 0)]
        for batch in Self.batches {
            let begin = 3 + (ends.last?.records ?? 0)
            let size = lines[begin..<(begin + batch.count)].reduce(0) { $0 + $1.count }
            ends.append(((ends.last?.bytes ?? 0) + size, (ends.last?.records ?? 0) + batch.count))
        }
        for length in 0...bytes.count {
            try scratch.write(bytes[..<length], to: Self.name)
            let recovered = try found()
            #expect(recovered.isDamaged == (length < checkpointBytes), "cut at \(length)")
            let acknowledged = ends.last { $0.bytes <= length }?.records ?? 0
            let state = self.state
            #expect(state.count >= acknowledged, "cut at \(length)")
            #expect(Self.records.starts(with: state), "cut at \(length)")
        }
    }

    @Test("of which any single bit is changed is noticed, or only its last batch is torn")
    func bitFlips() throws {
        let bytes = try scratch.read(Self.name)
        let lastBatch = bytes.count - (try lines.suffix(2).joined().count)
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                try scratch.write(flipped, to: Self.name)
                let recovered = try found()
                if index < lastBatch {
                    #expect(recovered.isDamaged, "byte \(index), bit \(bit)")
                } else {
                    guard case .torn(let bad) = recovered.tail else {
                        Issue.record("byte \(index), bit \(bit): \(recovered.tail)")
                        continue
                    }
                    #expect(bad.offset >= lastBatch)
                }
                #expect(Self.records.starts(with: state))
            }
        }
    }

    @Test("with its tail lost is torn", arguments: [0, 1, 4_096, 1_000_000])
    func zeroes(count: Int) throws {
        let lines = try lines
        let kept = lines.dropLast().joined()
        let zeroes = [UInt8](repeating: 0, count: count)
        try scratch.write(kept + lines[lines.count - 1].prefix(30) + zeroes, to: Self.name)
        let recovered = try found()
        guard case .torn(let bad) = recovered.tail else {
            Issue.record("must be torn: \(recovered.tail)")
            return
        }
        #expect(bad.offset == Int64(kept.reduce(0) { count, _ in count + 1 }))
        #expect(state == Self.records.dropLast())
    }

    @Test("without its last LF is torn, though the line is whole")
    func lastLF() throws {
        try scratch.write(try scratch.read(Self.name).dropLast(), to: Self.name)
        guard case .torn(let bad) = try found().tail else {
            Issue.record("must be torn")
            return
        }
        #expect(bad.what == "the line has no end")
    }

    @Test("whose last batch lost its first line only is torn: it was never acknowledged")
    func reorderedSectors() throws {
        var lines = try lines
        let count = lines.count
        lines[count - 2] = [UInt8](repeating: 0, count: lines[count - 2].count)
        try write(lines)
        let recovered = try found()
        #expect(!recovered.isDamaged)
        #expect(state == Self.records.dropLast(2))
    }

    @Test(
        "taken up after a kill does not call durable what nobody synced", arguments: [false, true])
    func killedBeforeSync(isSynced: Bool) throws {
        var journal = try scratch.open()
        journal.start(checkpoint: Self.records, at: .start)
        // The line `open` was synced, and everything before it; only a later line can say so.
        if isSynced { try journal.append([.seen(9)], at: .start) }
        _ = consume journal
        var lines = try lines
        lines[7] = [UInt8](repeating: 0, count: lines[7].count)
        try write(lines)
        #expect(try found().isDamaged == isSynced)
        #expect(state == Self.records.dropLast(2))
    }

    @Test(
        "with lines deleted, doubled or swapped is damaged",
        arguments: ["delete", "double", "swap", "zero"], 3...6)
    func moved(how: String, index: Int) throws {
        var lines = try lines
        switch how {
        case "delete": lines.remove(at: index)
        case "double": lines.insert(lines[index], at: index)
        case "swap": lines.swapAt(index, index + 1)
        default: lines[index] = [UInt8](repeating: 0, count: lines[index].count)
        }
        try write(lines)
        let recovered = try found()
        guard case .damaged(let bad) = recovered.tail else {
            Issue.record("must be damaged: \(recovered.tail)")
            return
        }
        #expect(bad.line == (how == "double" ? index + 2 : index + 1))
        #expect(Self.records.starts(with: state))
        #expect(
            scratch.records.last
                == .damage(file: Self.name, offset: bad.offset))
    }

    @Test("with a line that verifies but cannot be used is damaged, even at the end")
    func unusable() throws {
        let rest = #""at":"2026-01-01T00:00:00Z","kind":"verdict","op":"x"}"#
        var encoder = LineEncoder()
        let content = LineContent.preserved(kind: "verdict", rest: Array(rest.utf8))
        try encoder.append(content, seq: 10, synced: 9, at: .start)
        try scratch.write(try scratch.read(Self.name) + encoder.bytes, to: Self.name)
        let recovered = try found()
        #expect(recovered.isDamaged)
        #expect(state == Self.records)
    }

    @Test("stays as it is, and the new file says so, with numbers that were never used")
    func evidence() throws {
        var lines = try lines
        lines[4][20] ^= 1
        try write(lines)
        let before = try scratch.read(Self.name)
        var journal = try scratch.open()
        let recovered = journal.recovered
        #expect(recovered.isDamaged)
        #expect(state == [.seen(1)])
        journal.start(checkpoint: scratch.records.filter(\.isState), at: .start)
        #expect(journal.health == .healthy)
        #expect(scratch.names == [Self.name, "journal-00000000000000000010.jsonl"])
        #expect(try scratch.read(Self.name) == before)
        _ = consume journal
        let next = try scratch.open().recovered
        #expect(next.tail == .clean)
        #expect(scratch.records.contains { if case .damage = $0 { true } else { false } })
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.files.map(\.state) == [.whole, .whole])
        #expect(report.openDamage?.line == 5)
        #expect(report.exitCode == 65)
    }

    @Test("torn at its end goes on in a new file, densely")
    func tornRoll() throws {
        try scratch.write(try scratch.read(Self.name).dropLast(5), to: Self.name)
        let before = try scratch.read(Self.name)
        var journal = try scratch.open()
        let state = scratch.records.filter(\.isState)
        #expect(state == Self.records.dropLast())
        journal.start(checkpoint: state, at: .start)
        #expect(scratch.names == [Self.name, "journal-00000000000000000009.jsonl"])
        #expect(try scratch.read(Self.name) == before)
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.files.map(\.state) == [.whole, .whole])
        #expect(report.files[0].lastSeq == 8)
    }

    @Test("whose checkpoint is bad is passed over for the file before, which is damage")
    func badCheckpoint() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: Self.records, at: .start)
        journal.repair(checkpoint: Self.records, at: .start)
        try journal.append([.seen(7)], at: .start)
        _ = consume journal
        let newest = try #require(scratch.names.last)
        var bytes = try scratch.read(newest)
        bytes[300] ^= 4
        try scratch.write(bytes, to: newest)

        var next = try scratch.open()
        guard case .damaged(let bad) = next.recovered.tail else {
            Issue.record("must be damaged")
            return
        }
        #expect(bad.file == newest)
        #expect(state == Self.records)
        let highest = try #require(JournalFile(name: newest)).first + 9
        next.start(checkpoint: scratch.records, at: .start)
        #expect(next.health == .healthy)
        #expect(scratch.names.last == JournalFile(first: highest).name)
        #expect(try scratch.read(newest) == bytes)
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.files.map(\.state) == [.whole, .superseded, .whole])
    }

    @Test(
        "that is no journal at all is damage, never a trap",
        arguments: [
            [], [0x0A], [0], Array("null\n".utf8), [UInt8](repeating: 0x0A, count: 100_000),
            [UInt8](repeating: 0xFF, count: 1_000_000),
        ] as [[UInt8]])
    func rubbish(bytes: [UInt8]) throws {
        try scratch.write(bytes, to: Self.name)
        var journal = try scratch.open()
        #expect(journal.recovered.isDamaged)
        #expect(state == [])
        journal.start(checkpoint: scratch.records, at: .start)
        #expect(journal.health == .healthy)
        #expect(scratch.names.count == 2)
    }

    @Test("that is a directory or a link is damage")
    func notAFile() throws {
        try scratch.write(try scratch.read(Self.name), to: "elsewhere")
        #expect(unlink("\(scratch.path)/\(Self.name)") == 0)
        #expect(symlink("elsewhere", "\(scratch.path)/\(Self.name)") == 0)
        #expect(try found().isDamaged)
        #expect(unlink("\(scratch.path)/\(Self.name)") == 0)
        #expect(mkdir("\(scratch.path)/\(Self.name)", 0o700) == 0)
        #expect(try found().isDamaged)
        #expect(rmdir("\(scratch.path)/\(Self.name)") == 0)
        #expect(mkfifo("\(scratch.path)/\(Self.name)", 0o600) == 0)
        #expect(try found().isDamaged)
        #expect(unlink("\(scratch.path)/\(Self.name)") == 0)
        try bindSocket("\(scratch.path)/\(Self.name)")
        #expect(try found().isDamaged)

        var journal = try scratch.open()
        journal.start(checkpoint: scratch.records, at: .start)
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.openDamage?.what == "a start could not use this file")
        #expect(report.openDamage?.line == nil)
    }

    private func bindSocket(_ path: String) throws {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }

    @Test("with a line that contradicts those before it is named with that line ever after")
    func contradiction() throws {
        try scratch.journal([[.seen(1)], [.seen(1)]])
        var journal = try scratch.open()
        var replay = Replay()
        _ = try JournalInspection.read(directory: scratch.path) { replay.take($0) }
        let misfit = try #require(replay.misfit)
        journal.start(misfit: misfit, checkpoint: replay.state.checkpoint(), at: .start)
        #expect(try JournalInspection.verify(directory: scratch.path).openDamage == misfit)

        // A torn tail of the same file is something else.
        try scratch.write(try scratch.read(Self.name) + [1], to: Self.name)
        #expect(try JournalInspection.verify(directory: scratch.path).openDamage == misfit)
        #expect(unlink("\(scratch.path)/\(Self.name)") == 0)
        let gone = try JournalInspection.verify(directory: scratch.path).openDamage
        #expect(
            gone?.description
                == "\(Self.name): byte \(misfit.offset): the file is not there any more")
    }

    @Test(
        "that the disk does not give from some byte on is told of, and no state is made without it",
        arguments: [0, 1, 100, 700, 900])
    func unreadable(behind bytes: Int) throws {
        let before = scratch.names
        let disk = Disk.patient.unreadable(Self.name, behind: bytes)
        #expect(throws: JournalError.io(call: "read", path: Self.name, errno: EIO)) {
            _ = try scratch.open(disk: disk)
        }
        #expect(scratch.names == before)
        let report = try JournalInspection.verify(directory: scratch.path, disk: disk)
        #expect(report.exitCode == 65)
        #expect(report.damage?.what == "cannot be read: Input/output error")
        let lines = try scratch.read(Self.name).prefix(bytes).split(
            separator: 10, omittingEmptySubsequences: false)
        #expect(report.damage?.line == lines.count)
        #expect(try scratch.open().recovered.tail == .clean)
    }

    @Test("that the disk does not give is passed over where a human says so, as damage")
    func acceptedUnreadable() throws {
        let disk = Disk.patient.unreadable(Self.name, behind: 700)
        var replay = Replay()
        var journal = try Journal.open(
            directory: scratch.path, now: .start, version: "1.0.0", unreadable: .isDamage,
            disk: disk
        ) { replay.take($0) }
        guard case .damaged(let bad) = journal.recovered.tail else {
            Issue.record("must be damaged: \(journal.recovered.tail)")
            return
        }
        #expect(bad.file == Self.name && bad.offset <= 700)
        #expect(replay.state.damage?.offset == bad.offset)
        journal.start(checkpoint: replay.state.checkpoint(), at: .start)
        try journal.append([.damageAccepted(by: "ann")], at: .start)
        _ = consume journal
        #expect(try scratch.look().tail == .clean)
        #expect(try JournalInspection.verify(directory: scratch.path).exitCode == 0)
    }

    @Test("of random bytes, or with a random piece changed, never traps", arguments: 1...8)
    func random(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let good = try scratch.read(Self.name)
        for round in 0..<100 {
            var bytes = good
            let begin = Int.random(in: 0..<bytes.count, using: &generator)
            let end = Int.random(in: begin...min(begin + 200, bytes.count), using: &generator)
            let count = Int.random(in: 0...300, using: &generator)
            bytes.replaceSubrange(
                begin..<end,
                with: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
            if bytes == good { continue }
            try scratch.write(bytes, to: Self.name)
            let recovered = try found()
            #expect(recovered.tail != .clean, "seed \(seed), round \(round)")
            #expect(Self.records.starts(with: state))
        }
    }
}
