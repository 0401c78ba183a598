/// Which files of a target name types of which others.
struct FileGraph {
    private let names: [String]
    private let arrows: [[Int]]

    init(_ sources: [SwiftSource]) {
        names = sources.map(\.name)
        var homes: [String: Int] = [:]
        for (file, source) in sources.enumerated() {
            for type in Self.declared(in: source) where homes[type] == nil { homes[type] = file }
        }
        arrows = sources.enumerated().map { file, source in
            var targets: Set<Int> = []
            for line in source.code {
                for word in line.split(whereSeparator: {
                    !($0.isLetter || $0.isNumber || $0 == "_")
                }) {
                    if let home = homes[String(word)], home != file { targets.insert(home) }
                }
            }
            return targets.sorted()
        }
    }

    /// Types that are declared at the outermost level and seen outside of their file.
    static func declared(in source: SwiftSource) -> Set<String> {
        var types: Set<String> = []
        for line in source.code where line.first.map({ $0.isLetter || $0 == "@" }) ?? false {
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
            guard !words.contains("private"), !words.contains("fileprivate"),
                !words.contains("extension"), !words.contains("import"),
                let at = words.firstIndex(where: { kinds.contains($0) }), at + 1 < words.count
            else { continue }
            types.insert(String(words[at + 1]))
        }
        return types
    }

    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "actor", "protocol", "typealias",
    ]

    /// Files each of which leads to all the others, more than one.
    var circles: [[String]] {
        let reached = names.indices.map { reach(from: $0) }
        var circles: [[String]] = []
        var known: Set<Int> = []
        for file in names.indices where !known.contains(file) {
            let circle = names.indices.filter {
                $0 == file || (reached[file].contains($0) && reached[$0].contains(file))
            }
            known.formUnion(circle)
            if circle.count > 1 { circles.append(circle.map { names[$0] }) }
        }
        return circles
    }

    private func reach(from start: Int) -> Set<Int> {
        var seen: Set<Int> = []
        var next = [start]
        while let file = next.popLast() {
            for target in arrows[file] where seen.insert(target).inserted { next.append(target) }
        }
        return seen
    }
}
