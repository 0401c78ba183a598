/// Whole numbers as decimal digits, appended to bytes.
package enum DecimalText {
    /// Appends the number, with zeros in front where it has fewer digits.
    package static func append(_ value: UInt64, digits: Int = 1, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: digitsMax) { buffer in
            var place = digitsMax
            var rest = value
            repeat {
                place -= 1
                buffer.initializeElement(
                    at: place, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0
            for _ in digitsMax - place..<max(digits, digitsMax - place) {
                bytes.append(UInt8(ascii: "0"))
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[place...]))
        }
    }

    /// Of the largest `UInt64`.
    private static let digitsMax = 20
}
