import Foundation

/// Keeps a journal from beginning a file, for root too: a directory has the name of that file.
struct JournalBlock {
    private let path: String

    init(_ world: DaemonHarness, first: Int = 1) throws {
        let digits = String(first)
        let number = String(repeating: "0", count: 20 - digits.count) + digits
        path = "\(world.stateDirectory)/journal-\(number).jsonl.tmp"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    /// The disk is well again.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
