import Testing

@Suite("Circles of files")
struct CircleTests {
    @Test("no more than three files of a target form a circle")
    func circles() {
        for (target, files) in Self.filesByTarget(Repository.sources) {
            for circle in FileGraph(files).circles {
                #expect(circle.count <= 3, "\(target): \(circle.joined(separator: ", "))")
            }
        }
    }

    @Test("a circle is found whatever the way, and files that only look down are none")
    func finding() {
        let files = [
            "A.swift": "struct A { let b: B }", "B.swift": "enum B { case c(C) }",
            "C.swift": "struct C { func f() -> [D] { [] } }",
            "D.swift": "extension D {}\nclass D { var a: A? }",
            "E.swift": "struct E { let a: A }", "F.swift": "private struct A {}\nstruct F {}",
        ].map { SwiftSource(path: "Sources/T/\($0.key)", text: $0.value) }
        let circles = FileGraph(files).circles
        #expect(circles.map { $0.sorted() } == [["A.swift", "B.swift", "C.swift", "D.swift"]])
    }

    @Test("an extension that others use stands in a file that is named after its type")
    func extensions() {
        let strays = Set(Repository.sources.flatMap(Self.strayExtensions))
        #expect(strays.subtracting(Self.known) == [])
        #expect(Self.known.subtracting(strays) == [], "these are no exceptions any more")
        let text = "extension A {\n    fileprivate func f() {}\n}\nextension B: Error {}\n"
        let stray = SwiftSource(path: "Sources/T/C+D.swift", text: text)
        #expect(Self.strayExtensions(in: stray) == ["Sources/T/C+D.swift: B"])
        let named = SwiftSource(path: "Sources/T/B+D.swift", text: text)
        #expect(Self.strayExtensions(in: named) == [])
    }

    /// These stand elsewhere and wait to be moved; they may only become fewer.
    private static let known: Set<String> = [
        "Sources/GoogleAuth/CredentialReport.swift: TokenSource",
        "Sources/GoogleAuth/TrustedURL.swift: CredentialFile",
        "Sources/OperationsClient/LiveDependencies.swift: OperationsClient",
        "Sources/OperationsClient/PlainExchange.swift: HTTPPool",
        "Sources/OperationsSimulator/OperationDocument.swift: JSONWriter",
        "Sources/OperationsSimulator/OperationsSimulator.swift: MultiThreadedEventLoopGroup",
        "Sources/OpwatchCore/OperationSnapshot.swift: FieldRow",
        "Sources/OpwatchPolicy/Array+Alternatives.swift: String",
        "Sources/OpwatchProcess/LiveWorld.swift: World",
        "Sources/OpwatchProcess/LiveWorld.swift: WatchedService",
        "Sources/OpwatchProcess/LiveWorld.swift: AuthWorld",
        "Sources/OpwatchProcess/LiveWorld.swift: HTTPPools",
        "Sources/OpwatchSystemd/ServiceManager.swift: Duration",
        "Sources/WireFormat/FieldSetBuilder.swift: FieldSegment",
        "Sources/WireFormat/JSONScanner.swift: UInt8",
        "Sources/WireFormat/KeyStack.swift: JSONScanner",
        "Sources/opwatchd/JournalCommand.swift: BadLine",
        "Sources/opwatchd/JournalCommand.swift: WatchState",
        "Sources/opwatchd/PlanCommand.swift: ReadLimits",
        "Sources/opwatchd/PlanOutput.swift: JSONWriter",
    ]

    /// Helpers for the one file that has them are `fileprivate`, and may stand beside what uses
    /// them.
    private static func strayExtensions(in source: SwiftSource) -> [String] {
        let declared = FileGraph.declared(in: source)
        var strays: [String] = []
        for (number, line) in source.code.enumerated() {
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
            guard line.first?.isLetter == true, !words.contains("private"),
                let at = words.firstIndex(of: "extension"), at + 1 < words.count
            else { continue }
            let type = words[at + 1].split(separator: ".").first.map(String.init) ?? ""
            let isNamed =
                source.name.hasPrefix("\(type).") || source.name.hasPrefix("\(type)+")
            let body = source.code[(number + 1)...].prefix { !$0.hasPrefix("}") }
            let members = body.filter { $0.hasPrefix("    ") && !$0.hasPrefix("     ") }
                .filter { $0.contains("func ") || $0.contains("var ") || $0.contains("init") }
            let isPrivate =
                !members.isEmpty
                && members.allSatisfy { $0.contains("fileprivate ") || $0.contains("private ") }
            if !declared.contains(type), !isNamed, !isPrivate {
                strays.append("\(source.path): \(type)")
            }
        }
        return strays
    }

    private static func filesByTarget(
        _ sources: [SwiftSource]
    ) -> [(String, [SwiftSource])] {
        Dictionary(grouping: sources, by: \.target).sorted { $0.key < $1.key }
    }
}
