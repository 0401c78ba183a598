import Testing

@testable import OpwatchJournal

@Suite("CRC-32C")
struct CRC32CTests {
    @Test(
        "agrees with the published vectors",
        arguments: [
            ([], 0x0000_0000),
            (Array("123456789".utf8), 0xE306_9283),
            (Array("a".utf8), 0xC1D0_4330),
            ([UInt8](repeating: 0x00, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E),
            (Array((0..<32).reversed()), 0x113F_DB5C),
        ] as [([UInt8], UInt32)])
    func vectors(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes[...]) == checksum)
    }

    @Test("does not depend on where the bytes stand", arguments: 0..<9)
    func alignment(offset: Int) {
        let bytes = [UInt8](repeating: 7, count: offset) + Array("123456789".utf8)
        #expect(CRC32C.checksum(bytes[offset...]) == 0xE306_9283)
    }
}
