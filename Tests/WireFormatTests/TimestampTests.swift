import Testing
import WireFormat

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "RFC 3339 is read to the nanosecond, in any offset, in either case",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("1969-12-31T23:59:59.999999999Z", -1, 999_999_999),
            ("2024-04-01T12:34:56.123456Z", 1_711_974_896, 123_456_000),
            ("2017-04-24T22:45:41.130854Z", 1_493_073_941, 130_854_000),
            ("2024-04-01T12:34:56.123456789Z", 1_711_974_896, 123_456_789),
            ("2024-04-01T12:34:56.1Z", 1_711_974_896, 100_000_000),
            ("2024-04-01t12:34:56z", 1_711_974_896, 0),
            ("2024-04-01T12:34:56+05:30", 1_711_955_096, 0),
            ("2024-04-01T12:34:56-05:30", 1_711_994_696, 0),
            ("2024-04-01T12:34:56-00:00", 1_711_974_896, 0),
            ("2024-04-01T00:00:00+23:59", 1_711_843_260, 0),
            ("2024-02-29T00:00:00Z", 1_709_164_800, 0),
            ("2000-02-29T23:59:59Z", 951_868_799, 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
            ("0000-12-31T23:00:00-01:00", -62_135_596_800, 0),
            ("0001-01-01T05:30:00+05:30", -62_135_596_800, 0),
            ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
        ] as [(String, Int64, UInt32)])
    func reads(text: String, seconds: Int64, nanoseconds: UInt32) {
        let expected = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
        #expect(expected != nil)
        #expect(Timestamp(rfc3339: text) == expected)
        #expect(Timestamp(rfc3339: "<\(text)>".dropFirst().dropLast()) == expected)
    }

    @Test(
        "what is not exactly RFC 3339, or no such day, or outside the years, is refused",
        arguments: [
            "", "Z", "2024", "2024-04-01", "2024-04-01T12:34Z", "2024-04-01T12:34:56",
            "2024-04-01 12:34:56Z", " 2024-04-01T12:34:56Z", "2024-04-01T12:34:56Z ",
            "2024-04-01T12:34:56.Z", "2024-04-01T12:34:56.1234567890Z", "2024-04-01T12:34:56,5Z",
            "2024-04-01T12:34:60Z", "2016-12-31T23:59:60Z", "2024-04-01T24:00:00Z",
            "2024-04-01T12:60:00Z", "2024-00-01T00:00:00Z", "2024-13-01T00:00:00Z",
            "2024-04-00T00:00:00Z", "2024-04-31T00:00:00Z", "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z", "2200-02-29T00:00:00Z", "2024-02-30T00:00:00Z",
            "2024-4-1T00:00:00Z",
            "2024-04-01T12:34:56+5:30", "2024-04-01T12:34:56+0530", "2024-04-01T12:34:56+05",
            "2024-04-01T12:34:56+24:00", "2024-04-01T12:34:56+05:60", "2024-04-01T12:34:56ZZ",
            "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
            "12024-04-01T12:34:56Z", "-024-04-01T12:34:56Z", "+2024-04-01T12:34:56Z",
            "2024-04-01T12:34:56\u{0}Z", "２０２４-04-01T12:34:56Z", "2024-04-01T12:34:5éZ",
            String(repeating: "2024-04-01T12:34:56Z", count: 10),
        ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
        #expect(Timestamp(rfc3339: Substring(text)) == nil)
    }

    @Test("a text has no digits of fraction, or three, six or nine, and reads back")
    func describes() throws {
        let table: [(Int64, UInt32, String)] = [
            (0, 0, "1970-01-01T00:00:00Z"), (-1, 1, "1969-12-31T23:59:59.000000001Z"),
            (951_782_400, 500_000_000, "2000-02-29T00:00:00.500Z"),
            (951_868_800, 120_000, "2000-03-01T00:00:00.000120Z"),
            (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
        ]
        for (seconds, nanoseconds, text) in table {
            let instant = try #require(Timestamp(seconds: seconds, nanoseconds: nanoseconds))
            #expect(instant.description == text)
            #expect(Timestamp(rfc3339: text) == instant)
        }
    }

    @Test("every day of four centuries has its own text and reads back")
    func days() throws {
        var previous = ""
        for day in Int64(-5_000)...141_097 {
            let instant = try #require(Timestamp(seconds: day * 86_400 + day % 86_400))
            let text = instant.description
            #expect(Timestamp(rfc3339: text) == instant && text != previous)
            previous = text
        }
    }

    @Test("the years end where they say")
    func borders() {
        #expect(Timestamp(seconds: -62_135_596_801) == nil)
        #expect(Timestamp(seconds: 253_402_300_800) == nil)
        #expect(Timestamp(seconds: .min) == nil)
        #expect(Timestamp(seconds: .max) == nil)
        #expect(Timestamp(seconds: 0, nanoseconds: 999_999_999) != nil)
        #expect(Timestamp(seconds: 0, nanoseconds: 1_000_000_000) == nil)
        #expect(Timestamp(seconds: -62_135_596_800) == .earliest)
        #expect(Timestamp.latest.description == "9999-12-31T23:59:59.999999999Z")
    }

    @Test("moving carries nanoseconds and stops at the ends of the years")
    func moves() throws {
        let start = try #require(Timestamp(seconds: 10, nanoseconds: 500_000_000))
        let table: [(Duration, Int64, UInt32)] = [
            (.zero, 10, 500_000_000), (.milliseconds(499), 10, 999_000_000),
            (.milliseconds(500), 11, 0), (.milliseconds(-500), 10, 0),
            (.nanoseconds(-500_000_001), 9, 999_999_999), (.seconds(-11), -1, 500_000_000),
            (.nanoseconds(1), 10, 500_000_001),
        ]
        for (step, seconds, nanoseconds) in table {
            #expect(
                start.advanced(by: step) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
        }
        let far = Duration.seconds(Int64.max) + .seconds(Int64.max)
        #expect(start.advanced(by: far) == .latest)
        #expect(start.advanced(by: .zero - far) == .earliest)
        #expect(start.advanced(by: .seconds(Int64.max)) == .latest)
        #expect(start.advanced(by: .seconds(Int64.min)) == .earliest)
        #expect(Timestamp.latest.advanced(by: .nanoseconds(1)) == .latest)
        #expect(Timestamp.earliest.advanced(by: .nanoseconds(-1)) == .earliest)
        #expect(Timestamp.latest.advanced(by: .seconds(-1)).seconds == 253_402_300_798)
        let edge = try #require(Timestamp(seconds: 253_402_300_799))
        #expect(edge.advanced(by: .nanoseconds(999_999_999)) == .latest)
        #expect(edge.advanced(by: .nanoseconds(1_000_000_000)) == .latest)
    }

    @Test("a difference has a sign and covers all years")
    func differences() throws {
        let early = try #require(Timestamp(rfc3339: "2024-04-01T00:00:00.9Z"))
        let late = try #require(Timestamp(rfc3339: "2024-04-01T00:00:01.1Z"))
        #expect(late.duration(since: early) == .milliseconds(200))
        #expect(early.duration(since: late) == .milliseconds(-200))
        #expect(early < late)
        #expect(!(late < early))
        let all = Timestamp.latest.duration(since: .earliest)
        #expect(Timestamp.earliest.advanced(by: all) == .latest)
        #expect(Timestamp.latest.advanced(by: .zero - all) == .earliest)
    }
}

@Suite("HTTP dates")
struct HTTPDateTests {
    @Test(
        "all three forms are read",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Wed Nov 16 08:49:37 1994", 784_975_777),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thursday, 01-Jan-70 00:00:00 GMT", 0),
            ("Tuesday, 31-Dec-69 23:59:59 GMT", 3_155_759_999),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Mon, 01 Jan 0001 00:00:00 GMT", -62_135_596_800),
        ] as [(String, Int64)])
    func reads(text: String, seconds: Int64) {
        #expect(Timestamp(httpDate: text) == Timestamp(seconds: seconds))
    }

    @Test(
        "anything else is refused, a wrong weekday too",
        arguments: [
            "", "Sun", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
            "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sat, 31 Dec 2016 23:59:60 GMT", "Wed, 29 Feb 2023 00:00:00 GMT",
            "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994", "Sun Nov 06 08:49:37 1994 ", "Sun Nov  6 08:49:37 94",
            "Sun, 06 Nov 1994 08:49:37 GMT ", "Sat, 01 Jan 0000 00:00:00 GMT", "784111777",
            "1994-11-06T08:49:37Z",
        ])
    func refuses(text: String) {
        #expect(Timestamp(httpDate: text) == nil)
    }

    @Test("a written date reads back to the second")
    func writes() throws {
        let instant = try #require(Timestamp(rfc3339: "1994-11-06T08:49:37.9Z"))
        #expect(instant.httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
        for day in Int64(0)..<800 {
            let instant = try #require(Timestamp(seconds: 1_700_000_000 + day * 90_061))
            #expect(Timestamp(httpDate: instant.httpDate) == instant)
        }
    }
}
