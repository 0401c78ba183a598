extension Rule {
    static let linesMax = 400
    static let columnsMax = 100
    static let functionLinesMax = 60

    /// How a file looks; for sources and tests alike.
    static let layout: [Rule] = [
        Rule(
            words: "a file has at most 400 lines: split it by type or by concern",
            broken: [String(repeating: "\n", count: linesMax + 1)],
            kept: [String(repeating: "\n", count: linesMax)]
        ) { source in
            source.lines.count - 1 > linesMax ? [linesMax] : []
        },
        Rule(
            words: "a line has at most 100 columns",
            broken: [String(repeating: "x", count: columnsMax + 1)],
            kept: [String(repeating: "x", count: columnsMax), String(repeating: "–", count: 100)]
        ) { source in
            source.lines.indices.filter { source.lines[$0].count > columnsMax }
        },
        Rule(
            words: "a function fits one screen of 60 lines: move a step out of it",
            broken: [
                "func a() {\n" + String(repeating: "    b()\n", count: functionLinesMax - 1) + "}",
                "    package init(\n        a: Int\n    ) {\n"
                    + String(repeating: "\n", count: functionLinesMax) + "    }",
            ],
            kept: [
                "func a() {\n" + String(repeating: "    b()\n", count: functionLinesMax - 2) + "}",
                "protocol A { func a() }\n" + String(repeating: "\n", count: 80) + "struct B {}",
            ]
        ) { source in
            source.functions.filter { $0.count > functionLinesMax }.map(\.lowerBound)
        },
        Rule(
            words: "no line ends in a blank, tabs indent nothing, the last line ends",
            broken: ["let a = 1 \n", "\tlet a = 1\n"],
            kept: ["let a = 1\n", "\n"]
        ) { source in
            source.lines.indices.filter { index in
                source.lines[index].last == " " || source.lines[index].first == "\t"
            }
        },
        Rule(
            words: "nothing is left for later: do it, or say it in the closing note",
            broken: ["// \(unfinished[0]): more", "let a = 1 // \(unfinished[1]) this"],
            kept: ["// the operation is not done", "// methodology"]
        ) { source in
            source.lines.indices.filter { index in
                unfinished.contains { CodeText($0).occurs(in: source.lines[index]) }
            }
        },
        Rule(
            words: "every string and comment ends, or the other rules read nonsense",
            broken: ["let a = \"\"\"\n"],
            kept: [
                "let a = \"/*\"", "let a = #\"\"\"#", "/* /* */ \" */ let a = \"\\(b(\")\"))\"",
            ]
        ) { source in
            source.isReadToTheEnd ? [] : [0]
        },
    ]

    /// In two parts, so that the rule keeps itself.
    private static let unfinished = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
}

extension SwiftSource {
    /// The lines of each function and initializer, its head included.
    var functions: [Range<Int>] {
        code.indices.compactMap { index in
            let names = code[index].names
            let isHead = names.contains("func") || code[index].startsInitializer
            return isHead ? body(from: index) : nil
        }
    }

    /// From a head to the brace that closes its body; nil where a declaration has none.
    private func body(from head: Int) -> Range<Int>? {
        var depth = 0
        var parentheses = 0
        for index in head..<code.count {
            for character in code[index] {
                switch character {
                case "(": parentheses += 1
                case ")": parentheses -= 1
                case "{": depth += 1
                case "}":
                    depth -= 1
                    // A requirement of a protocol ends with the protocol.
                    if depth < 0 { return nil }
                    if depth == 0 && parentheses <= 0 { return head..<index + 1 }
                default: break
                }
            }
            let isRequirement = depth == 0 && parentheses == 0 && index + 1 < code.count
            if isRequirement && !code[index + 1].continuesHead && !code[index].endsOpen {
                return nil
            }
        }
        return nil
    }
}

extension String {
    fileprivate var startsInitializer: Bool {
        let text = trimmed.split(separator: " ").first { !Self.modifiers.contains(String($0)) }
        return text.map { $0.hasPrefix("init(") || $0.hasPrefix("init?(") || $0 == "deinit" }
            ?? false
    }

    private static let modifiers: Set<String> = [
        "package", "private", "fileprivate", "convenience", "required", "override", "nonisolated",
    ]

    /// Whether a line goes on with the head of a function.
    fileprivate var continuesHead: Bool {
        let text = trimmed
        return ["{", "->", "throws", "async", "where", ")"].contains { text.hasPrefix($0) }
    }

    fileprivate var endsOpen: Bool {
        ["->", ",", "where", "async", "throws"].contains { trimmed.hasSuffix($0) }
    }
}
