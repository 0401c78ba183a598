/// The keys of all objects that are open, innermost last, to find a key that comes twice.
struct KeyStack: Sendable {
    /// A key, decoded: in the bytes that are read, or in `decoded` when it had escapes.
    struct Key {
        let hash: UInt64
        let start: Int
        let count: Int
        let isDecoded: Bool
        /// Where it stands in the bytes that are read.
        let offset: Int
    }

    private var keys: [Key] = []
    private var decoded: [UInt8] = []

    /// What to come back to when the object ends.
    struct Frame {
        fileprivate let keys: Int
        fileprivate let decoded: Int

        static let bottom = Frame(keys: 0, decoded: 0)
    }

    /// Up to so many keys each is compared with all before it; beyond, they are sorted once at
    /// the end of the object. Neither is ever quadratic in what a service sends.
    private static let comparedMax = 32

    /// Begins an object.
    var frame: Frame { Frame(keys: keys.count, decoded: decoded.count) }

    mutating func removeAll() {
        keys.removeAll(keepingCapacity: true)
        decoded.removeAll(keepingCapacity: true)
    }

    /// Adds a key of the innermost object.
    mutating func push(
        _ text: JSONScanner.Text, base: UnsafeRawPointer, frame: Frame
    ) throws(WireError) -> Key {
        let key = key(text, base: base)
        if keys.count &- frame.keys < Self.comparedMax {
            for index in frame.keys..<keys.count
            where keys[index].hash == key.hash && isEqual(keys[index], key, base: base) {
                throw .duplicateKey(offset: key.offset)
            }
        }
        keys.append(key)
        return key
    }

    /// Ends the innermost object.
    mutating func pop(to frame: Frame, base: UnsafeRawPointer) throws(WireError) {
        if keys.count &- frame.keys > Self.comparedMax {
            try refuseEqual(keys[frame.keys...], base: base)
        }
        keys.removeLast(keys.count &- frame.keys)
        if decoded.count > frame.decoded {
            decoded.removeLast(decoded.count &- frame.decoded)
        }
    }

    /// Gives the bytes of a key to the body.
    func withBytes<Value>(
        of key: Key, base: UnsafeRawPointer, _ body: (UnsafeRawPointer) -> Value
    ) -> Value {
        guard key.isDecoded else { return body(base + key.start) }
        return decoded.withUnsafeBytes { buffer in
            // Only a key of no bytes can meet a buffer without an address.
            body(buffer.baseAddress.map { $0 + key.start } ?? base)
        }
    }

    private mutating func key(_ text: JSONScanner.Text, base: UnsafeRawPointer) -> Key {
        guard text.isEscaped else {
            return Key(
                hash: ByteHash.hash(base + text.start, count: text.count), start: text.start,
                count: text.count, isDecoded: false, offset: text.start &- 1)
        }
        let start = decoded.count
        JSONUnescaper.append(
            UnsafeRawBufferPointer(start: base + text.start, count: text.count), to: &decoded)
        let count = decoded.count - start
        let draft = Key(
            hash: 0, start: start, count: count, isDecoded: true, offset: text.start &- 1)
        let hash = withBytes(of: draft, base: base) { ByteHash.hash($0, count: count) }
        return Key(
            hash: hash, start: start, count: count, isDecoded: true, offset: draft.offset)
    }

    private func isEqual(_ left: Key, _ right: Key, base: UnsafeRawPointer) -> Bool {
        guard left.count == right.count else { return false }
        return withBytes(of: left, base: base) { leftBytes in
            withBytes(of: right, base: base) { rightBytes in
                ByteHash.isEqual(leftBytes, rightBytes, count: left.count)
            }
        }
    }

    private func refuseEqual(
        _ keys: ArraySlice<Key>, base: UnsafeRawPointer
    ) throws(WireError) {
        let sorted = keys.sorted { isBefore($0, $1, base: base) }
        for (left, right) in zip(sorted, sorted.dropFirst())
        where left.hash == right.hash && isEqual(left, right, base: base) {
            throw .duplicateKey(offset: max(left.offset, right.offset))
        }
    }

    /// By hash, and by content where a service made hashes collide.
    private func isBefore(_ left: Key, _ right: Key, base: UnsafeRawPointer) -> Bool {
        if left.hash != right.hash { return left.hash < right.hash }
        if left.count != right.count { return left.count < right.count }
        return withBytes(of: left, base: base) { leftBytes in
            withBytes(of: right, base: base) { rightBytes in
                UnsafeRawBufferPointer(start: leftBytes, count: left.count)
                    .lexicographicallyPrecedes(
                        UnsafeRawBufferPointer(start: rightBytes, count: right.count))
            }
        }
    }
}

extension JSONScanner {
    /// Takes a key and its colon; the value stands next.
    mutating func key(
        in keys: inout KeyStack, frame: KeyStack.Frame
    ) throws(WireError) -> KeyStack.Key {
        let key = try keys.push(try text(), base: base, frame: frame)
        skipSpace()
        try expect(UInt8(ascii: ":"))
        skipSpace()
        return key
    }
}
