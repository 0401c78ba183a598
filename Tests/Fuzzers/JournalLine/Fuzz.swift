import OpwatchCore
import WireFormat

@testable import OpwatchJournal

/// Reads the input as what a line says, from `"at"` on, behind a frame that verifies.
///
/// A line that is taken is written again and read again as the same; so is one of a later kind,
/// byte for byte.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    var decoder = LineDecoder()
    _ = decoder.decode(input, in: input.indices)
    var line: [UInt8] = []
    LineFrame.begin(&line, seq: 42, synced: 41)
    line += input
    LineFrame.seal(&line, from: 0)
    switch decoder.decode(line, in: line.indices) {
    case .good(let good):
        checkRoundTrip(good, line)
        return 0
    case .unusable, .tooNew: return 0
    case .broken:
        precondition(line.count >= LineFrame.bytesMax, "the frame does not verify")
        return -1
    }
}

private func checkRoundTrip(_ line: JournalLine, _ bytes: [UInt8]) {
    var encoder = LineEncoder()
    do throws(JournalError) {
        try encoder.append(line.content, seq: line.seq, synced: line.synced, at: line.at)
    } catch {
        // A name that is too long for us, or one that escapes make too long for a line.
        return
    }
    let written = Array(encoder.bytes.dropLast())
    if case .preserved = line.content { precondition(written == bytes, "not kept as it was") }
    var decoder = LineDecoder()
    let again = decoder.decode(written, in: written.indices)
    guard case .good(let read) = again else { preconditionFailure("what was written: \(again)") }
    if case .record(let record) = line.content, record.hasProse { return }
    precondition(read == line, "read as another: \(read), \(line)")
}

extension JournalRecord {
    /// Whether texts for people are in it, which are cut to their limit.
    fileprivate var hasProse: Bool {
        switch self {
        case .open, .deferred, .withdrawn, .asked, .breaker, .damage, .damageAccepted: true
        default: false
        }
    }
}
