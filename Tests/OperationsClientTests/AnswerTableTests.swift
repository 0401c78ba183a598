import Foundation
import Testing
import WireFormat

@testable import OperationsClient

@testable import OpwatchCore

/// The tables of docs/answers.md, run against the real client.
@Suite("docs/answers.md")
struct AnswerTableTests {
    private let world = TestWorld()

    /// What the page explains; per failure, and so per row, there is one of each call.
    private static let meanings: Set<[String]> = [
        ["failed poll", "unanswered", "unanswered"], ["throttled", "throttled", "unanswered"],
        ["without filter", "unanswered", "refused"], ["smaller pages", "unanswered", "refused"],
        ["without filter", "unanswered", "refused, tried again later"],
        ["without filter", "unanswered", "refused, remembered"],
        ["failed poll", "unanswered", "denied"], ["failed poll", "gone, if twice", "missing"],
        ["failed poll", "unanswered", "denied, if twice"],
        ["failed poll", "gone, if twice", "missing, if twice"],
        ["failed poll", "unanswered", "refused, remembered, if twice"],
    ]

    @Test("each error is what the table says, for each call", arguments: try AnswerTable.errors())
    func error(row: AnswerTable.Row) async throws {
        let failures = try await answers(to: row) { client in
            let list = await failure { () throws(CallFailure) in try await client.list(.acme) }
            let get = await failure { () throws(CallFailure) in try await client.getOnce("o/x") }
            let cancel = await failure { () throws(CallFailure) in
                try await client.postCancel(of: "o/x", expires: world.later)
            }
            return [list, get, cancel]
        }
        for failure in failures {
            let failure = try #require(failure)
            #expect(failure.label == row.cells[3])
            #expect(failure.words.hasSuffix(row.cells[4]), "\(failure.words)")
            #expect(!row.cells[4].isEmpty || failure.isSilent, "\(failure.words)")
        }
        #expect(Self.meanings.contains(Array(row.cells[5...7])))
        let cancel = try #require(failures.last ?? nil)
        #expect(Self.meaning(of: cancel) == row.cells[7])
    }

    /// What the daemon makes of a failed first cancel, in the words of the page.
    private static func meaning(of failure: CallFailure) -> String {
        let (http, status, _) = AskedStatus.of(failure)
        var history = history()
        let first = history.meaning(http: http, status: status)
        guard status == AskedStatus.wordless else { return word(first) }
        history.take(first, http: http, status: status, words: "")
        return word(history.meaning(http: http, status: status)) + ", if twice"
    }

    private static func word(_ answer: CancelAnswer) -> String {
        switch answer {
        case .accepted: "asked"
        case .refused(.passing): "refused, tried again later"
        case .refused(.lasting): "refused"
        case .refused(.unimplemented): "refused, remembered"
        case .missing: "missing"
        case .denied: "denied"
        case .unanswered: "unanswered"
        }
    }

    /// Of an operation whose first intent was just written.
    private static func history() -> CancelHistory {
        let time = Timestamp.earliest
        return CancelHistory(
            JournalRecord.Intent(
                id: IntentID(1),
                operation: OperationIdentity(endpoint: Endpoint("http://a"), name: "o/x"),
                service: "s", serverTime: time, created: time, clock: .total, age: .zero,
                timeout: .zero, deadline: time, rule: "r", policy: PolicyHash("0"), attempt: 1))
    }

    @Test("equal failures mean the same in all rows")
    func meanings() throws {
        var meanings: [String: [String]] = [:]
        for row in try AnswerTable.errors() {
            let key = row.cells[3] == "wordless" ? "wordless \(row.status)" : row.cells[3]
            let meaning = Array(row.cells[5...7])
            // Of INVALID_ARGUMENT and its like the code says whether the refusal may pass.
            #expect(meanings.updateValue(meaning, forKey: key) ?? meaning == meaning, "\(key)")
        }
        let refusals: [StatusCode] = [
            .failedPrecondition, .aborted, .invalidArgument, .outOfRange, .alreadyExists,
        ]
        #expect(refusals.allSatisfy { meanings["refused \($0.rawValue)"] != nil })
        #expect(meanings.count == 17)
    }

