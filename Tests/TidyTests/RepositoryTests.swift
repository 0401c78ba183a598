import Foundation
import Testing

@Suite("The repository")
struct RepositoryTests {
    /// Texts of the machine that something was made on, in parts, so that this file keeps the rule.
    private static let machineWords = [
        "/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/",
    ]
    /// Where packages come from is said by the lists of dependencies alone.
    private static let registryWords = [
        "art" + "ifactory", "jf" + "rog", "nex" + "us", "pkgs." + "dev", "npm" + "js", "py" + "pi.",
    ]

    @Test("nothing that a build makes is tracked", .enabled(if: Repository.trackedPaths != nil))
    func noBuildProducts() throws {
        let paths = try #require(Repository.trackedPaths)
        #expect(paths.filter(Self.isBuildProduct) == [])
    }

    @Test(
        "what a build makes is known as such",
        arguments: [
            ".build/release/opwatchd", ".build-static/x", "Package.resolved", "a/b.o", "x.deb",
        ])
    func buildProduct(path: String) {
        #expect(Self.isBuildProduct(path))
        #expect(!Self.isBuildProduct("Sources/\(path.count).swift"))
    }

    @Test("git ignores what a build makes")
    func ignored() throws {
        let lines = try Repository.text(".gitignore").split(separator: "\n").map(String.init)
        for line in [".build/", ".build-*/", "Package.resolved"] { #expect(lines.contains(line)) }
    }

    @Test(
        "no tracked file names a folder of somebody's machine or a registry of packages",
        .enabled(if: Repository.trackedPaths != nil))
    func noMachines() throws {
        let paths = try #require(Repository.trackedPaths)
        #expect(paths.count > 100)
        var found: [String] = []
        for path in paths {
            // Listed and deleted since: nothing to read.
            guard FileManager.default.fileExists(atPath: Repository.root.appending(path: path).path)
            else { continue }
            let data = try Data(contentsOf: Repository.root.appending(path: path))
            let text = String(decoding: data, as: UTF8.self)
            found += Self.foreignWords(in: text).map { "\(path): \($0)" }
        }
        #expect(found == [])
    }

    @Test("a planted path and a planted registry are found")
    func plantedMachine() {
        for word in Self.machineWords + Self.registryWords {
            #expect(Self.foreignWords(in: "see \(word)x") == [word])
        }
        #expect(Self.foreignWords(in: "/var/lib/opwatchd and network/") == [])
    }

    private static func isBuildProduct(_ path: String) -> Bool {
        path.hasPrefix(".build") || path.hasSuffix("Package.resolved") || path.hasSuffix(".o")
            || path.hasSuffix(".deb")
    }

    private static func foreignWords(in text: String) -> [String] {
        let lowercase = text.lowercased()
        return machineWords.filter { text.contains($0) }
            + registryWords.filter { lowercase.contains($0) }
    }
}

@Suite("Package.swift")
struct PackageTests {
    @Test("the settings of all targets stand in one place and are put in by one loop")
    func oneLoop() throws {
        #expect(Self.problems(try Repository.text("Package.swift")) == [])
    }

    @Test("dependencies come from where their source is")
    func origins() throws {
        let lines = try Repository.text("Package.swift").split(separator: "\n")
        let urls = lines.filter { $0.contains("url:") }
        #expect(urls.count >= 5)
        for url in urls { #expect(url.contains("\"https://github.com/")) }
    }

    @Test("settings of one target's own are found")
    func planted() throws {
        let text = try Repository.text("Package.swift")
        #expect(Self.problems("") != [])
        #expect(Self.problems(text + "\n.target(name: \"A\", swiftSettings: [])") != [])
        let lax = text.replacing(".treatAllWarnings(as: .error)", with: "")
        #expect(Self.problems(lax) != [])
    }

    private static func problems(_ text: String) -> [String] {
        let needed = [
            "swiftLanguageModes: [.v6]", ".enableUpcomingFeature(\"ExistentialAny\")",
            ".enableUpcomingFeature(\"InternalImportsByDefault\")",
            ".enableUpcomingFeature(\"MemberImportVisibility\")", ".treatAllWarnings(as: .error)",
            "for target in package.targets", "target.swiftSettings = settings",
        ]
        var problems = needed.filter { !text.contains($0) }.map { "missing: \($0)" }
        let count = text.ranges(of: "swiftSettings").count
        if count != 1 { problems.append("swiftSettings is said \(count) times") }
        return problems
    }
}
