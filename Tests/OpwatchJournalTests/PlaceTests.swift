import Foundation
import Glibc
import OpwatchCore
import Synchronization
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("A journal whose files are moved while it is in use")
struct PlaceTests {
    private let scratch: Scratch
    private static let name = "journal-00000000000000000001.jsonl"
    private var file: String { "\(state)/\(Self.name)" }
    private var state: String { "\(scratch.path)/state" }

    init() throws {
        scratch = try Scratch()
    }

    private func open() throws -> Journal {
        var journal = try Journal.open(
            directory: state, now: .start, version: "1.0.0", process: .testing, disk: .patient)
        journal.start(checkpoint: [], at: .start)
        try journal.append([.seen(1)], at: .start)
        return journal
    }

    private func failure(_ body: () throws -> Void) -> JournalError? {
        do { try body() } catch { return error as? JournalError }
        return nil
    }

    @Test(
        "says that what it wrote is gone, and tells of damage in the next file",
        arguments: [
            ("removed", Int64(0)), ("renamed", 0), ("replaced", 0), ("cut", 0), ("shortened", -1),
        ])
    func lost(how: String, from place: Int64) throws {
        var journal = try open()
        let bytes = Int64(try scratch.read("state/\(Self.name)").count)
        switch how {
        case "removed": #expect(unlink(file) == 0)
        case "renamed": #expect(rename(file, file + ".1") == 0)
        case "replaced":
            let copy = try scratch.read("state/\(Self.name)")
            #expect(unlink(file) == 0)
            try scratch.write(copy, to: "state/\(Self.name)")
        case "cut": #expect(truncate(file, 0) == 0)
        default: #expect(truncate(file, Int(bytes) - 1) == 0)
        }
        let offset = place < 0 ? bytes + place : place
        let refusal = failure { try journal.append([.seen(2)], at: .start) }
        #expect(refusal == .lost(file: Self.name, offset: offset))
        #expect(journal.findLoss()?.offset == offset)
        // As the daemon does: the state of the checkpoint says that there is damage.
        let checkpoint: [JournalRecord] = [
            .damage(file: Self.name, offset: offset), .seen(1), .seen(2),
        ]
        let isHealthy = journal.repair(checkpoint: checkpoint, at: .start)
        #expect(isHealthy)
        try journal.append([.seen(3)], at: .start)
        let report = try JournalInspection.verify(directory: state)
        #expect(report.exitCode == 65)
        #expect(report.damage?.file == Self.name)
        let records = try JournalInspection.history(directory: state)
        #expect(records.contains(.damage(file: Self.name, offset: offset)))
    }

    @Test("looks for what is gone before a repair too, and once")
    func lostWhileDown() throws {
        let isFull = Mutex(false)
        var disk = Disk.patient
        disk.write = { file, bytes in
            isFull.withLock { $0 } ? -Int(ENOSPC) : Disk.live.write(file, bytes)
        }
        var journal = try Journal.open(
            directory: state, now: .start, version: "1.0.0", disk: disk)
        journal.start(checkpoint: [], at: .start)
        isFull.withLock { $0 = true }
        #expect(failure { try journal.append([.seen(1)], at: .start) } != nil)
        for _ in 0..<2 {
            #expect(journal.findLoss() == nil)
            journal.repair(checkpoint: [], at: .start)
        }
        #expect(unlink(file) == 0)
        #expect(journal.findLoss()?.file == Self.name)
        #expect(journal.findLoss() == nil)
        isFull.withLock { $0 = false }
        let isHealthy = journal.repair(
            checkpoint: [.damage(file: Self.name, offset: 0)], at: .start)
        #expect(isHealthy)
        #expect(journal.findLoss() == nil)
        let records = try JournalInspection.history(directory: state)
        #expect(records.count { $0 == .damage(file: Self.name, offset: 0) } == 2)
    }

    @Test(
        "looks for what it has read before it begins its first file",
        arguments: ["removed", "replaced", "cut"])
    func lostBeforeStart(how: String) throws {
        _ = try open()
        var disk = Disk.patient
        disk.reopen = { _, _ in -EMFILE }
        var journal = try Journal.open(
            directory: state, now: .start, version: "1.0.0", disk: disk)
        journal.start(checkpoint: [.seen(1)], at: .start)
        #expect(journal.health != .healthy)
        #expect(journal.findLoss() == nil)
        if how == "cut" { #expect(truncate(file, 9) == 0) } else { #expect(unlink(file) == 0) }
        if how == "replaced" { #expect(mkdir(file, 0o700) == 0) }
        let offset: Int64 = how == "cut" ? 9 : 0
        #expect(journal.findLoss()?.offset == offset)
        let isHealthy = journal.repair(
            checkpoint: [.damage(file: Self.name, offset: offset), .seen(1)], at: .start)
        #expect(isHealthy)
    }

    @Test("that could not write its end is not closed, and can be repaired and closed")
    func closing() throws {
        var journal = try open()
        #expect(unlink(file) == 0)
        #expect(
            failure { try journal.close(at: .start) } == .lost(file: Self.name, offset: 0))
        #expect(journal.findLoss() != nil)
        let isHealthy = journal.repair(
            checkpoint: [.damage(file: Self.name, offset: 0), .seen(1)], at: .start)
        #expect(isHealthy)
        try journal.close(at: .start)
        #expect(try JournalInspection.read(directory: state).isClosed)
        #expect(try JournalInspection.verify(directory: state).exitCode == 65)
    }

    @Test("goes on in a new file where something else has written to the old one")
    func intruded() throws {
        var journal = try open()
        try scratch.write(try scratch.read("state/\(Self.name)") + [1], to: "other")
        #expect(rename("\(scratch.path)/other", file) == 0)
        // Another file with that name, whatever is in it, is not the one that was written.
        #expect(
            failure { try journal.append([.seen(2)], at: .start) }
                == .lost(file: Self.name, offset: 0))
        _ = consume journal

        #expect(unlink(file) == 0)
        var next = try open()
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([1]))
        #expect(
            failure { try next.append([.seen(2)], at: .start) } == .intruded(file: Self.name))
        let isHealthy = next.repair(checkpoint: [.seen(1), .seen(2)], at: .start)
        #expect(isHealthy)
        #expect(try JournalInspection.verify(directory: state).exitCode == 0)
    }

    @Test(
        "is down as long as its path leads elsewhere, and heals when it is back",
        arguments: ["moved", "replaced"])
    func displaced(how: String) throws {
        var journal = try open()
        #expect(rename(state, state + ".old") == 0)
        if how == "replaced" { #expect(mkdir(state, 0o750) == 0) }
        for _ in 0..<2 {
            _ = failure { try journal.append([.seen(2)], at: .start) }
            let isHealthy = journal.repair(checkpoint: [.seen(1)], at: .start)
            #expect(!isHealthy)
            guard case .down(let reason, _, _) = journal.health else { return }
            #expect(reason.contains("no longer the directory that this process locked"))
        }
        if how == "replaced" { #expect(rmdir(state) == 0) }
        #expect(rename(state + ".old", state) == 0)
        let isHealthy = journal.repair(checkpoint: [.seen(1)], at: .start)
        #expect(isHealthy)
        #expect(try JournalInspection.verify(directory: state).exitCode == 0)
    }

    @Test("that is removed as a whole is down for good")
    func removed() throws {
        var journal = try open()
        try FileManager.default.removeItem(atPath: state)
        #expect(
            failure { try journal.append([.seen(2)], at: .start) }
                == .displaced(directory: state))
        let isHealthy = journal.repair(checkpoint: [.seen(1)], at: .start)
        #expect(!isHealthy)
    }
}
