import FilterLanguage
import Foundation
import Testing

@Suite("What the page for policy authors promises")
struct FilterDocumentationTests {
    @Test("every example of docs/filter.md answers as written")
    func examples() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/filter.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count >= 30)
        for row in rows {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else {
                Issue.record("three cells expected: \(row)")
                continue
            }
            let expression = String(cells[0].dropFirst().dropLast())
            let operation = String(cells[1].dropFirst().dropLast())
            switch cells[2] {
            case "yes": #expect(try evaluate(expression, on: operation), "\(row)")
            case "no": #expect(try !evaluate(expression, on: operation), "\(row)")
            case "refused":
                #expect(throws: FilterError.self) { try evaluate(expression, on: operation) }
            default: Issue.record("unknown answer: \(row)")
            }
        }
    }
}
