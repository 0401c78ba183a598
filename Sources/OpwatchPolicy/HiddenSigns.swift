/// Signs that look like a space, or like nothing.
enum HiddenSigns {
    /// Refuses those outside comments.
    ///
    /// - Returns: whether there are any; what they did to the rest of the file needs no telling.
    static func report(in bytes: [UInt8], to problems: ProblemList) -> Bool {
        var scan = SignScan()
        // Some editors begin a file with it.
        let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
        for scalar in text.first == "\u{FEFF}" ? text.dropFirst() : text[...] {
            guard let name = scan.take(scalar) else { continue }
            let code = String(scalar.value, radix: 16, uppercase: true)
            let padded = String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
            problems.error(
                "U+\(padded), \(name), stands here; write a plain space or nothing, "
                    + "and in an expression \\u\(padded)", at: scan.mark)
        }
        return scan.count > 0
    }
}

/// Goes through a file with an eye on signs that nobody sees.
private struct SignScan {
    /// The place of the sign that was taken last.
    private(set) var mark = Mark(line: 1, column: 0)
    /// Hidden signs so far.
    private(set) var count = 0
    private var isInComment = false
    private var quote: Unicode.Scalar?
    private var last: Unicode.Scalar = "\n"

    /// - Returns: how the sign is called if it is a hidden one outside comments.
    mutating func take(_ scalar: Unicode.Scalar) -> String? {
        defer { last = scalar }
        if last == "\n" {
            if mark.column > 0 { mark = Mark(line: mark.line + 1, column: 0) }
            isInComment = false
            // Of a text on several lines; that it is in quotes matters only for a `#`.
            quote = nil
        }
        mark = Mark(line: mark.line, column: mark.column + 1)
        if isInComment { return nil }
        switch scalar {
        case "#" where quote == nil && (last == " " || last == "\t" || last == "\n"):
            isInComment = true
        case "'", "\"":
            quote = quote == nil ? scalar : quote == scalar ? nil : quote
        default:
            guard let name = Self.name(of: scalar) else { return nil }
            count += 1
            return name
        }
        return nil
    }

    private static func name(of scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\u{A0}", "\u{202F}": "a no-break space"
        case "\u{FEFF}": "a byte order mark (BOM)"
        case "\u{85}", "\u{2028}", "\u{2029}": "a special line end"
        case "\u{1680}", "\u{2000}"..."\u{200A}", "\u{205F}", "\u{3000}": "a special space"
        case "\u{AD}", "\u{180E}", "\u{200B}"..."\u{200F}", "\u{202A}"..."\u{202E}",
            "\u{2060}"..."\u{206F}":
            "a sign without a width"
        default: nil
        }
    }
}
