import Testing

@Suite("Rules of style")
struct SourceRuleTests {
    private static let ofSources = Rule.banned + Rule.declarations
    private static let all = ofSources + Rule.layout + Rule.ofTests

    @Test("the sources keep each rule", arguments: ofSources)
    func sources(rule: Rule) {
        #expect(rule.violations(in: Repository.sources) == [])
    }

    @Test("sources and tests keep each rule of layout", arguments: Rule.layout)
    func layout(rule: Rule) {
        #expect(rule.violations(in: Repository.sources + Repository.tests) == [])
    }

    @Test("the tests keep each rule", arguments: Rule.ofTests)
    func tests(rule: Rule) {
        #expect(rule.violations(in: Repository.tests) == [])
    }

    @Test("each rule finds what breaks it", arguments: all)
    func finds(rule: Rule) {
        #expect(!rule.broken.isEmpty)
        for text in rule.broken {
            #expect(!rule.find(Self.planted(text)).isEmpty, "not found: \(text)")
        }
    }

    @Test("each rule lets pass what only looks similar", arguments: all)
    func passes(rule: Rule) {
        #expect(!rule.kept.isEmpty)
        for text in rule.kept {
            #expect(rule.find(Self.planted(text)) == [], "found: \(text)")
        }
    }

    @Test("each exception is a file that is there and needs it", arguments: all)
    func exceptions(rule: Rule) {
        for path in rule.exceptions {
            let file = (Repository.sources + Repository.tests).first { $0.path == path }
            #expect(file.map { !rule.find($0).isEmpty } == true, "\(path)")
        }
    }

    @Test("there are files to read")
    func files() {
        #expect(Repository.sources.count > 100)
        #expect(Repository.tests.count > 50)
        #expect(Set(Repository.sources.map(\.target)).count >= 10)
    }

    private static func planted(_ text: String) -> SwiftSource {
        SwiftSource(path: "Tests/Planted/PlantedTests.swift", text: text)
    }
}
