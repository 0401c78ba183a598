/// One value that was read without error, seen as what a caller asks for.
package struct FieldValue {
    let bytes: [UInt8]
    let kind: FieldKind
    /// The whole value in `bytes`, quotes or brackets included.
    let range: Range<Int>
    /// Of a string: whether any escape may be in it.
    let isEscaped: Bool

    /// The value that a row of these bytes found.
    package init(_ slot: FieldSlot, in bytes: [UInt8]) {
        self.bytes = bytes
        kind = slot.kind
        range = slot.range
        isEscaped = slot.isEscaped
    }

    /// The element that an array in these bytes has; absent where it points outside of them.
    package init(_ element: FieldElement, in bytes: [UInt8]) {
        self.bytes = bytes
        range = element.range.clamped(to: 0..<bytes.count)
        kind = range == element.range ? element.kind : .absent
        isEscaped = bytes[range].contains(UInt8(ascii: "\\"))
    }

    /// A string that was just read.
    init(stringAt range: Range<Int>, in bytes: [UInt8], isEscaped: Bool) {
        self.bytes = bytes
        kind = .string
        self.range = range
        self.isEscaped = isEscaped
    }

    /// The decoded text; nil for any value but a string.
    package var string: String? {
        withText { String(decoding: $0, as: UTF8.self) }
    }

    func isString(_ text: String) -> Bool {
        let isSame = withText { content in
            text.utf8.withContiguousStorageIfAvailable { other in
                guard content.count == other.count else { return false }
                guard let left = content.baseAddress, let right = other.baseAddress else {
                    return true
                }
                return ByteHash.isEqual(left, right, count: content.count)
            } ?? text.utf8.elementsEqual(content)
        }
        return isSame ?? false
    }

    var integer: Int64? {
        withNumber { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    var number: Double? {
        let number = withNumber { Double(String(decoding: $0, as: UTF8.self)) }
        return number.flatMap { $0.isFinite ? $0 : nil }
    }

    var timestamp: Timestamp? {
        withText { Timestamp(rfc3339: $0) }
    }

    var contentHash: UInt64 {
        if kind == .absent { return 0 }
        return withScanner { (scanner) throws(WireError) in try scanner.contentHash() } ?? 1
    }

    /// The elements of an array; none for any other value.
    package var elements: [FieldElement] {
        guard kind == .array || kind == .repeated else { return [] }
        return withScanner { (scanner) throws(WireError) in try scanner.elements() } ?? []
    }

    /// The keys, decoded, and values of an object; none for any other value.
    var members: [(key: String, element: FieldElement)] {
        guard kind == .object else { return [] }
        let found = withScanner { (scanner) throws(WireError) in try scanner.members() } ?? []
        return found.compactMap { member in
            let key = FieldValue(FieldElement(kind: .string, range: member.key), in: bytes).string
            return key.map { ($0, member.element) }
        }
    }

    /// Gives the content of a string to the body, decoded; nil for any other kind.
    private func withText<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value?) -> Value? {
        guard kind == .string, range.count >= 2 else { return nil }
        let content = range.lowerBound + 1..<range.upperBound - 1
        guard isEscaped else {
            return bytes.withUnsafeBufferPointer { body(.init(rebasing: $0[content])) }
        }
        var decoded: [UInt8] = []
        bytes.withUnsafeBytes {
            JSONUnescaper.append(UnsafeRawBufferPointer(rebasing: $0[content]), to: &decoded)
        }
        return decoded.withUnsafeBufferPointer(body)
    }

    /// Gives the digits of a number, or of a string that holds one, to the body.
    private func withNumber<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value?) -> Value? {
        if kind == .number {
            return bytes.withUnsafeBufferPointer { body(.init(rebasing: $0[range])) }
        }
        return withText { content in
            guard let base = content.baseAddress else { return nil }
            var scanner = JSONScanner(
                UnsafeRawPointer(base), range: 0..<content.count, depthMax: 0)
            do throws(WireError) {
                try scanner.number()
            } catch {
                return nil
            }
            return scanner.index == content.count ? body(content) : nil
        }
    }

    /// Nil only if the value were not valid, which reading has ruled out.
    private func withScanner<Value>(
        _ body: (inout JSONScanner) throws(WireError) -> Value
    ) -> Value? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var scanner = JSONScanner(base, range: range, depthMax: .max)
            do throws(WireError) {
                return try body(&scanner)
            } catch {
                return nil
            }
        }
    }
}
