/// Takes an expression apart into tokens.
struct Lexer {
    private let bytes: [UInt8]
    private var index = 0
    private var tokens: [Token] = []
    /// Parentheses that are open since one stood right behind a comparator: values are in them.
    private var valueDepth = 0

    /// The tokens of the expression, the last one being `.end`.
    static func tokens(of bytes: [UInt8]) throws(FilterError) -> [Token] {
        var lexer = Lexer(bytes: bytes)
        while try lexer.scan() {}
        return lexer.tokens
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func scan() throws(FilterError) -> Bool {
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        guard index < bytes.count else {
            add(.end, from: index)
            return false
        }
        switch bytes[index] {
        case UInt8(ascii: "("):
            if isAtValue { valueDepth += 1 }
            sign(.open)
        case UInt8(ascii: ")"):
            if valueDepth > 0 { valueDepth -= 1 }
            sign(.close)
        case UInt8(ascii: ","): sign(.comma)
        case UInt8(ascii: "."): sign(.dot)
        case UInt8(ascii: "-") where !isAtValue: sign(.minus)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): try quotedText()
        case let byte where Self.isComparison(byte): try comparator()
        default: try text()
        }
        return true
    }

    private mutating func sign(_ kind: Token.Kind) {
        index += 1
        add(kind, from: index - 1)
    }

    /// Appends the token that ends at `index`.
    private mutating func add(
        _ kind: Token.Kind, from start: Int, text: String = "", stars: [Token.Star] = []
    ) {
        let isAfterSpace = start == 0 || Self.isSpace(bytes[start - 1])
        tokens.append(
            Token(
                kind: kind, range: start..<index, isAfterSpace: isAfterSpace, text: text,
                stars: stars))
    }

    /// Whether a value may stand here: behind a comparator, and among values in parentheses.
    private var isAtValue: Bool {
        if valueDepth > 0 { return true }
        guard case .comparator? = tokens.last?.kind else { return false }
        return true
    }

    // MARK: Comparators

    private mutating func comparator() throws(FilterError) {
        let start = index
        while index < bytes.count, Self.isComparison(bytes[index]) { index += 1 }
        let written = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let comparator = Comparator(rawValue: written) else {
            throw FilterError(
                offset: start, message: "`\(written.prefix(8))` is not a comparator",
                expected: "= != < <= > >= or :", suggestion: Self.suggestion(for: written))
        }
        add(.comparator(comparator), from: start)
    }

    private static func suggestion(for comparator: String) -> String? {
        switch comparator {
        case "==", "===", ":=": "write ="
        case "<>", "=!", "!==": "write !="
        case "=<": "write <="
        case "=>": "write >="
        case "!", "!!": "write NOT in front of a term, or != between field and value"
        case "::": "write :"
        case let other where other.contains("~"):
            "there are no regular expressions; write = with * at the start or the end of the value"
        default: nil
        }
    }

    // MARK: Text

    private mutating func quotedText() throws(FilterError) {
        let start = index
        let quoted = try QuotedText(in: bytes, from: start)
        index = quoted.index
        add(
            .string, from: start, text: String(decoding: quoted.text, as: UTF8.self),
            stars: quoted.stars)
    }

    private mutating func text() throws(FilterError) {
        let start = index
        if isAtValue, let end = timestampEnd() {
            index = end
        } else {
            while index < bytes.count, !Self.endsText(bytes[index]) { index += 1 }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        try check(text, at: start)
        let stars = text.utf8.enumerated().filter { $0.element == UInt8(ascii: "*") }.map {
            Token.Star(position: $0.offset, offset: start + $0.offset)
        }
        add(.text, from: start, text: text, stars: stars)
    }

    /// Refuses characters that only look like something of the language.
    private func check(_ text: String, at start: Int) throws(FilterError) {
        var offset = start
        for scalar in text.unicodeScalars {
            if let problem = Self.problem(with: scalar) {
                throw FilterError(
                    offset: offset, message: problem.message, suggestion: problem.suggestion)
            }
            offset += UTF8.width(scalar)
        }
    }

    private static func problem(
        with scalar: Unicode.Scalar
    ) -> (message: String, suggestion: String)? {
        switch scalar {
        case "&": ("`&` is not an operator", "write AND")
        case "|": ("`|` is not an operator", "write OR")
        case "[", "]": ("`\(scalar)` is not part of the language", "write FIELD.KEY or FIELD:VALUE")
        case "{", "}", "\\", "`", ";", "^":
            ("`\(scalar)` is not part of the language", "put the value in quotes")
        case "\u{2018}"..."\u{201F}", "\u{AB}", "\u{BB}":
            ("`\(scalar)` is not a quote of the language", "write \" or '")
        case _ where scalar.properties.generalCategory == .control:
            ("a control character stands outside quotes", "remove it")
        case _ where scalar.properties.isWhitespace || scalar == "\u{FEFF}" || scalar == "\u{200B}":
            ("a special space stands outside quotes", "write a plain space")
        default: nil
        }
    }

    /// Where an unquoted timestamp ends; nil when none starts here.
    ///
    /// Only these may hold `:`, which everywhere else is a comparator.
    private func timestampEnd() -> Int? {
        let shape = Array("0000-00-00T00:".utf8)
        guard index + shape.count <= bytes.count else { return nil }
        for (place, sample) in shape.enumerated() {
            let byte = bytes[index + place]
            let fits =
                sample == UInt8(ascii: "0")
                ? byte.isDigit
                : byte == sample || (sample == UInt8(ascii: "T") && byte == UInt8(ascii: "t"))
            guard fits else { return nil }
        }
        return bytes[(index + shape.count)...].firstIndex { byte in
            !byte.isDigit && !":.+-Zz".utf8.contains(byte)
        } ?? bytes.count
    }

    // MARK: Characters

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
        default: false
        }
    }

    /// A character that comparators are made of, here or in other languages.
    private static func isComparison(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "!"),
            UInt8(ascii: ":"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func endsText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "."), UInt8(ascii: ","),
            UInt8(ascii: "\""), UInt8(ascii: "'"):
            true
        default: isSpace(byte) || isComparison(byte)
        }
    }
}
