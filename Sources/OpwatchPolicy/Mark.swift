/// A place in a policy file; both numbers count from 1.
struct Mark: Sendable, Hashable {
    static let start = Mark(line: 1, column: 1)

    let line: Int
    /// In Unicode scalars.
    let column: Int
}

extension Mark {
    /// The place of one byte; the bytes need not be a text.
    init(ofByte offset: Int, in bytes: [UInt8]) {
        let newline = UInt8(ascii: "\n")
        let before = bytes.prefix(max(offset, 0))
        let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        let beforeInLine = String(decoding: before[lineStart...], as: UTF8.self)
        self.init(
            line: before.count { $0 == newline } + 1,
            column: beforeInLine.unicodeScalars.count + 1)
    }
}
