import FilterLanguage
import Glibc
import WireFormat

/// Measures what a filter costs beside the reading of the operations that it looks at.
///
/// Pages are read one by one, all operations of a page into rows; then the filter looks at the
/// rows. Both are timed over all pages, and the best of the rounds counts.
@main
enum FilterBench {
    private static let operations = 100_000
    private static let perPage = 1_000
    private static let rounds = 20
    /// The share of the reading that evaluating may take.
    private static let shareMax = 0.20
    private static let expression =
        #"metadata.operationType = "CREATE_VERSION" AND NOT metadata.labels.keep = "true""#

    static func main() throws {
        let filter = try Filter(parsing: expression)
        let fields = FieldSet([FieldPath(segments: [FieldSegment("name")])] + filter.paths)
        let bound = filter.bound(to: fields)
        let pages = stride(from: 0, to: operations, by: perPage).map(page)
        var best = Round(reading: .seconds(3_600), evaluating: .seconds(3_600), matches: 0)
        for _ in 0..<rounds {
            let round = try measure(pages, fields, bound)
            precondition(round.matches == expectedMatches, "the filter matched \(round.matches)")
            best.reading = min(best.reading, round.reading)
            best.evaluating = min(best.evaluating, round.evaluating)
        }
        let share = best.evaluating / best.reading
        let bytes = pages.reduce(0) { $0 + $1.count }
        print(
            "operations read                 \(padded("\(operations)")) (\(bytes / 1_000_000) MB)")
        print("reading, per operation          \(padded(perOperation(best.reading))) ns")
        print("evaluating, per operation       \(padded(perOperation(best.evaluating))) ns")
        let limit = "(limit \(Int(shareMax * 100)))" + (share > shareMax ? "  OVER" : "")
        print("evaluating, share of reading    \(padded("\(Int(share * 100))")) %  \(limit)")
        if share > shareMax { exit(1) }
    }

    private struct Round {
        var reading: Duration
        var evaluating: Duration
        var matches: Int
    }

    private static func measure(
        _ pages: [[UInt8]], _ fields: FieldSet, _ filter: BoundFilter
    ) throws -> Round {
        let clock = ContinuousClock()
        var rows = [FieldRow](repeating: FieldRow(), count: perPage + 1)
        var round = Round(reading: .zero, evaluating: .zero, matches: 0)
        for page in pages {
            var count = 0
            round.reading += try clock.measure {
                var reader = ListPageReader(page, fields: fields)
                while try reader.next(into: &rows[count]) { count += 1 }
            }
            round.evaluating += clock.measure {
                for index in 0..<count where filter.matches(rows[index]) { round.matches += 1 }
            }
        }
        return round
    }

    // MARK: Operations

    private static func page(from start: Int) -> [UInt8] {
        let list = (start..<start + perPage).map(operation).joined(separator: ",")
        return Array(#"{"operations":[\#(list)],"nextPageToken":"\#(start + perPage)"}"#.utf8)
    }

    private static func isCreation(_ number: Int) -> Bool { number % 3 == 0 }
    private static func isKept(_ number: Int) -> Bool { number % 7 == 0 }

    private static var expectedMatches: Int {
        (0..<operations).count { isCreation($0) && !isKept($0) }
    }

    private static func operation(_ number: Int) -> String {
        let type = isCreation(number) ? "CREATE_VERSION" : "DELETE_VERSION"
        let keep = isKept(number) ? #","keep":"true""# : ""
        return #"""
            {"name":"projects/acme/operations/create_version_\#(number)_1700000000000",\#
            "metadata":{"@type":"type.googleapis.com/google.cloud.ml.v1.OperationMetadata",\#
            "createTime":"2026-01-31T12:00:00.123Z","startTime":"2026-01-31T12:00:01.456Z",\#
            "operationType":"\#(type)","isCancellationRequested":false,\#
            "modelName":"projects/acme/models/model_\#(number % 97)",\#
            "version":{"name":"projects/acme/models/m/versions/v",\#
            "createTime":"2026-01-31T12:00:00Z"},\#
            "labels":{"team":"team-\#(number % 13)"\#(keep)}}}
            """#
    }

    // MARK: Figures

    private static func perOperation(_ duration: Duration) -> String {
        "\(Int(duration / .nanoseconds(operations)))"
    }

    private static func padded(_ figure: String) -> String {
        String(repeating: " ", count: max(0, 10 - figure.utf8.count)) + figure
    }
}
