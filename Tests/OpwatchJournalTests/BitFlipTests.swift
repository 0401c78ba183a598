import DiskSimulator
import OpwatchCore
import Testing

@testable import OpwatchJournal

@Suite("A bit that turned")
struct BitFlipTests {
    /// A file of 64 KiB with a checkpoint, and where each of its lines begins.
    private static let file: (name: String, bytes: [UInt8], starts: [Int]) = {
        let memory = MemoryDisk()
        do {
            var journal = try Journal.open(
                directory: "/journal", now: .start, version: "1.0.0", process: .testing,
                disk: memory.disk)
            journal.start(checkpoint: (0..<120).map { .seen($0) }, at: .start)
            for number in 120..<290 { try journal.append([.seen(number)], at: .start) }
            try journal.close(at: .start)
        } catch {
            preconditionFailure("\(error)")
        }
        let (name, bytes) = memory.image.files.first ?? ("", [])
        let feeds = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        return (name, bytes, [0] + feeds.map { $0 + 1 }.dropLast())
    }()

    @Test("in any line, checkpoint included, breaks that line")
    func everyBit() {
        let (_, bytes, starts) = Self.file
        #expect(bytes.count >= 64 << 10)
        var decoder = LineDecoder()
        var undetected: [String] = []
        for (start, next) in zip(starts, starts.dropFirst() + [bytes.count]) {
            var line = Array(bytes[start..<next - 1])
            for index in line.indices {
                for bit in 0..<8 {
                    line[index] ^= 1 << bit
                    // The reader cuts at every line feed, also at one that was none.
                    for part in line.split(separator: UInt8(ascii: "\n")) {
                        let part = Array(part)
                        if decoder.decode(part, in: 0..<part.count) != .broken {
                            undetected.append("byte \(start + index), bit \(bit)")
                        }
                    }
                    line[index] ^= 1 << bit
                }
            }
        }
        #expect(undetected == [])
    }

    @Test("at any end of a line, and once in each line, is damage or a torn tail of the file")
    func wholeFile() throws {
        let (name, bytes, starts) = Self.file
        let ends = starts.dropFirst().map { $0 - 1 } + [bytes.count - 1]
        for place in starts.enumerated().map({ $1 + 20 + $0 % 60 }) + ends {
            for bit in place == bytes.count - 1 || bytes[place] == 10
                ? 0..<8 : place % 8..<place % 8 + 1
            {
                var turned = bytes
                turned[place] ^= 1 << bit
                let memory = MemoryDisk(MemoryDisk.Image(files: [name: turned]))
                let found = try JournalInspection.read(directory: "/journal", disk: memory.disk)
                switch found.tail {
                case .damaged: continue
                case .torn(let bad):
                    // Only of the last lines nothing behind them says that they were durable.
                    #expect(bad.line ?? 0 >= starts.count - 1, "byte \(place), bit \(bit)")
                case .absent, .clean:
                    Issue.record("byte \(place), bit \(bit) was not noticed")
                }
            }
        }
    }
}
