import FilterLanguage
import Testing
import WireFormat

@Suite("Values that are nearly a timestamp")
struct NearTimestampTests {
    private static let orders = ["<", "<=", ">", ">="]
    private static let others = ["=", "!=", ":"]

    @Test(
        "a date or a time in another notation is refused behind an order, with what to write",
        arguments: [
            "2026-01-31", "2026-1-5", "2026-13-45", "2026-12-31", "2026/01/31", "2026.01.31",
            "31.01.2026", "01/31/2026", "1/31/26", "31-01-2026", "2026-01", "2026/12",
            "20260131T120000Z", "2026-01-31 23:59", "2026-01-31 23:59:00", "2026-01-31  23:59",
            " 2026-01-31T23:59:00Z", "2026-01-31T23:59:00Z ", "2026-01-31\t23:59",
            "2026-01-31_23:59", "2026-01-31, 23:59", "2026-01-31+01:00", "2026-01-31Z",
            "2026-01-31-23-59", "2026-01-31 noon", "23:59", "7:05", "12:00:00Z", "23:59:00.5",
            "11:59 PM", "now", "NOW", "now()", "now - 24h", "now-1h", "now +5", "today",
            "yesterday", "Tomorrow", "31 Jan 2026", "Jan 31, 2026", "January 31st", "31-Jan-2026",
            "Sat, 31 Jan 2026 23:59:00 GMT", "Sat Jan 31 23:59:00 UTC 2026", "Sept 1",
        ])
    func refused(text: String) {
        for order in Self.orders {
            let error = #expect(throws: FilterError.self) {
                try Filter(parsing: "metadata.createTime \(order) \"\(text)\"")
            }
            #expect(
                error?.explanation.hasSuffix("write \"2024-01-31T12:00:00Z\"") == true, "\(order)")
        }
        for other in Self.others {
            #expect(throws: Never.self) { try Filter(parsing: "metadata.x \(other) \"\(text)\"") }
        }
    }

    @Test(
        "other texts keep their order, and so do timestamps, durations and numbers",
        arguments: [
            "c-test", "2026-01-31T23:59:00Z", "2026-01-31T23:59:00.5+01:00", "90s", "2026", "1.5",
            "2026-01-31-nightly", "2026-00", "2026-13", "2026-1", "10.0.0.1", "1.2.3", "1-2-3",
            "1/2", "nowhere", "now-playing", "now5", "nowadays", "todays", "may", "May", "march",
            "Jan", "build-mar-7", "jan 31 build", "1st", "31", "a 31", "1:5", "100:00",
            "v2026-01-31", "ja 31", "mo 31", "31 jan feb", "-", "", "20260131", "2026-W05",
        ])
    func ordered(text: String) {
        for order in Self.orders {
            #expect(throws: Never.self, "\(order)") {
                try Filter(parsing: "metadata.x \(order) \"\(text)\"")
            }
        }
    }

    @Test(
        "an unquoted one is refused where it stands",
        arguments: ["2026-01-31", "2026/01/31", "now"])
    func place(text: String) {
        let error = #expect(throws: FilterError.self) { try Filter(parsing: "a < \(text)") }
        #expect(error?.offset == 4)
        #expect(error?.message == "the value looks like a time, but is no RFC 3339 timestamp")
    }

    @Test("every field that is named is mentioned with its place, in calls too; bare words are not")
    func mentions() throws {
        let filter = try Filter(
            parsing: "a.b = 1 AND (NOT c:(x OR y) OR endsWith(d.e, 'z')) "
                + "AND f.startsWith('g') AND h")
        #expect(filter.mentions.map(\.path.description) == ["a.b", "c", "d.e", "f"])
        #expect(filter.mentions.map(\.offset) == [0, 17, 40, 55])
    }
}
