/// An address of IPv4 or IPv6, in its full written form.
package struct IPAddress: Sendable, Equatable {
    /// 4 or 16, the highest first.
    package let bytes: [UInt8]

    /// - Parameter text: without brackets, port and zone; no short forms of IPv4 (`127.1`) and no
    ///   leading zeros in one, which are octal to some.
    package init?(_ text: some StringProtocol) {
        guard let bytes = Self.ipv4(text) ?? Self.ipv6(text) else { return nil }
        self.bytes = bytes
    }

    private static func ipv4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            UInt8(part).flatMap { String($0) == part ? $0 : nil }
        }
        return parts.count == 4 && numbers.count == 4 ? numbers : nil
    }

    /// Eight groups, of which `::` stands for one or more of zeros and an address of IPv4 for the
    /// last two (RFC 4291, section 2.2).
    private static func ipv6(_ text: some StringProtocol) -> [UInt8]? {
        let halves = String(text).split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, text.contains(":"),
            let head = groups(halves[0], isLast: halves.count == 1),
            let tail = halves.count == 2 ? groups(halves[1], isLast: true) : []
        else { return nil }
        let missing = 16 - head.count - tail.count
        guard halves.count == 2 ? missing >= 2 : missing == 0 else { return nil }
        return head + [UInt8](repeating: 0, count: missing) + tail
    }

    private static func groups(_ text: Substring, isLast: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isLast, index == parts.count - 1, let end = ipv4(part) { return bytes + end }
            // No sign, which the number's own reader would take.
            guard (1...4).contains(part.utf8.count), part.first?.isHexDigit == true,
                let number = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
        }
        return bytes
    }

    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool {
        bytes.count == 4
            ? bytes[0] == 127 : bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
    }

    /// Whether the first bits are those of another address of the same kind.
    ///
    /// - Parameter bits: 0...32, or 0...128.
    package func isIn(_ network: IPAddress, bits: Int) -> Bool {
        guard bytes.count == network.bytes.count, (0...bytes.count * 8).contains(bits) else {
            return false
        }
        return bytes.indices.allSatisfy { index in
            let rest = min(8, max(0, bits - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
            return (bytes[index] ^ network.bytes[index]) & mask == 0
        }
    }
}
