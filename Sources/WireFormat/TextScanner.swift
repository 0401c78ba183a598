/// Steps through a short ASCII text; every step tells whether it could be taken.
struct TextScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    /// The byte at hand, without taking it.
    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    mutating func take(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount <= bytes.count - index else { return false }
        for offset in 0..<text.utf8CodeUnitCount
        where bytes[index + offset] != text.utf8Start[offset] {
            return false
        }
        index += text.utf8CodeUnitCount
        return true
    }

    /// A decimal digit.
    mutating func digit() -> Int? {
        guard let byte = next, byte &- 0x30 <= 9 else { return nil }
        index += 1
        return Int(byte &- 0x30)
    }

    /// Exactly so many digits; at most 18.
    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value &* 10 &+ digit
        }
        return value
    }

    /// One digit or more; nil when the number does not fit.
    mutating func number() -> Int64? {
        guard var value = digit().map(Int64.init) else { return nil }
        while let digit = digit() {
            let (tens, overflowsTens) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tens.addingReportingOverflow(Int64(digit))
            if overflowsTens || overflows { return nil }
            value = sum
        }
        return value
    }

    /// One to nine digits behind a decimal point, as nanoseconds.
    mutating func fraction() -> UInt32? {
        guard var value = digit().map(UInt32.init) else { return nil }
        var scale = 1
        while let digit = digit() {
            guard scale < 9 else { return nil }
            value = value * 10 + UInt32(digit)
            scale += 1
        }
        for _ in scale..<9 { value *= 10 }
        return value
    }

    /// Gives the bytes of a text to the body; nil also for a text of more than 100 bytes, which
    /// is longer than any instant or duration.
    static func scan<Value>(
        _ text: some StringProtocol, _ body: (inout TextScanner) -> Value?
    ) -> Value? {
        let utf8 = text.utf8
        let whole = utf8.withContiguousStorageIfAvailable { bytes -> Value? in
            scan(bytes, body)
        }
        if let whole { return whole }
        return Array(utf8.prefix(longest + 1)).withUnsafeBufferPointer { scan($0, body) }
    }

    /// The same for bytes; the body must have taken all of them.
    static func scan<Value>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (inout TextScanner) -> Value?
    ) -> Value? {
        guard bytes.count <= longest else { return nil }
        var scanner = TextScanner(bytes)
        let value = body(&scanner)
        return scanner.isAtEnd ? value : nil
    }

    private static let longest = 100
}
