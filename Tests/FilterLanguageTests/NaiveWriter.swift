import SeededRandom

/// Writes an expression in one of the many ways that mean the same, so that the library has to
/// read all of them.
struct NaiveWriter {
    var random: SplitMix

    mutating func expression(_ filter: NaiveFilter) -> String {
        let text = random.once(in: 8) ? parenthesised(filter) : bare(filter)
        return random.once(in: 8) ? optionalSpace() + text + optionalSpace() : text
    }

    /// The expression without parentheses of its own.
    private mutating func bare(_ filter: NaiveFilter) -> String {
        switch filter {
        case .all(let children):
            var text = member(of: filter, children[0])
            for child in children.dropFirst() {
                text += space() + (random.once(in: 2) ? "AND" + space() : "")
                text += member(of: filter, child)
            }
            return text
        case .any(let children):
            var text = member(of: filter, children[0])
            for child in children.dropFirst() {
                text += space() + "OR" + space() + member(of: filter, child)
            }
            return text
        case .not(let child):
            return (random.once(in: 2) ? "-" : "NOT" + space()) + operand(child)
        case .comparison(let path, let comparator, let values):
            return self.path(path) + optionalSpace() + comparator.rawValue + optionalSpace()
                + self.values(values)
        case .call(let function, let path, let text):
            return call(function, path, text)
        case .word(let literal):
            return self.literal(literal)
        }
    }

    /// A child of AND or OR. Only AND inside OR needs parentheses, as OR binds tighter.
    private mutating func member(of parent: NaiveFilter, _ child: NaiveFilter) -> String {
        if case .any = parent, case .all = child { return parenthesised(child) }
        return random.once(in: 4) ? parenthesised(child) : bare(child)
    }

    /// What a negation stands in front of: one term.
    private mutating func operand(_ child: NaiveFilter) -> String {
        switch child {
        case .all, .any, .not: parenthesised(child)
        case .comparison, .call, .word: random.once(in: 4) ? parenthesised(child) : bare(child)
        }
    }

    private mutating func parenthesised(_ filter: NaiveFilter) -> String {
        "(" + optionalSpace() + bare(filter) + optionalSpace() + ")"
    }

    private mutating func call(
        _ function: NaiveFunction, _ path: [NaiveSegment], _ text: String
    ) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) }
        let isWord = isPlain && !["and", "or", "not", "null"].contains(text)
        let argument = isWord && random.once(in: 4) ? text : quoted(text)
        let inner = optionalSpace() + argument + optionalSpace() + ")"
        if random.once(in: 2) {
            return self.path(path) + ".\(function.rawValue)(" + inner
        }
        let field = optionalSpace() + self.path(path) + optionalSpace()
        return "\(function.rawValue)(" + field + "," + inner
    }

    private mutating func path(_ segments: [NaiveSegment]) -> String {
        var written: [String] = []
        for segment in segments {
            written.append(segment.isQuoted ? quoted(segment.text) : segment.text)
        }
        return written.joined(separator: ".")
    }

    private mutating func values(_ values: NaiveValues) -> String {
        let members: [NaiveValues]
        let keyword: String
        switch values {
        case .one(let literal): return self.literal(literal)
        case .any(let inner): (members, keyword) = (inner, "OR")
        case .all(let inner): (members, keyword) = (inner, "AND")
        }
        var text = "(" + optionalSpace()
        for (index, member) in members.enumerated() {
            if index > 0 { text += space() + keyword + space() }
            text += self.values(member)
        }
        return text + optionalSpace() + ")"
    }

    private mutating func literal(_ literal: NaiveLiteral) -> String {
        if literal.isStarAlone { return literal.isQuoted ? "\"*\"" : "*" }
        let opening = literal.opensWithStar ? "*" : ""
        let closing = literal.closesWithStar ? "*" : ""
        guard literal.isQuoted else { return opening + literal.text + closing }
        let quote: Unicode.Scalar = random.once(in: 2) ? "'" : "\""
        return "\(quote)" + opening + escaped(literal.text, quote: quote) + closing + "\(quote)"
    }

    private mutating func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar = random.once(in: 2) ? "'" : "\""
        return "\(quote)" + escaped(text, quote: quote) + "\(quote)"
    }

    private static let named: [Unicode.Scalar: String] = [
        "\u{7}": "a", "\u{8}": "b", "\u{C}": "f", "\n": "n", "\r": "r", "\t": "t", "\u{B}": "v",
    ]

    private mutating func escaped(_ text: String, quote: Unicode.Scalar) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == quote || scalar == "\\" || scalar == "*" {
                result += "\\\(scalar)"
            } else if let letter = Self.named[scalar] {
                result += random.once(in: 4) ? coded(scalar) : "\\\(letter)"
            } else if ["\"", "'", "?"].contains(scalar), random.once(in: 2) {
                result += "\\\(scalar)"
            } else if scalar.value < 0x20 || random.once(in: 16) {
                result += coded(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A character by its number: `\OOO` where it is ASCII, or `\uXXXX`, twice beyond the BMP.
    private mutating func coded(_ scalar: Unicode.Scalar) -> String {
        func padded(_ number: Int, _ radix: Int, _ width: Int) -> String {
            let digits = String(number, radix: radix)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        if scalar.isASCII, random.once(in: 2) {
            return "\\" + padded(Int(scalar.value), 8, 3)
        }
        return String(scalar).utf16.map { "\\u" + padded(Int($0), 16, 4) }.joined()
    }

    private mutating func space() -> String {
        random.pick([" ", " ", " ", "  ", "\n", "\t", "\r\n"])
    }

    private mutating func optionalSpace() -> String {
        random.once(in: 3) ? space() : (random.once(in: 2) ? " " : "")
    }
}
