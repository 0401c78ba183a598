import Foundation

/// The files of this repository.
enum Repository {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let sources = swiftFiles(under: "Sources")
    static let tests = swiftFiles(under: "Tests")

    /// Paths that git tracks, relative to the root; nil where this is no git repository.
    static let trackedPaths = listTracked()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func swiftFiles(under folder: String) -> [SwiftSource] {
        let base = root.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: base.path)?
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
        return (names ?? []).map { name in
            let path = "\(folder)/\(name)"
            // A file that cannot be read shows as one that breaks the rule of the last line feed.
            return SwiftSource(path: path, text: (try? text(path)) ?? "unreadable")
        }
    }

    private static func listTracked() -> [String]? {
        let git = Process()
        git.executableURL = URL(filePath: "/usr/bin/env")
        // The checkout may belong to somebody else, as in a container.
        git.arguments = ["git", "-c", "safe.directory=*", "-C", root.path, "ls-files", "-z"]
        let output = Pipe()
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        do { try git.run() } catch { return nil }
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\0").map(String.init)
    }
}
