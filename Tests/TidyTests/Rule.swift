import Testing

/// One rule of style, in plain words, with examples that prove that it can fail.
struct Rule: Sendable, CustomTestStringConvertible {
    /// What holds, as one would say it, with what to write instead.
    let words: String
    /// The only files that may break it, because they are what the rule protects.
    var exceptions: Set<String> = []
    /// Each of these breaks the rule.
    let broken: [String]
    /// None of these does, though each looks similar.
    let kept: [String]
    /// The indices of the lines that break it.
    let find: @Sendable (SwiftSource) -> [Int]

    var testDescription: String { words }

    /// `PATH:LINE: the line`, one for each violation.
    func violations(in sources: [SwiftSource]) -> [String] {
        sources.filter { !exceptions.contains($0.path) }.flatMap { source in
            find(source).map { index in
                let line = index < source.lines.count ? source.lines[index] : ""
                return "\(source.path):\(index + 1): \(line.trimmed)"
            }
        }
    }
}

extension Rule {
    /// No line of code holds one of these texts.
    static func ban(
        _ texts: [CodeText], _ words: String, exceptions: Set<String> = [], broken: [String],
        kept: [String]
    ) -> Rule {
        Rule(words: words, exceptions: exceptions, broken: broken, kept: kept) { source in
            source.code.indices.filter { index in
                texts.contains { $0.occurs(in: source.code[index]) }
            }
        }
    }
}

/// A text to look for in code, where an identifier counts only when it is whole.
struct CodeText: Sendable, ExpressibleByStringLiteral {
    let text: String
    /// Whether `x.text`, `func text` and `await text` are something else and do not count.
    var isFree = false
    /// Whether an identifier that only begins with the text counts too.
    var isPrefix = false

    init(stringLiteral text: String) {
        self.text = text
    }

    init(_ text: String, isFree: Bool = false, isPrefix: Bool = false) {
        self.text = text
        self.isFree = isFree
        self.isPrefix = isPrefix
    }

    func occurs(in line: String) -> Bool {
        var rest = line[...]
        while let found = rest.firstRange(of: text) {
            let before = line[..<found.lowerBound]
            let after = line[found.upperBound...]
            if isWhole(before.last, after.first)
                && !(isFree && [".", "func ", "await "].contains { before.hasSuffix($0) })
            {
                return true
            }
            rest = line[line.index(after: found.lowerBound)...]
        }
        return false
    }

    private func isWhole(_ before: Character?, _ after: Character?) -> Bool {
        let cutsBefore = text.first?.isPartOfName == true && before?.isPartOfName == true
        let cutsAfter = text.last?.isPartOfName == true && after?.isPartOfName == true
        return !cutsBefore && (isPrefix || !cutsAfter)
    }
}

extension Character {
    var isPartOfName: Bool { isLetter || isNumber || self == "_" }
}

extension StringProtocol {
    var trimmed: String {
        String(drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed())
    }
}

extension String {
    /// The names and numbers of a line of code, in their order.
    var names: [String] {
        split(whereSeparator: { !$0.isPartOfName }).map(String.init)
    }
}
