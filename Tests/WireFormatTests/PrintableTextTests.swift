import Testing

@testable import WireFormat

@Suite("Printable text")
struct PrintableTextTests {
    @Test("every byte is told at every place of texts of all lengths", arguments: 0...19)
    func bytes(count: Int) {
        for place in 0..<count {
            for byte in UInt8.min...UInt8.max {
                for filler in [UInt8(ascii: " "), UInt8(ascii: "~"), UInt8(ascii: "!")] {
                    var text = [UInt8](repeating: filler, count: count)
                    text[place] = byte
                    let isPrintable = (0x20...0x7E).contains(byte)
                    let isEscaped = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                    let found = text.withUnsafeBytes { bytes in
                        (PrintableText.isWhole(bytes), PrintableText.isPlain(bytes))
                    }
                    // Asserted only where it fails: there are 160,000 of them.
                    if found != (isPrintable, isPrintable && !isEscaped) {
                        Issue.record("\(text): \(found)")
                    }
                }
            }
        }
    }

    @Test("a text of nothing is both")
    func empty() {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(PrintableText.isWhole(nothing) && PrintableText.isPlain(nothing))
    }
}
