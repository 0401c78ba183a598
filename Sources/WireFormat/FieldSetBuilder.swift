/// Builds the trie of a `FieldSet`.
struct FieldSetBuilder {
    private(set) var slots: [FieldPath: Int] = [:]
    private(set) var nodes: [FieldSet.Node] = []
    private(set) var literals: [FieldSet.Literal] = []
    private(set) var buckets: [Int] = []
    /// Begins with a byte that belongs to no key, so that an empty key has an address too.
    private(set) var text: [UInt8] = [0]

    /// The trie as it grows; the order of nodes is that of insertion.
    private var drafts = [Draft(depth: 0)]

    private struct Draft {
        var slot = -1
        let depth: Int
        var children: [FieldSegment: Int] = [:]
        var order: [FieldSegment] = []
    }

    mutating func insert(_ path: FieldPath) {
        guard slots[path] == nil else { return }
        var draft = 0
        for segment in path.segments {
            if let child = drafts[draft].children[segment] {
                draft = child
                continue
            }
            drafts.append(Draft(depth: drafts[draft].depth + 1))
            drafts[draft].children[segment] = drafts.count - 1
            drafts[draft].order.append(segment)
            draft = drafts.count - 1
        }
        drafts[draft].slot = slots.count
        slots[path] = slots.count
    }

    /// Lays the nodes out so that all below a node directly follow it.
    mutating func flatten() {
        var order: [Int] = []
        var waiting = [0]
        while let draft = waiting.popLast() {
            order.append(draft)
            for segment in drafts[draft].order.reversed() {
                waiting.append(drafts[draft].children[segment, default: 0])
            }
        }
        var position = [Int](repeating: 0, count: drafts.count)
        for (index, draft) in order.enumerated() { position[draft] = index }
        // Backwards, because the end of a node is the end of its last child.
        var ends = [Int](repeating: 0, count: drafts.count)
        for (index, draft) in order.enumerated().reversed() {
            let last = drafts[draft].order.last.flatMap { drafts[draft].children[$0] }
            ends[draft] = last.map { ends[$0] } ?? index + 1
        }
        for draft in order { appendNode(drafts[draft], end: ends[draft], position) }
    }

    private mutating func appendNode(_ draft: Draft, end: Int, _ position: [Int]) {
        var spellings: [FieldSet.Literal] = []
        for segment in draft.order {
            let node = position[draft.children[segment, default: 0]]
            spellings.append(spelling(segment.text, leadingTo: node, isTwin: false))
            if let twin = segment.twin {
                spellings.append(spelling(twin, leadingTo: node, isTwin: true))
            }
        }
        var bucketCount = 1
        while bucketCount < spellings.count { bucketCount *= 2 }
        let mask = spellings.isEmpty ? -1 : bucketCount - 1
        nodes.append(
            FieldSet.Node(
                slot: draft.slot, depth: draft.depth, end: end, firstBucket: buckets.count,
                bucketMask: mask))
        guard mask >= 0 else { return }
        for bucket in 0...mask {
            buckets.append(literals.count)
            literals += spellings.filter { Int(truncatingIfNeeded: $0.hash) & mask == bucket }
        }
        buckets.append(literals.count)
    }

    private mutating func spelling(
        _ key: String, leadingTo node: Int, isTwin: Bool
    ) -> FieldSet.Literal {
        let start = text.count
        text += key.utf8
        let count = text.count - start
        let hash = text.withUnsafeBytes { bytes in
            bytes.baseAddress.map { ByteHash.hash($0 + start, count: count) } ?? 0
        }
        return FieldSet.Literal(
            hash: hash, start: start, count: count, node: node, isTwin: isTwin)
    }
}

extension FieldSegment {
    /// The other spelling that JSON of protocol buffers allows for an unquoted key:
    /// `create_time` for `createTime` and the other way round; nil when there is none.
    package var twin: String? {
        if isQuoted { return nil }
        let twin = text.utf8.contains(UInt8(ascii: "_")) ? camelCase : snakeCase
        return twin == text || twin.isEmpty ? nil : twin
    }

    private var camelCase: String {
        var bytes: [UInt8] = []
        var raises = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "_") {
                raises = true
                continue
            }
            let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            bytes.append(raises && isLower ? byte - 0x20 : byte)
            raises = false
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private var snakeCase: String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) {
                bytes += [UInt8(ascii: "_"), byte + 0x20]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
