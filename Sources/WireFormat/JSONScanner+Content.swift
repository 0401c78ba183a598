/// Second looks at a value that was read without error.
extension JSONScanner {
    /// Takes a value without a look inside.
    mutating func skipValue() throws(WireError) -> FieldKind {
        switch byte {
        case UInt8(ascii: "\""):
            _ = try text()
            return .string
        case UInt8(ascii: "{"):
            try skipBrackets()
            return .object
        case UInt8(ascii: "["):
            try skipBrackets()
            return .array
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return try word()
        default:
            try number()
            return .number
        }
    }

    /// The elements of the array that stands here.
    mutating func elements() throws(WireError) -> [FieldElement] {
        try open()
        skipSpace()
        if byte == UInt8(ascii: "]") { return [] }
        var elements: [FieldElement] = []
        repeat {
            let start = index
            let kind = try skipValue()
            elements.append(FieldElement(kind: kind, range: start..<index))
        } while try hasNext(before: UInt8(ascii: "]"))
        return elements
    }

    /// The members of the object that stands here.
    mutating func members() throws(WireError) -> [(key: Range<Int>, element: FieldElement)] {
        try open()
        skipSpace()
        if byte == UInt8(ascii: "}") { return [] }
        var members: [(key: Range<Int>, element: FieldElement)] = []
        repeat {
            let keyStart = index
            _ = try text()
            let key = keyStart..<index
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            let start = index
            let kind = try skipValue()
            members.append((key, FieldElement(kind: kind, range: start..<index)))
        } while try hasNext(before: UInt8(ascii: "}"))
        return members
    }

    /// A hash of the value that stands here; never 0.
    mutating func contentHash() throws(WireError) -> UInt64 {
        let start = index
        let hash: UInt64
        switch byte {
        case UInt8(ascii: "\""): hash = textHash(try text())
        case UInt8(ascii: "{"): hash = try objectHash()
        case UInt8(ascii: "["): hash = try arrayHash()
        default:
            _ = try skipValue()
            // Told apart from the same letters as a string.
            hash = ~ByteHash.hash(base + start, count: index &- start)
        }
        return max(1, hash)
    }

    private mutating func skipBrackets() throws(WireError) {
        var open = 0
        repeat {
            switch byte {
            case UInt8(ascii: "\""):
                _ = try text()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): open &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): open &-= 1
            default: break
            }
            guard index < end else { throw .syntax(offset: end) }
            index &+= 1
        } while open > 0
    }

    private func textHash(_ text: Text) -> UInt64 {
        guard text.isEscaped else {
            return ByteHash.hash(base + text.start, count: text.count)
        }
        // One byte in front, so that an empty text has an address too.
        var decoded: [UInt8] = [0]
        JSONUnescaper.append(
            UnsafeRawBufferPointer(start: base + text.start, count: text.count), to: &decoded)
        return decoded.withUnsafeBytes { buffer in
            buffer.baseAddress.map { ByteHash.hash($0 + 1, count: buffer.count - 1) } ?? 0
        }
    }

    private mutating func arrayHash() throws(WireError) -> UInt64 {
        var hash: UInt64 = 0xA5
        try open()
        skipSpace()
        if byte == UInt8(ascii: "]") {
            close()
            return hash
        }
        repeat {
            hash = ByteHash.mix(hash ^ (try contentHash()))
        } while try hasNext(before: UInt8(ascii: "]"))
        return hash
    }

    private mutating func objectHash() throws(WireError) -> UInt64 {
        var hash: UInt64 = 0x5A
        try open()
        skipSpace()
        if byte == UInt8(ascii: "}") {
            close()
            return hash
        }
        repeat {
            let key = textHash(try text())
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            // A sum does not depend on the order.
            hash &+= ByteHash.mix(ByteHash.mix(key) ^ (try contentHash()))
        } while try hasNext(before: UInt8(ascii: "}"))
        return ByteHash.mix(hash)
    }
}
