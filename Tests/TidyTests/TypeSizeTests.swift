import Testing

@Suite("Size of types")
struct TypeSizeTests {
    private static let linesMax = 600
    /// Of a room of the engine.
    private static let roomLinesMax = 300

    @Test("a type has at most 600 lines with all its extensions, in however many files")
    func types() {
        let sizes = Self.sizes(in: Repository.sources)
        #expect(sizes.count > 100)
        #expect(sizes.filter { $0.value > Self.linesMax } == [:])
        // What is told is a catalog, and no room.
        let rooms = sizes.filter {
            $0.key.hasPrefix("OpwatchEngine.") && $0.key != "OpwatchEngine.Report"
        }
        #expect(rooms.count > 30)
        #expect(rooms.filter { $0.value > Self.roomLinesMax } == [:])
    }

    @Test("bodies count from their first line to their last, extensions with their type")
    func counting() {
        let first = """
            package struct A {
                enum B { case c }
            }

            extension A.B {
            }
            """
        let second = "@MainActor final class C {}\nprivate extension A {\n    // {\n}\n"
        let sizes = Self.sizes(in: [
            SwiftSource(path: "Sources/T/A.swift", text: first),
            SwiftSource(path: "Sources/T/C.swift", text: second),
        ])
        #expect(sizes == ["T.A": 8, "T.C": 1])
    }

    private static let words: Set<Substring> = ["struct", "class", "enum", "actor", "extension"]

    /// Lines by `TARGET.TYPE`.
    private static func sizes(in sources: [SwiftSource]) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for source in sources {
            var depth = 0
            var type: Substring?
            var start = 0
            for (index, line) in source.code.enumerated() {
                if depth == 0, let name = name(declaredIn: line) { (type, start) = (name, index) }
                let before = depth
                depth += line.count { $0 == "{" } - line.count { $0 == "}" }
                let isBody = depth == 0 && (before > 0 || line.contains("{"))
                guard isBody, let ended = type else { continue }
                sizes["\(source.target).\(ended)", default: 0] += index - start + 1
                type = nil
            }
        }
        return sizes
    }

    /// The type that a line at the outermost level declares or extends.
    private static func name(declaredIn line: String) -> Substring? {
        let parts = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        guard let word = parts.firstIndex(where: { words.contains($0) }), word + 1 < parts.count
        else { return nil }
        return parts[word + 1]
    }
}
