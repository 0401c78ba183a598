import DiskSimulator
import Glibc
import OpwatchCore
import Testing

@testable import OpwatchJournal

@Suite("A call that fails")
struct CallFailureTests {
    /// EINTR among them, which is repeated; nil is a short write, and EIO of any other call.
    private static let codes: [Int32?] = [EIO, ENOSPC, EDQUOT, EROFS, EMFILE, EINTR, nil]

    @Test(
        "at any place, once or for ever, with or without effect, loses nothing acknowledged",
        arguments: codes, [false, true])
    func failure(code: Int32?, isLasting: Bool) throws {
        let script = CrashScript(batches: 6)
        let probe = MemoryDisk()
        _ = script.endure(probe.disk, rollAfter: 3)
        #expect(probe.calls.count > 30)
        for call in probe.calls.indices {
            // An interrupted call has no effect, by definition.
            for hasEffect in code == EINTR ? [false] : [false, true] {
                let memory = MemoryDisk(
                    fault: MemoryDisk.Fault(
                        failing: call..<(isLasting ? .max : call + 1), code: code,
                        hasEffect: hasEffect))
                let progress = script.endure(memory.disk, rollAfter: 3)
                let place = "\(probe.calls[call]), call \(call)" as Comment
                if !isLasting { #expect(progress.acknowledged == progress.attempted, place) }
                var checker = CrashChecker(script)
                // The process is killed, or the power is lost with all that was not synced.
                for image in [memory.image, memory.syncedImage] {
                    try checker.check(image, progress)
                }
                #expect(checker.failures == [], place)
            }
        }
    }
}
