import Foundation
import OpwatchCore
import OpwatchPolicy
import Testing

@Suite("The policies that are shipped")
struct ShippedPolicyTests {
    private static let config = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "config")

    private static func examples() throws -> [String] {
        let folder = config.appending(path: "examples")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") }.sorted()
            .map { folder.appending(path: $0).path }
    }

    @Test("policy.yaml is valid and watches nothing")
    func shipped() throws {
        let loaded = try PolicyFile.load(path: Self.config.appending(path: "policy.yaml").path)
        #expect(loaded.warnings == [])
        #expect(loaded.policy.mode == .observe)
        #expect(loaded.policy.services == [])
        #expect(loaded.policy.rules == [])
    }

    @Test("what policy.yaml shows in comments is a policy that works, with the defaults")
    func commented() throws {
        let path = Self.config.appending(path: "policy.yaml")
        let shown = try String(contentsOf: path, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .filter { $0 != "services: []" && $0 != "rules: []" }
            .map { line in
                let isKey = line.hasPrefix("#  ") || line.dropFirst().first?.isLetter == true
                return line.hasPrefix("#") && isKey ? String(line.dropFirst()) : String(line)
            }
            .joined(separator: "\n")
        let loaded = try PolicyFile.parse(shown, file: path.path)
        #expect(loaded.warnings == [])
        #expect(loaded.policy.services.map(\.name) == ["ml"])
        #expect(loaded.policy.rules.map(\.action) == [.ignore, .cancel, .warn])
        #expect(loaded.policy.safety == Safety())
        #expect(loaded.policy.verify == VerifySettings())
        let service = try #require(loaded.policy.services.first)
        #expect(service.interval == .seconds(60))
        #expect(service.pageSize == 500)
        #expect(service.requestsPerMinute == 60)
    }

    @Test("every example is valid and without a warning")
    func eachExample() throws {
        let paths = try Self.examples()
        #expect(paths.count >= 3)
        for path in paths {
            let loaded = try PolicyFile.load(path: path)
            #expect(loaded.warnings == [])
            #expect(!loaded.policy.services.isEmpty)
            #expect(!loaded.policy.rules.isEmpty)
        }
    }
}

@Suite("Files that cannot be read")
struct PolicyFileTests {
    @Test(
        "one problem, with the system's words",
        arguments: [
            ("/nonexistent/policy.yaml", "No such file or directory"), ("/", "Is a directory"),
            ("/dev/null/policy.yaml", "Not a directory"),
        ])
    func unreadable(path: String, words: String) {
        let error = #expect(throws: PolicyErrors.self) { try PolicyFile.load(path: path) }
        #expect(error?.description == "\(path):1:1: error: cannot be read: \(words)")
    }

    @Test("a file without an end is refused after its first megabyte")
    func endless() {
        let error = #expect(throws: PolicyErrors.self) { try PolicyFile.load(path: "/dev/zero") }
        #expect(
            error?.description == "/dev/zero:1:1: error: the file has more than 1048576 bytes")
    }
}
