/// Steps over JSON text; whatever it has stepped over was valid.
///
/// Holds a pointer: it lives only inside the closure that lent the bytes. No load passes `end`.
struct JSONScanner {
    let base: UnsafeRawPointer
    let end: Int
    /// Where the next byte stands, counted from `base`.
    var index: Int
    /// How many objects and arrays are open.
    private(set) var depth: Int
    private let depthMax: Int

    init(_ base: UnsafeRawPointer, range: Range<Int>, depth: Int = 0, depthMax: Int) {
        self.base = base
        self.depth = depth
        self.depthMax = depthMax
        index = range.lowerBound
        end = range.upperBound
    }

    /// The content of a string, without its quotes.
    struct Text {
        let start: Int
        let end: Int
        let isEscaped: Bool

        var count: Int { end &- start }
    }

    /// The byte at hand; 0, which is valid nowhere outside strings, at the end.
    var byte: UInt8 {
        index < end ? base.load(fromByteOffset: index, as: UInt8.self) : 0
    }

    mutating func skipSpace() {
        while index < end {
            switch base.load(fromByteOffset: index, as: UInt8.self) {
            case UInt8(ascii: " "):
                index &+= 1
                skipIndentation()
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): index &+= 1
            default: return
            }
        }
    }

    /// Answers are pretty-printed unless one asks otherwise: spaces come in long runs.
    private mutating func skipIndentation() {
        while index <= end &- 8 {
            let others = ByteHash.word(base, at: index) ^ 0x2020_2020_2020_2020
            index &+= others.trailingZeroBitCount / 8
            if others != 0 { return }
        }
    }

    /// Makes sure that an object stands here.
    func requireObject() throws(WireError) {
        switch byte {
        case UInt8(ascii: "{"): return
        case UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "t"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            throw .notAnObject(offset: index)
        default: throw .syntax(offset: index)
        }
    }

    /// Takes the byte, which must stand here.
    mutating func expect(_ expected: UInt8) throws(WireError) {
        guard byte == expected else { throw .syntax(offset: index) }
        index &+= 1
    }

    /// Takes the bracket that opens an object or array.
    mutating func open() throws(WireError) {
        guard depth < depthMax else { throw .tooDeep(offset: index, limit: depthMax) }
        depth &+= 1
        index &+= 1
    }

    /// Takes the bracket that closes an object or array.
    mutating func close() {
        depth &-= 1
        index &+= 1
    }

    /// Takes what stands between two members: true for a comma, false at the closing bracket,
    /// which is taken too.
    mutating func hasNext(before bracket: UInt8) throws(WireError) -> Bool {
        skipSpace()
        let found = byte
        if found == UInt8(ascii: ",") {
            index &+= 1
            skipSpace()
            return true
        }
        guard found == bracket else { throw .syntax(offset: index) }
        close()
        return false
    }

    /// Takes `true`, `false` or `null`.
    mutating func word() throws(WireError) -> FieldKind {
        let word: StaticString
        let kind: FieldKind
        switch byte {
        case UInt8(ascii: "t"): (word, kind) = ("true", .true)
        case UInt8(ascii: "f"): (word, kind) = ("false", .false)
        case UInt8(ascii: "n"): (word, kind) = ("null", .null)
        default: throw .syntax(offset: index)
        }
        guard word.utf8CodeUnitCount <= end &- index,
            ByteHash.isEqual(base + index, word.utf8Start, count: word.utf8CodeUnitCount)
        else { throw .syntax(offset: index) }
        index &+= word.utf8CodeUnitCount
        return kind
    }

    /// Takes a number.
    mutating func number() throws(WireError) {
        if byte == UInt8(ascii: "-") { index &+= 1 }
        if byte == UInt8(ascii: "0") {
            index &+= 1
        } else {
            try digits()
        }
        if byte == UInt8(ascii: ".") {
            index &+= 1
            try digits()
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { index &+= 1 }
            try digits()
        }
    }

    private mutating func digits() throws(WireError) {
        guard byte &- 0x30 <= 9 else { throw .syntax(offset: index) }
        repeat { index &+= 1 } while byte &- 0x30 <= 9
    }
}

extension [UInt8] {
    /// Lends the range of the bytes to the body; it must lie inside them.
    func withScanner<Value>(
        in range: Range<Int>, depth: Int = 0, depthMax: Int,
        _ body: (JSONScanner) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        try withUnsafeBufferPointer { (buffer) throws(WireError) in
            guard let base = buffer.baseAddress else { throw .syntax(offset: 0) }
            return try body(
                JSONScanner(
                    UnsafeRawPointer(base), range: range, depth: depth, depthMax: depthMax))
        }
    }
}
