import Foundation
import Testing

@testable import OpwatchReports
@testable import OpwatchSystemd

@Suite("The message catalog")
struct MessageCatalogTests {
    private static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "systemd/opwatchd.catalog")

    /// `OPWATCH_REWRITE=1 swift test --filter MessageCatalogTests` writes the file from the table.
    @Test("the catalog file says what the table says")
    func agreement() throws {
        let expected = Self.render()
        if ProcessInfo.processInfo.environment["OPWATCH_REWRITE"] == "1" {
            try Data(expected.utf8).write(to: Self.file)
        }
        let found = try String(contentsOf: Self.file, encoding: .utf8)
        #expect(found == expected)
    }

    @Test("every id is a random UUID of its own, in lower case")
    func ids() {
        var seen: Set<String> = []
        for kind in MessageKind.allCases {
            let id = kind.entry.id
            #expect(id.wholeMatch(of: /[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}/) != nil)
            #expect(seen.insert(id).inserted, "\(kind) has the id of another kind")
        }
    }

    @Test("every placeholder is a field of ours", arguments: MessageKind.allCases)
    func placeholders(kind: MessageKind) {
        let text = kind.entry.subject + kind.entry.explanation
        let names = text.matches(of: /@([^@\s]*)@/).map { String($0.output.1) }
        for name in names { #expect(LogField(rawValue: name) != nil, "\(name)") }
        #expect(Set(kind.entry.fields.map(\.rawValue)) == Set(names))
    }

    @Test("texts fit a terminal of 80 columns", arguments: MessageKind.allCases)
    func width(kind: MessageKind) {
        let entry = kind.entry
        #expect(!entry.subject.contains("\n") && entry.subject.count <= 80)
        for line in entry.explanation.split(separator: "\n") { #expect(line.count <= 76) }
        // A line that begins with two dashes would start another entry of the file.
        #expect(!entry.explanation.contains("\n-- "))
    }

    @Test("field names are what journald accepts", arguments: LogField.allCases)
    func fieldNames(field: LogField) {
        #expect(field.rawValue.wholeMatch(of: /OPWATCH_[A-Z0-9_]{1,56}/) != nil)
    }

    private static func render() -> String {
        let entries = MessageKind.allCases.map { kind in
            """
            -- \(kind.entry.id)
            Subject: \(kind.entry.subject)
            Defined-By: opwatchd

            \(kind.entry.explanation)

            """
        }
        let head = """
            # What `journalctl -x` says about the messages of opwatchd(8).
            # Installed to /usr/lib/systemd/catalog; made from MessageKind by MessageCatalogTests.

            """
        return ([head] + entries).joined(separator: "\n")
    }
}
