/// Reads values strictly and notes what stands at the paths of a field set, in one pass.
///
/// Holds a pointer: it lives only inside the closure that lent the bytes.
struct FieldParser {
    var scanner: JSONScanner
    var scratch: ReadScratch
    private let fields: FieldSet

    init(_ scanner: JSONScanner, fields: FieldSet, scratch: consuming ReadScratch) {
        self.scanner = scanner
        self.fields = fields
        self.scratch = scratch
    }

    /// Reads an object whose bracket stands here into the slots.
    mutating func row() throws(WireError) {
        scratch.reset(for: fields)
        scratch.active.append(0)
        try value(0..<1)
    }

    /// Checks any value.
    mutating func check() throws(WireError) {
        scratch.keys.removeAll()
        try value(0..<0)
    }

    /// Reads any value; only checks it when no nodes are given.
    ///
    /// The nodes are a range of `scratch.active`: those whose paths lead to this value.
    private mutating func value(_ nodes: Range<Int>) throws(WireError) {
        let start = scanner.index
        var isEscaped = false
        let kind: FieldKind
        switch scanner.byte {
        case UInt8(ascii: "\""):
            isEscaped = try scanner.text().isEscaped
            kind = .string
        case UInt8(ascii: "{"):
            try object(nodes)
            kind = .object
        case UInt8(ascii: "["):
            try array()
            kind = .array
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try scanner.number()
            kind = .number
        default:
            kind = try scanner.word()
        }
        if nodes.isEmpty { return }
        let slot = FieldSlot(kind, at: start..<scanner.index, isEscaped: isEscaped)
        for position in nodes { note(slot, at: scratch.active[position]) }
    }

    private mutating func note(_ slot: FieldSlot, at index: Int) {
        let node = fields.nodes[index]
        if node.slot >= 0 { scratch.slots[node.slot] = slot }
        guard slot.kind == .array else { return }
        for below in index &+ 1..<node.end where fields.nodes[below].slot >= 0 {
            scratch.slots[fields.nodes[below].slot] = FieldSlot(
                .repeated, at: slot.range, depth: node.depth)
        }
    }

    private mutating func array() throws(WireError) {
        try scanner.open()
        scanner.skipSpace()
        if scanner.byte == UInt8(ascii: "]") { return scanner.close() }
        repeat { try value(0..<0) } while try scanner.hasNext(before: UInt8(ascii: "]"))
    }

    private mutating func object(_ nodes: Range<Int>) throws(WireError) {
        try scanner.open()
        scanner.skipSpace()
        if scanner.byte == UInt8(ascii: "}") { return scanner.close() }
        let frame = scratch.keys.frame
        repeat {
            let key = try scanner.key(in: &scratch.keys, frame: frame)
            if nodes.isEmpty {
                try value(0..<0)
            } else {
                let first = scratch.active.count
                for position in nodes { activate(below: scratch.active[position], key) }
                try value(first..<scratch.active.count)
                scratch.active.removeLast(scratch.active.count &- first)
            }
        } while try scanner.hasNext(before: UInt8(ascii: "}"))
        try scratch.keys.pop(to: frame, base: scanner.base)
    }

    /// Adds the nodes that the key leads to. A key has precedence over its twin, whichever of
    /// the two comes first.
    private mutating func activate(below index: Int, _ key: KeyStack.Key) {
        let node = fields.nodes[index]
        guard node.bucketMask >= 0 else { return }
        let bucket = node.firstBucket &+ (Int(truncatingIfNeeded: key.hash) & node.bucketMask)
        for position in fields.buckets[bucket]..<fields.buckets[bucket + 1] {
            let literal = fields.literals[position]
            guard literal.hash == key.hash, isEqual(literal, key) else { continue }
            if literal.isTwin {
                guard scratch.spellings[literal.node] == .none else { continue }
                scratch.spellings[literal.node] = .twin
            } else {
                if scratch.spellings[literal.node] == .twin { forget(literal.node) }
                scratch.spellings[literal.node] = .exact
            }
            scratch.active.append(literal.node)
        }
    }

    private func isEqual(_ literal: FieldSet.Literal, _ key: KeyStack.Key) -> Bool {
        guard literal.count == key.count else { return false }
        return scratch.keys.withBytes(of: key, base: scanner.base) { bytes in
            fields.text.withUnsafeBytes { text in
                guard let base = text.baseAddress else { return literal.count == 0 }
                return ByteHash.isEqual(base + literal.start, bytes, count: literal.count)
            }
        }
    }

    /// Takes back all that was found below a twin.
    private mutating func forget(_ index: Int) {
        for below in index..<fields.nodes[index].end {
            scratch.spellings[below] = .none
            if fields.nodes[below].slot >= 0 { scratch.slots[fields.nodes[below].slot] = .absent }
        }
    }
}
