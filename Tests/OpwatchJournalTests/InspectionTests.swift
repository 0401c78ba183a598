import Glibc
import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("Looking at a journal")
struct InspectionTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func dump() throws -> [String] {
        var lines: [String] = []
        _ = try JournalInspection.dump(directory: scratch.path) { lines.append($0) }
        return lines
    }

    @Test("needs no lock and changes nothing")
    func beside() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        try journal.append([.seen(1)], at: .start)
        let names = scratch.names
        #expect(try JournalInspection.read(directory: scratch.path).lastSeq == 4)
        #expect(try JournalInspection.verify(directory: scratch.path).exitCode == 0)
        #expect(scratch.names == names)
        #expect(journal.health == .healthy)
    }

    @Test("of an empty directory finds nothing wrong")
    func empty() throws {
        #expect(try JournalInspection.verify(directory: scratch.path) == JournalReport())
        #expect(try JournalInspection.read(directory: scratch.path).tail == .absent)
        #expect(try dump() == [])
    }

    @Test("of a missing directory is an I/O error")
    func missing() {
        #expect(throws: JournalError.io(call: "open", path: scratch.path + "/x", errno: 2)) {
            try JournalInspection.verify(directory: scratch.path + "/x")
        }
    }

    @Test("names the file, line and byte of damage in an older file too")
    func oldDamage() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        try journal.append([.seen(1), .seen(2)], at: .start)
        journal.repair(checkpoint: [.seen(1), .seen(2)], at: .start)
        let name = "journal-00000000000000000001.jsonl"
        var bytes = try scratch.read(name)
        bytes[bytes.count - 9] ^= 1
        try scratch.write(bytes, to: name)
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.exitCode == 65)
        #expect(report.damage?.line == 5)
        #expect(report.files.map(\.name).first == name)
        #expect(try JournalInspection.read(directory: scratch.path).tail == .clean)

        try scratch.write(bytes.dropLast(bytes.count / 2), to: name)
        #expect(try JournalInspection.verify(directory: scratch.path).exitCode == 65)
    }

    @Test("tells all of a file behind which one is gone")
    func missingFile() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        try journal.append((1...9).map { .seen($0) }, at: .start)
        journal.repair(checkpoint: [], at: .start)
        journal.repair(checkpoint: [], at: .start)
        let names = scratch.names
        #expect(names.count == 3)
        #expect(unlink("\(scratch.path)/\(names[1])") == 0)
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.damage?.file == names[0])
        #expect(report.damage?.what.hasSuffix("what is between them is not there") == true)
        #expect(report.files.first?.lines == 12)
        #expect(try dump().count { $0.contains("  seen  ") } == 9)
    }

    @Test(
        "names a file that it may not read, and reads the others",
        arguments: [true, false], 0...2)
    func unread(isForbidden: Bool, index: Int) throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        for number in 1...2 {
            try journal.append([.seen(number)], at: .start)
            journal.repair(checkpoint: [], at: .start)
        }
        try journal.append([.seen(3)], at: .start)
        let name = scratch.names[index]
        var disk = Disk.live
        if isForbidden {
            disk.open = { $1 == name ? -EACCES : Disk.live.open($0, $1) }
        } else {
            var header = JournalHeader(afterSeq: 0, afterBytes: 0, boot: "b", build: "9.0.0")
            header.min = 2
            var encoder = LineEncoder()
            let first = try #require(JournalFile(name: name)).first
            try encoder.append(.header(header), seq: first, synced: 0, at: .start)
            try scratch.write(encoder.bytes, to: name)
        }
        var lines: [String] = []
        let report = try JournalInspection.dump(directory: scratch.path, disk: disk) {
            lines.append($0)
        }
        #expect(lines.count { $0.contains("  seen  ") } == 2)
        let unread: JournalError =
            isForbidden
            ? .io(call: "open", path: name, errno: EACCES) : .tooNew(file: name, min: 2)
        #expect(report.unread == unread)
        #expect(report.exitCode == (isForbidden ? 77 : 78))
        #expect(report.files.map(\.name) == scratch.names)
        #expect(report.files.filter { $0.state == .whole }.count == 2)
    }

    @Test("takes no word of a file that is a copy of another")
    func copies() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        try journal.append([.seen(1)], at: .start)
        journal.repair(checkpoint: [.seen(1)], at: .start)
        try journal.append([.seen(2)], at: .start)
        _ = consume journal
        let before = try dump()
        let copy = "journal-00000000000000000099.jsonl"
        try scratch.write(try scratch.read(scratch.names[0]), to: copy)
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.files.map(\.state).prefix(2) == [.whole, .whole])
        #expect(report.damage?.file == copy)
        #expect(try dump() == before)
        #expect(try scratch.look().isDamaged)
        #expect(scratch.records.filter(\.isState).prefix(2) == [.seen(1), .seen(2)])
    }

    @Test("goes on beside a daemon that thins a file and removes another meanwhile")
    func thinnedMeanwhile() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        for number in 1...6 {
            journal.note(serverTime: .start, at: .start)
            try journal.append([.seen(number), .withdrawn(IntentID(1), reason: "")], at: .start)
            journal.repair(checkpoint: [], at: .start)
        }
        let late = Timestamp.start + .seconds(3_000 * 86_400)
        journal.note(serverTime: late, at: .start)
        for _ in 0..<4 { _ = try journal.retain(Retention(), at: .start) }
        // Four history files, three journal files.
        var lines: [String] = []
        var steps: [RetentionStep?] = []
        _ = try JournalInspection.dump(directory: scratch.path) { line in
            lines.append(line)
            guard line.contains("  withdrawn  "), steps.isEmpty else { return }
            // Thins one, removes the one that is being read and the next.
            for _ in 0..<3 { steps.append(try? journal.retain(Retention(), at: .start)) }
        }
        let removed = steps.count { if case .removed = $0 { true } else { false } }
        #expect(steps.count == 3 && removed == 2)
        #expect(lines.count { $0.contains("  withdrawn  ") } == 5)
        #expect(try JournalInspection.verify(directory: scratch.path).exitCode == 0)
    }

    @Test("reports a torn tail as a note")
    func torn() throws {
        try scratch.journal([[.seen(1)]])
        let name = "journal-00000000000000000001.jsonl"
        try scratch.write(try scratch.read(name).dropLast(), to: name)
        let report = try JournalInspection.verify(directory: scratch.path)
        #expect(report.exitCode == 0)
        guard case .torn(let line)? = report.files.last?.state else {
            Issue.record("not torn: \(report.files)")
            return
        }
        #expect(line.line == 4)
        #expect(report.files.first?.description.contains("nothing acknowledged is lost") == true)
    }

    @Test("tells every record once over several files")
    func timeline() throws {
        var journal = try scratch.open()
        journal.start(checkpoint: [], at: .start)
        try journal.append([.seen(1)], at: .start)
        journal.repair(checkpoint: [.seen(1)], at: .start)
        try journal.append([.seen(2)], at: .start)
        let lines = try dump()
        #expect(lines.filter { $0.contains("op=projects/acme/operations/1") }.count == 1)
        #expect(lines.filter { $0.contains("op=projects/acme/operations/2") }.count == 1)
        #expect(
            lines.last
                == "2026-01-01T00:00:00Z  8  seen  service=ml  "
                + "endpoint=https://ml.googleapis.com/v1  parent=projects/acme  "
                + "op=projects/acme/operations/2  created=2026-01-01T00:00:00Z")
    }

    @Test("shows no control character of a name")
    func controls() throws {
        let name = "x\u{1B}[31m \u{7}"
        try scratch.journal([[.unlisted(JournalRecord.operation(name))]])
        let last = try #require(try dump().last)
        #expect(last.hasSuffix(#"op="x\u001b[31m \u0007""#))
    }

    @Test("prints a line of a later kind as it is")
    func laterKind() throws {
        try scratch.journal([])
        let name = "journal-00000000000000000001.jsonl"
        let rest = #""at":"2027-01-01T00:00:00Z","kind":"override\u001b","x":[1]}"#
        var encoder = LineEncoder()
        try encoder.append(
            .preserved(kind: "override", rest: Array(rest.utf8)), seq: 4, synced: 3, at: .start)
        try scratch.write(try scratch.read(name) + encoder.bytes, to: name)
        #expect(try dump().last == "2027-01-01T00:00:00Z  4  " + rest)
    }
}
