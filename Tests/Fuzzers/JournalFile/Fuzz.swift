import DiskSimulator
import OpwatchCore
import WireFormat

@testable import OpwatchJournal

/// Makes files of the input, starts a journal on them and looks at it from all sides.
///
/// A line of the input is what a line of a file says, from `"at"` on, which gets the frame that is
/// due; behind `!` it stands as it is, behind `~` with a frame whose seq is not due. `%` begins
/// the next file, `^` a history file.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    let memory = MemoryDisk(Writing(Array(input)).image)
    do throws(JournalError) {
        try check(memory)
    } catch .tooNew {
        return 0
    } catch {
        preconditionFailure("on a healthy disk: \(error)")
    }
    return 0
}

private let directory = "/journal"
private let noon = Timestamp(rfc3339: "2026-01-01T12:00:00Z") ?? .latest

private func check(_ memory: MemoryDisk) throws(JournalError) {
    let before = memory.image
    let report = try JournalInspection.dump(directory: directory, disk: memory.disk) { _ in }
    let found = try look(memory)
    precondition(memory.image == before, "reading changes something")
    precondition(report.damage != nil || found.state.damage == nil, "verify misses damage")
    try startAndRoll(memory, found)
    for (name, content) in before.files {
        guard let now = memory.image.files[name] else {
            preconditionFailure("\(name) is gone")
        }
        precondition(now.starts(with: content), "\(name) was rewritten")
    }
    try expectState(of: found, memory)
    try retain(memory)
    try expectState(of: found, memory)
}

private func expectState(of found: Replay, _ memory: MemoryDisk) throws(JournalError) {
    let now = StateFingerprint(try look(memory).state)
    precondition(now == StateFingerprint(found.state), "another state is found")
}

private func look(_ memory: MemoryDisk) throws(JournalError) -> Replay {
    var replay = Replay()
    _ = try JournalInspection.read(directory: directory, disk: memory.disk) { replay.take($0) }
    return replay
}

private func startAndRoll(_ memory: MemoryDisk, _ found: Replay) throws(JournalError) {
    var journal = try Journal.open(
        directory: directory, now: noon, version: "1.0.0", disk: memory.disk)
    journal.start(misfit: found.misfit, checkpoint: found.state.checkpoint(), at: noon)
    // A file may claim seqs so high that none is left.
    guard journal.health == .healthy else { return precondition(journal.lastSeq > 1 << 50) }
    let isRolled = journal.repair(checkpoint: found.state.checkpoint(), at: noon)
    precondition(isRolled || journal.lastSeq > 1 << 50)
}

private func retain(_ memory: MemoryDisk) throws(JournalError) {
    var journal = try Journal.open(
        directory: directory, now: noon, version: "1.0.0", disk: memory.disk)
    guard journal.lastSeq < 1 << 50 else { return }
    let state = try look(memory).state
    journal.start(checkpoint: state.checkpoint(), at: noon)
    journal.note(serverTime: .latest, at: noon)
    var retention = Retention()
    retention.bytesMax = 0
    for _ in 0..<100 {
        if case .tooLarge? = try journal.retain(retention, at: noon) { return }
    }
    preconditionFailure("there is always something left to do")
}

/// What the input stands for.
private struct Writing {
    private(set) var image = MemoryDisk.Image()
    private var seq: Int64 = 0
    private var first: Int64 = 1
    private var isHistory = false
    private var file: [UInt8] = []

    init(_ input: [UInt8]) {
        for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            switch line.first {
            case UInt8(ascii: "%"), UInt8(ascii: "^"):
                end()
                isHistory = line.first == UInt8(ascii: "^")
            case UInt8(ascii: "!"): file += line.dropFirst() + [UInt8(ascii: "\n")]
            case UInt8(ascii: "~"):
                seq += 7
                add(Array(line.dropFirst()))
            default: add(Array(line))
            }
        }
        end()
    }

    private mutating func add(_ rest: [UInt8]) {
        seq += 1
        let start = file.count
        LineFrame.begin(&file, seq: seq, synced: seq - 1)
        file += rest
        LineFrame.seal(&file, from: start)
        file.append(UInt8(ascii: "\n"))
    }

    private mutating func end() {
        let name =
            isHistory
            ? HistoryFile(first: first, last: max(seq, first)).name : JournalFile(first: first).name
        if !file.isEmpty { image.files[name] = file }
        file = []
        first = seq + 1
    }
}
