/// Points at a spot of an expression.
enum Caret {
    /// The line with the spot, and a `^` under the spot on a line of its own.
    ///
    /// The column is counted in characters; tabs stay tabs, so that the `^` stays in place.
    /// - Parameter offset: UTF-8 bytes from the start of the text; one outside moves to its edge.
    static func lines(under offset: Int, in text: String) -> String {
        let bytes = Array(text.utf8)
        let spot = min(max(offset, 0), bytes.count)
        let newline = UInt8(ascii: "\n")
        let start = bytes[..<spot].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = bytes[spot...].firstIndex(of: newline) ?? bytes.count
        let margin = printable(bytes[start..<spot]).map { character in
            character == "\t" ? "\t" : " "
        }
        return printable(bytes[start..<end]) + "\n" + margin.joined() + "^"
    }

    /// A terminal obeys control characters, so none but the tab goes out.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        var line = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
            line.append(isControl ? " " : scalar)
        }
        return String(line)
    }
}
