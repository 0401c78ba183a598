import Foundation
import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("Taking a journal")
struct LockTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func failure(_ body: () throws -> Void) -> JournalError? {
        do { try body() } catch { return error as? JournalError }
        return nil
    }

    @Test("a second owner is refused and told who the first is")
    func twice() throws {
        var first = try scratch.open()
        #expect(failure { _ = try scratch.open(disk: .live) }?.exitCode == 75)
        first.start(checkpoint: [], at: .start)
        let refusal = failure { _ = try scratch.open(disk: .live) }
        guard case .locked(_, let holder) = refusal else {
            Issue.record("must be refused, not \(String(describing: refusal))")
            return
        }
        #expect(holder == JournalError.Holder(pid: 4711, host: "night"))
        #expect(refusal?.exitCode == 75)
        #expect(first.health == .healthy)
        _ = consume first
        _ = try scratch.open()
    }

    @Test("the owner is named whatever files it began since its start")
    func afterRoll() throws {
        var first = try scratch.open()
        first.start(checkpoint: [], at: .start)
        first.repair(checkpoint: [.seen(1)], at: .start)
        guard case .locked(_, let holder)? = failure({ _ = try scratch.open(disk: .live) }) else {
            Issue.record("must be refused")
            return
        }
        #expect(holder == JournalError.Holder(pid: 4711, host: "night"))
        try first.close(at: .start)
        #expect(try scratch.look().isClosed)
    }

    @Test("another process's lock counts")
    func otherProcess() throws {
        let child = Process()
        let input = Pipe()
        let output = Pipe()
        child.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        child.arguments = ["--exclusive", scratch.path, "sh", "-c", "echo locked; read line"]
        child.standardInput = input
        child.standardOutput = output
        try child.run()
        #expect(output.fileHandleForReading.availableData == Data("locked\n".utf8))
        #expect(failure { _ = try scratch.open(disk: .live) }?.exitCode == 75)
        try input.fileHandleForWriting.close()
        child.waitUntilExit()
        _ = try scratch.open()
    }

    @Test("a file of a later format is not followed, and nothing is touched")
    func tooNew() throws {
        try scratch.journal([[.seen(1)]])
        let header = JournalHeader(
            format: 2, min: 2, afterSeq: 4, afterBytes: 900, boot: "b", build: "9.0.0")
        var encoder = LineEncoder()
        try encoder.append(.header(header), seq: 5, synced: 4, at: .start)
        let newest = JournalFile(first: 5)
        try scratch.write(encoder.bytes, to: newest.name)
        try scratch.write([1], to: JournalFile(first: 9).name + FileSuffix.temporary)
        let names = scratch.names
        let refusal = failure { _ = try scratch.open(disk: .live) }
        #expect(refusal == .tooNew(file: newest.name, min: 2))
        #expect(refusal?.exitCode == 78)
        #expect(scratch.names == names)
        #expect(try scratch.read(newest.name) == encoder.bytes)
    }

    @Test("a later format that this version may follow is read")
    func laterFormat() throws {
        let header = JournalHeader(
            format: 2, min: 1, afterSeq: 0, afterBytes: 0, boot: "b", build: "9.0.0")
        var encoder = LineEncoder()
        try encoder.append(.header(header), seq: 1, synced: 0, at: .start)
        try encoder.append(.ready(lines: 0), seq: 2, synced: 0, at: .start)
        try scratch.write(encoder.bytes, to: JournalFile(first: 1).name)
        #expect(try scratch.open().recovered.tail == .clean)
    }

    @Test(
        "network file systems are refused, those that forget are named",
        arguments: [
            (0x6969, FileSystemKind.refused(name: "NFS")),
            (0xFF53_4D42, .refused(name: "CIFS")), (0xFE53_4D42, .refused(name: "CIFS")),
            (0x517B, .refused(name: "CIFS")), (0x0102_1994, .forgetful(name: "tmpfs")),
            (0x794C_7630, .forgetful(name: "overlay")), (0xEF53, .reliable),
            (-11_317_950, .refused(name: "CIFS")),
        ] as [(Int64, FileSystemKind)])
    func fileSystems(magic: Int64, kind: FileSystemKind) {
        #expect(FileSystemKind(magic: magic) == kind)
    }

    @Test("a missing parent and a file in the place of the directory are I/O errors")
    func noDirectory() throws {
        try scratch.write([], to: "file")
        let missing = failure {
            _ = try Journal.open(directory: scratch.path + "/a/b", now: .start, version: "1")
        }
        #expect(missing == .io(call: "mkdir", path: scratch.path + "/a/b", errno: ENOENT))
        #expect(missing?.exitCode == 74)
        let file = failure {
            _ = try Journal.open(directory: scratch.path + "/file", now: .start, version: "1")
        }
        #expect(file == .io(call: "open", path: scratch.path + "/file", errno: ENOTDIR))
    }
}
