import OpwatchCore
import OpwatchReports
import Synchronization
import Testing

@testable import OpwatchDaemon
@testable import OpwatchEngine

@Suite("Reports")
struct ReportTests {
    private let partition = Partition(
        service: "ml", endpoint: Endpoint("http://127.0.0.1:1/v1"), parent: "projects/acme")

    @Test("what a service says is capped and escaped in fields")
    func untrusted() {
        let evil = String(repeating: "\u{1b}[2J\n", count: 200)
        let report = Report.pollFailed(partition, reason: evil, next: nil)
        let reason = report.entry.fields.first { $0.name == .reason }?.value ?? ""
        #expect(reason.utf8.count <= 256)
        #expect(!reason.contains("\u{1b}") && !reason.contains("\n"))
        #expect(!report.entry.message.contains("\n"))
        let label = OperationLabel(service: "ml", operation: evil)
        #expect(label.operation.utf8.count <= 256)
        #expect(!label.text.contains("\u{1b}"))
    }

    @Test(
        "of up to 50 of a kind all are shown, of more 20 and a count",
        arguments: [(50, 50), (51, 21), (1_000, 21)])
    func many(count: Int, shown: Int) {
        let log = Log()
        let reporter = Reporter { entry in log.entries.withLock { $0.append(entry) } }
        reporter.report(
            (0..<count).map { number in
                Report.unlisted(OperationLabel(service: "ml", operation: "operations/\(number)"))
            })
        let entries = log.entries.withLock { $0 }
        #expect(entries.count == shown)
        for entry in entries {
            for field in MessageKind.unlisted.entry.fields {
                #expect(entry.fields.contains { $0.name == field })
            }
        }
        if count > 50 {
            #expect(entries.last?.message.hasPrefix("and \(count - 20) more of this kind") == true)
        }
        #expect(reporter.summary() == nil)
    }

    private final class Log: Sendable {
        let entries = Mutex<[JournalEntry]>([])
    }
}