    @Test("each success is what the table says", arguments: try AnswerTable.successes())
    func success(row: AnswerTable.Row) async throws {
        let cells = try await answers(to: row) { client in
            [await list(client), await get(client), await cancel(client)]
        }
        #expect(cells == Array(row.cells[3...5]))
    }

    private func answers<Outcome: Sendable>(
        to row: AnswerTable.Row, _ body: (OperationsClient) async -> Outcome
    ) async throws -> Outcome {
        try await ScriptedServer.run(
            reply: { _, _ in .answer(row.status, row.body, headers: row.headers) }
        ) { server in await body(world.client(server.base)) }
    }

    private func list(_ client: OperationsClient) async -> String {
        do throws(CallFailure) {
            let page = try await client.list(.acme)
            var reader = ListPageReader(page.body, fields: FieldSet([]))
            var row = FieldRow()
            do throws(WireError) {
                while try reader.next(into: &row) {}
                return "read"
            } catch {
                return "failed poll: " + page.context.complaint(page.body, error)
            }
        } catch {
            return "failed poll: " + error.words
        }
    }

    private func get(_ client: OperationsClient) async -> String {
        do throws(CallFailure) {
            let answer = try await client.getOnce("o/x")
            var row = FieldRow()
            do throws(WireError) {
                try ObjectReader.read(
                    answer.body, fields: FieldSet([]), limits: .body, into: &row)
                return "read"
            } catch {
                return "unanswered: " + answer.context.complaint(answer.body, error)
            }
        } catch {
            return "unanswered: " + error.words
        }
    }

    private func cancel(_ client: OperationsClient) async -> String {
        let failure = await failure { () throws(CallFailure) in
            try await client.postCancel(of: "o/x", expires: world.later)
        }
        return failure.map(\.words) ?? "asked"
    }
}

/// The rows of docs/answers.md.
enum AnswerTable {
    struct Row: Sendable, CustomTestStringConvertible {
        let cells: [String]

        var status: Int { Int(cells[0]) ?? 0 }
        var body: String {
            String(cells[2].drop { $0 == "`" }.reversed().drop { $0 == "`" }.reversed())
        }
        var headers: [String] {
            let types = [
                "json": "application/json; charset=UTF-8", "problem": "application/problem+json",
                "text": "text/plain", "html": "text/html; charset=utf-8",
            ]
            return types[cells[1]].map { ["Content-Type: \($0)"] } ?? []
        }

        var testDescription: String { cells[0...2].joined(separator: " ") }
    }

    static func errors() throws -> [Row] { try rows(columns: 8) }

    static func successes() throws -> [Row] { try rows(columns: 6) }

    private static func rows(columns: Int) throws -> [Row] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/answers.md"), encoding: .utf8)
        return page.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("| "), line.hasSuffix("|") else { return nil }
            let cells = line.dropFirst().dropLast().split(
                separator: "|", omittingEmptySubsequences: false
            ).map { $0.trimmingCharacters(in: .whitespaces) }
            return cells.count == columns && Int(cells[0]) != nil ? Row(cells: cells) : nil
        }
    }
}

extension CallFailure {
    /// The case and, of an error of the service, its code.
    fileprivate var label: String {
        let name = kind.split(separator: ",").first.map(String.init) ?? kind
        return error.map { "\(name) \($0.code.rawValue)" } ?? name
    }

    /// What was said, by the service or by the client about it.
    fileprivate var words: String {
        switch self {
        case .throttled, .unauthenticated, .denied, .notFound, .unsupported, .refused:
            error?.message ?? ""
        case .foreign(_, let reason), .malformed(let reason), .notSent(let reason),
            .unavailable(let reason, _, _):
            reason
        case .wordless, .tooLarge, .timedOut: ""
        }
    }

    /// Whether nothing was said beyond status and code.
    fileprivate var isSilent: Bool {
        if case .unavailable = self { return !words.contains(":") }
        return words.isEmpty
    }

    private var error: ServiceError? {
        switch self {
        case .throttled(let error), .unauthenticated(let error), .denied(let error),
            .notFound(let error), .unsupported(let error), .refused(let error):
            error
        case .wordless, .foreign, .unavailable, .malformed, .tooLarge, .timedOut, .notSent: nil
        }
    }
}
