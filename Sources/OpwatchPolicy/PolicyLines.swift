/// What the report of a syntax error needs to know of a file's lines, counted from 1.
struct PolicyLines {
    /// Lines with a key whose value is an expression.
    private(set) var ofExpressions: Set<Int> = []
    /// Those of them on which the expression begins with a single quote.
    private(set) var inSingleQuotes: Set<Int> = []
    /// Places of tabs among the white space at the start of a line, the first of each line.
    private var tabs: [Int: Mark] = [:]
    /// Behind the last character that is no space.
    let end: Mark

    init(_ bytes: [UInt8]) {
        var line = 1
        var lineStart = 0
        var (lastLine, lastText) = (1, 0..<0)
        var isIndentation = true
        for (offset, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n") {
                line += 1
                lineStart = offset + 1
                isIndentation = true
            } else if byte == UInt8(ascii: "\t"), isIndentation, tabs[line] == nil {
                tabs[line] = Mark(line: line, column: offset - lineStart + 1)
            } else if byte > UInt8(ascii: " ") {
                isIndentation = false
                (lastLine, lastText) = (line, lineStart..<offset + 1)
                let isKeyEnd = byte == UInt8(ascii: ":")
                if isKeyEnd, Self.isExpressionKey(bytes[lineStart..<offset]) {
                    ofExpressions.insert(line)
                    let value = bytes[(offset + 1)...].first { $0 != UInt8(ascii: " ") }
                    if value == UInt8(ascii: "'") { inSingleQuotes.insert(line) }
                }
            }
        }
        let text = String(decoding: bytes[lastText], as: UTF8.self)
        end = Mark(line: lastLine, column: text.unicodeScalars.count + 1)
    }

    /// Where a tab stands in front of everything else on a line.
    func tab(indenting line: Int) -> Mark? { tabs[line] }

    /// `match`, `filter` or `server_filter` at the end.
    private static func isExpressionKey(_ text: ArraySlice<UInt8>) -> Bool {
        text.suffix(5).elementsEqual("match".utf8) || text.suffix(6).elementsEqual("filter".utf8)
    }
}
