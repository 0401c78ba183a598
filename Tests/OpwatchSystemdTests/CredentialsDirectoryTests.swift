import Foundation
import Testing

@testable import OpwatchSystemd

@Suite("Credentials from systemd")
struct CredentialsDirectoryTests {
    @Test("the name with our prefix wins over the bare one")
    func prefixWins() throws {
        try inDirectory(with: ["opwatchd.token", "token", "bare"]) { directory in
            #expect(
                CredentialsDirectory.path(named: "token", in: directory)
                    == "\(directory)/opwatchd.token")
            #expect(
                CredentialsDirectory.path(named: "bare", in: directory) == "\(directory)/bare")
            #expect(CredentialsDirectory.path(named: "absent", in: directory) == nil)
        }
    }

    @Test(
        "only a single file name is looked up",
        arguments: ["", ".", "..", "../token", "a/b", "/etc/passwd", "token\0"])
    func names(name: String) throws {
        try inDirectory(with: ["token"]) { directory in
            #expect(CredentialsDirectory.path(named: name, in: directory) == nil)
        }
    }

    @Test("without a directory there is no credential", arguments: [nil, "", "relative"])
    func noDirectory(directory: String?) {
        #expect(CredentialsDirectory.path(named: "token", in: directory) == nil)
    }

    private func inDirectory(with files: [String], _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("opwatchd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        for file in files {
            try Data("secret".utf8).write(to: directory.appendingPathComponent(file))
        }
        try body(directory.path)
    }
}
