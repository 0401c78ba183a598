import Testing

@Suite("What others may see")
struct PackageUserTests {
    @Test("whatever is declared `package` has a user outside of its file")
    func users() {
        let idle = Self.idle(in: Repository.sources, users: Repository.sources + Repository.tests)
        #expect(idle == [])
    }

    @Test("a use in another file counts, one as a default of a parameter too, one inside does not")
    func finding() {
        let sources = [
            """
            struct A {
                package static let a = 1
                package private(set) var b = A.a
                package mutating func c(d: Int = A.e) { b = 2 }
                package static let e = 3
                package let `f`: Int
                package struct G {}
                package func h() -> G { G() }
            }
            """, "let x = A.a // b\nlet y = \"\\(x.c())\"\nlet z = x.h().f",
        ].enumerated().map { SwiftSource(path: "Sources/T/\($0.offset).swift", text: $0.element) }
        #expect(Self.idle(in: sources, users: sources) == ["Sources/T/0.swift: b"])
    }

    /// Members that nobody else names. What a type is called need not be written where it is used.
    private static func idle(in sources: [SwiftSource], users: [SwiftSource]) -> [String] {
        let known = users.map { (path: $0.path, words: Set($0.code.flatMap(Self.words))) }
        return sources.flatMap { source in
            source.code.compactMap(packageMember).filter { name in
                let isUsed = known.contains { $0.path != source.path && $0.words.contains(name) }
                return !isUsed && !isDefault(name, in: source)
            }.map { "\(source.path): \($0)" }
        }
    }

    private static func words(of line: String) -> [String] {
        line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }

    /// The name that the line declares for the package; nil where it declares none.
    private static func packageMember(of line: String) -> String? {
        let words = words(of: line)
        guard let start = words.firstIndex(of: "package"), !words.contains("import"),
            let kind = words[start...].firstIndex(where: { ["func", "var", "let"].contains($0) }),
            kind + 1 < words.count
        else { return nil }
        return words[kind + 1]
    }

    /// Whether a parameter has it as its default, which callers need not name.
    private static func isDefault(_ name: String, in source: SwiftSource) -> Bool {
        source.code.contains { line in
            line.contains(": ") && line.contains(" = ")
                && (line.contains(".\(name),") || line.hasSuffix(".\(name)")
                    || line.contains(".\(name))"))
        }
    }
}
