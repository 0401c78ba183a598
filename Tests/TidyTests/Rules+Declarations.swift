extension Rule {
    /// How declarations of the sources are named and explained.
    static let declarations: [Rule] = [
        Rule(
            words: "package types, functions, initializers have a doc comment directly above",
            broken: [
                "package struct A {}", "// no doc\npackage func a() {}",
                "/// doc\n\npackage enum B {}", "package typealias A = Int",
                "@discardableResult\npackage func a() -> Int { 1 }",
                "package init(a: Int) {\n    self.a = a + 1\n}", "package subscript(a: Int) -> B {",
                "package mutating func a(\n    b: Int\n) {}", "package init?(a: Int) { nil }",
            ],
            kept: [
                "/// doc\npackage struct A {}", "/// doc\n@frozen\npackage enum B {}",
                "package import C", "package let a: B", "package extension A {}",
                "package static func == (left: A, right: A) -> Bool { true }",
                "package init(a: Int) {\n    self.a = a\n}", "/** doc */\npackage struct A {}",
            ]
        ) { source in
            source.code.indices.filter { index in
                guard let declaration = Declaration(source.code[index]), declaration.isPackage
                else { return false }
                return !declaration.isProperty && !declaration.isRequiredElsewhere
                    && !source.isDocumented(index) && !source.isMemberwiseInitializer(index)
            }
        },
        Rule(
            words: "a package property that is a bare number tells unit, range or source above it",
            broken: [
                "package let a: Int", "package private(set) var a: UInt64 = 0",
                "/// doc\npackage let a: Int\npackage let b: Int64?",
                "    package static let a: Double = 1",
            ],
            kept: [
                "/// doc\npackage let a: Int", "package let a: Duration", "package let a: [Int]",
                "package let a: [String: Int]", "let a: Int",
            ]
        ) { source in
            source.code.indices.filter { index in
                guard let declaration = Declaration(source.code[index]), declaration.isPackage
                else { return false }
                return declaration.isProperty && source.code[index].declaresNumber
                    && !source.isDocumented(index)
            }
        },
        Rule(
            words: "types say what they are: Manager (but systemd's), Helper, Util, Data do not",
            broken: [
                "struct PollManager {", "package final class FileHelper {", "enum StringUtils {",
                "struct PageData {", "protocol Handler {",
            ],
            kept: [
                "package struct ServiceManager: Sendable {", "let manager = ServiceManager()",
                "struct Database {", "final class ExchangeHandler: ChannelInboundHandler {",
            ]
        ) { source in
            source.code.indices.filter { index in
                guard let name = Declaration(source.code[index])?.typeName else { return false }
                return name != "ServiceManager" && emptyWords.contains { name.hasWord($0) }
                    || name == "Handler"
            }
        },
        Rule(
            words: "no ! on an optional: guard, or a precondition that says what is broken",
            broken: [
                "let a = b!", "b!.c()", "f()!", "a[1]!", "var a: Int!", "let s = \"\\(a!)\"",
                "\"abc\".first!",
            ],
            kept: [
                "if !a {}", "a != b", "a !== b", "\"no!\"", "// no!", "let a = !b && !(c)",
                "static func != (a: Int, b: Int)",
            ]
        ) { source in
            source.code.indices.filter { source.code[$0].unwrapsByForce }
        },
        Rule(
            words: "@unchecked Sendable has its reason in a comment on the next line",
            broken: [
                "final class A: @unchecked Sendable {\n    let a = 1\n}",
                "// why\nfinal class A: @unchecked Sendable {\n}",
            ],
            kept: ["final class A: @unchecked Sendable {\n    // Its lock guards a.\n}"]
        ) { source in
            source.code.indices.filter { index in
                guard source.code[index].contains("@unchecked") else { return false }
                let next = index + 1 < source.lines.count ? source.lines[index + 1].trimmed : ""
                return !next.hasPrefix("// ")
            }
        },
    ]

    private static let emptyWords = ["Manager", "Helper", "Util", "Utils", "Data", "Info"]
}

