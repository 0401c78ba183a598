import Testing

/// Which modules a target may import. What is not said here is not allowed.
private let allowedImports: [String: Set<String>] = [
    "WireFormat": [],
    "FilterLanguage": ["WireFormat"],
    "OpwatchCore": ["FilterLanguage", "WireFormat"],
    // FilterLanguage checks the expressions, Crypto makes the policy's hash.
    "OpwatchPolicy": ["OpwatchCore", "FilterLanguage", "WireFormat", "CYaml", "Crypto", "Glibc"],
    "OperationsClient": [
        "OpwatchCore", "WireFormat", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOHTTP2",
        "NIOHTTPCompression", "NIOPosix", "NIOSSL", "Glibc", "Synchronization",
    ],
    // Credentials are named in the core; keys sign with Crypto.
    "GoogleAuth": [
        "OpwatchCore", "WireFormat", "Crypto", "CryptoExtras", "CLinux", "Glibc",
        "Synchronization",
    ],
    "OpwatchJournal": ["OpwatchCore", "WireFormat", "CLinux", "Glibc"],
    "OpwatchReports": [],
    "OpwatchEngine": [
        "OpwatchCore", "FilterLanguage", "WireFormat", "OpwatchReports",
        // The schedule of polls is a heap.
        "HeapModule",
    ],
    "OpwatchSystemd": ["OpwatchReports", "CSystemd", "Glibc", "Synchronization"],
    "OpwatchControl": ["WireFormat", "CLinux", "Glibc", "Synchronization"],
    "OpwatchDaemon": [
        "OpwatchCore", "OpwatchEngine", "WireFormat", "OpwatchPolicy", "OperationsClient",
        "OpwatchJournal", "OpwatchReports", "OpwatchSystemd", "OpwatchControl", "GoogleAuth",
        "ServiceLifecycle", "Logging", "Glibc", "Synchronization",
    ],
    "OperationsSimulator": [
        "OpwatchCore", "WireFormat", "NIOCore", "NIOHTTP1", "NIOPosix", "Synchronization",
    ],
    // What the programs share: alone wires live parts to the daemon.
    "OpwatchProcess": [
        "OpwatchCore", "OpwatchEngine", "WireFormat", "OperationsClient", "GoogleAuth",
        "OpwatchReports", "OpwatchSystemd", "OpwatchDaemon", "ArgumentParser", "ServiceLifecycle",
        "UnixSignals", "Logging",
        "CLinux", "Glibc",
    ],
    "opwatchd": [
        "WireFormat", "FilterLanguage", "OpwatchCore", "OpwatchPolicy", "OperationsClient",
        "GoogleAuth", "OpwatchJournal", "OpwatchReports", "OpwatchSystemd", "OpwatchControl",
        "OpwatchDaemon", "OpwatchProcess", "ArgumentParser", "Glibc",
    ],
    "opwatchd-demo": [
        "WireFormat", "OpwatchCore", "OpwatchEngine", "OperationsClient", "OpwatchJournal",
        "OpwatchDaemon", "OpwatchProcess", "OperationsSimulator", "ArgumentParser", "Glibc",
    ],
]

@Suite("Arrows between targets")
struct ImportTests {
    @Test("a target imports what the design lets it import, and nothing else")
    func arrows() {
        #expect(Repository.sources.flatMap(Self.strayImports) == [])
    }

    @Test("every folder of Swift sources is a target with a line in the table")
    func targets() {
        let folders = Set(Repository.sources.map(\.target))
        #expect(folders.subtracting(allowedImports.keys) == [])
    }

    @Test("the table has no circle")
    func noCircle() {
        var rest = allowedImports
        while let leaf = rest.first(where: { $0.value.isDisjoint(with: rest.keys) }) {
            rest[leaf.key] = nil
        }
        #expect(rest.isEmpty)
    }

    @Test("core and engine reach nothing that does something, not even through others")
    func pure() {
        let pure: Set<String> = [
            "WireFormat", "FilterLanguage", "OpwatchCore", "OpwatchReports", "HeapModule",
            "OpwatchEngine",
        ]
        for target in pure.subtracting(["HeapModule"]) {
            #expect(allowedImports[target]?.isSubset(of: pure) == true)
        }
    }

    @Test("the service's program reaches no simulated service, not even through others")
    func noServer() {
        #expect(Self.reached(from: "opwatchd").contains("OpwatchDaemon"))
        #expect(!Self.reached(from: "opwatchd").contains("OperationsSimulator"))
        #expect(Self.reached(from: "opwatchd-demo").contains("OperationsSimulator"))
    }

    @Test(
        "every way to write an import is understood",
        arguments: [
            ("import Glibc", "Glibc"), ("package import OpwatchCore", "OpwatchCore"),
            ("internal import CSystemd", "CSystemd"), ("@preconcurrency import A", "A"),
            ("import struct Glibc.timespec", "Glibc"), ("@_exported package import B", "B"),
            ("  private import C", "C"), ("import D.E", "D"),
        ])
    func understood(line: String, module: String) {
        #expect(Self.importedModule(line) == module)
    }

    @Test(
        "what only mentions an import is none",
        arguments: [
            "// import Glibc", "let text = \"import Glibc\"", "important()", "func import_() {}",
        ])
    func noImport(line: String) {
        let source = SwiftSource(path: "Sources/WireFormat/Planted.swift", text: line)
        #expect(Self.strayImports(source) == [])
    }

    @Test("a planted import is found")
    func planted() {
        let source = SwiftSource(
            path: "Sources/OpwatchCore/Planted.swift",
            text: "import WireFormat\nimport OpwatchJournal\npackage import Glibc")
        #expect(
            Self.strayImports(source) == [
                "Sources/OpwatchCore/Planted.swift:2: OpwatchCore may not import OpwatchJournal",
                "Sources/OpwatchCore/Planted.swift:3: OpwatchCore may not import Glibc",
            ])
    }

    /// What a target may import, and what that may, and so on.
    private static func reached(from target: String) -> Set<String> {
        var reached: Set<String> = []
        var rest = [target]
        while let next = rest.popLast() {
            rest += (allowedImports[next] ?? []).subtracting(reached)
            reached.formUnion(allowedImports[next] ?? [])
        }
        return reached
    }

    private static func strayImports(_ source: SwiftSource) -> [String] {
        let allowed = allowedImports[source.target] ?? []
        return source.code.enumerated().compactMap { index, line in
            guard let module = importedModule(line), !allowed.contains(module) else { return nil }
            return "\(source.path):\(index + 1): \(source.target) may not import \(module)"
        }
    }

    /// - Returns: the module that a line of code imports, nil if it imports none.
    private static func importedModule(_ line: String) -> String? {
        let access: Set<String> = ["package", "internal", "private", "fileprivate", "public"]
        let kinds: Set<String> = [
            "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
        ]
        var words = line.split(separator: " ").map(String.init)[...]
        words = words.drop { $0.hasPrefix("@") || access.contains($0) }
        guard words.first == "import" else { return nil }
        words = words.dropFirst().drop { kinds.contains($0) }
        return words.first.map { String($0.prefix { $0 != "." }) }
    }
}