/// What one line of code declares.
struct Declaration {
    let isPackage: Bool
    let keyword: String
    let name: String

    private static let keywords: Set<String> = [
        "struct", "class", "enum", "actor", "protocol", "typealias", "func", "init", "var", "let",
        "subscript", "associatedtype", "macro",
    ]
    private static let types: Set<String> = [
        "struct", "class", "enum", "actor", "protocol", "typealias",
    ]
    private static let modifiers: Set<String> = [
        "package", "private", "fileprivate", "internal", "static", "final", "mutating",
        "nonmutating", "consuming", "borrowing", "indirect", "override", "convenience",
        "required", "nonisolated", "lazy", "weak", "isolated", "set", "prefix", "postfix", "infix",
    ]

    init?(_ line: String) {
        let words = line.split(separator: " ").flatMap { word in
            word.hasPrefix("@") ? [] : word.split(separator: "(").map(String.init)
        }.map { $0.hasSuffix(")") ? String($0.dropLast()) : $0 }
        guard let place = words.firstIndex(where: { !Self.modifiers.contains($0) }) else {
            return nil
        }
        let word = words[place].names.first ?? ""
        // `class func` declares a function.
        guard Self.keywords.contains(word) else { return nil }
        isPackage = words[..<place].contains("package")
        keyword = word
        name = place + 1 < words.count ? words[place + 1].names.first ?? words[place + 1] : ""
    }

    var typeName: String? { Self.types.contains(keyword) ? name : nil }

    var isProperty: Bool { keyword == "let" || keyword == "var" }

    /// Whether a protocol of the standard library says already what it means.
    var isRequiredElsewhere: Bool { keyword == "func" && ["==", "<", "hash"].contains(name) }
}

extension SwiftSource {
    /// Whether a doc comment ends directly above, attributes on lines of their own aside.
    func isDocumented(_ index: Int) -> Bool {
        let above = lines[..<index].reversed().map(\.trimmed)
        let line = above.first { !$0.hasPrefix("@") } ?? ""
        return line.hasPrefix("///") || line.hasSuffix("*/")
    }

    /// Whether an initializer only stores each argument under its name.
    func isMemberwiseInitializer(_ index: Int) -> Bool {
        guard Declaration(code[index])?.keyword == "init",
            let function = functions.first(where: { $0.lowerBound == index })
        else { return false }
        let text = code[function].joined(separator: "\n")
        guard let open = text.firstIndex(of: "{") else { return false }
        let statements = text[text.index(after: open)...].dropLast()
            .split(separator: "\n").map(\.trimmed).filter { !$0.isEmpty && $0 != "}" }
        return statements.allSatisfy { statement in
            let names = statement.names
            return names.count == 3 && names[0] == "self" && names[1] == names[2]
                && statement == "self.\(names[1]) = \(names[1])"
        }
    }
}

extension String {
    /// Whether a name in camel case has this word.
    fileprivate func hasWord(_ word: String) -> Bool {
        guard let found = firstRange(of: word) else { return false }
        let next = self[found.upperBound...].first
        return next?.isLowercase != true
    }

    /// Whether the type that a property names is a number.
    fileprivate var declaresNumber: Bool {
        guard let colon = firstRange(of: ": ") else { return false }
        let type = String(self[colon.upperBound...].prefix { $0 != " " })
        let numbers: Set<String> = [
            "Int", "Int32", "Int64", "UInt", "UInt8", "UInt16", "UInt32", "UInt64", "Double",
        ]
        return numbers.contains(type.hasSuffix("?") ? String(type.dropLast()) : type)
    }

    /// A `!` behind a value or a type, where `!=` and `!a` are something else.
    fileprivate var unwrapsByForce: Bool {
        let characters = Array(self)
        return characters.indices.contains { index in
            guard characters[index] == "!", index > 0 else { return false }
            let before = characters[index - 1]
            let isBehindValue = before.isPartOfName || ")]}>?\"'`".contains(before)
            let next = index + 1 < characters.count ? characters[index + 1] : " "
            return isBehindValue && next != "="
        }
    }
}
