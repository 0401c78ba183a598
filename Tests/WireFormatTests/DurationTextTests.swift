import Testing
import WireFormat

@Suite("Durations as text")
struct DurationTextTests {
    @Test(
        "a policy's duration is whole numbers with falling units",
        arguments: [
            ("90s", 90), ("45m", 2_700), ("2h30m", 9_000), ("7d", 604_800), ("0s", 0),
            ("1d2h3m4s", 93_784), ("1d1s", 86_401), ("007m", 420),
            ("9223372036854775807s", .max), ("106751991167300d", 9_223_372_036_854_720_000),
        ] as [(String, Int64)])
    func policy(text: String, seconds: Int64) {
        #expect(DurationText.parsePolicy(text) == .seconds(seconds))
        #expect(DurationText.parsePolicy(Substring(text)) == .seconds(seconds))
    }

    @Test(
        "a duration without unit, with a sign, a space, a wrong order or overflow is refused",
        arguments: [
            "", "90", "s", "-90s", "+90s", "90 s", " 90s", "90s ", "90S", "1.5h", "1w", "30m2h",
            "1h1h", "1h30", "h", "1hm", "9223372036854775808s", "106751991167301d",
            "153722867280912931m", "99999999999999999999999s", "9223372036854775807s1m",
            "2562047788015215h30m8s", "1ms", "1h\u{0}", "１h", "P1D",
        ])
    func policyRefuses(text: String) {
        #expect(DurationText.parsePolicy(text) == nil)
    }

    @Test(
        "a protocol buffer's duration is seconds with up to nine digits of fraction",
        arguments: [
            ("3.5s", 3, 500_000_000), ("-1.5s", -1, -500_000_000), ("0s", 0, 0), ("-0s", 0, 0),
            ("53s", 53, 0), ("2.463586755s", 2, 463_586_755), ("-0.000000001s", 0, -1),
            ("315576000000s", 315_576_000_000, 0), ("-315576000000s", -315_576_000_000, 0),
            ("315575999999.999999999s", 315_575_999_999, 999_999_999),
        ] as [(String, Int64, Int64)])
    func proto(text: String, seconds: Int64, nanoseconds: Int64) {
        #expect(DurationText.parseProto(text) == .seconds(seconds) + .nanoseconds(nanoseconds))
    }

    @Test(
        "anything else is no protocol buffer's duration",
        arguments: [
            "", "s", "3.5", ".5s", "3.s", "3.5S", "+3s", "--3s", "3.5 s", "1m", "1e3s",
            "1.1234567890s", "315576000001s", "315576000000.1s", "-315576000000.000000001s",
            "99999999999999999999s", "NaN", "3s3s",
        ])
    func protoRefuses(text: String) {
        #expect(DurationText.parseProto(text) == nil)
    }

    @Test(
        "people get the two largest units next to one another",
        arguments: [
            (0, "0s"), (5, "5s"), (59, "59s"), (60, "1m"), (61, "1m1s"), (2_820, "47m"),
            (3_599, "59m59s"), (3_600, "1h"), (3_601, "1h"), (9_000, "2h30m"), (9_059, "2h30m"),
            (86_399, "23h59m"), (86_400, "1d"), (86_460, "1d"), (90_000, "1d1h"),
            (-90, "-1m30s"), (.max, "106751991167300d15h"), (.min, "-106751991167300d15h"),
        ] as [(Int64, String)])
    func short(seconds: Int64, text: String) {
        #expect(DurationText.short(.seconds(seconds)) == text)
    }

    @Test("a duration beyond 64 bits of seconds is shown as the longest within")
    func shortHuge() {
        let far = Duration.seconds(Int64.max) + .seconds(Int64.max)
        #expect(DurationText.short(far) == "106751991167300d15h")
        #expect(DurationText.short(.zero - far) == "-106751991167300d15h")
    }

    @Test("parts of a second are dropped for people")
    func shortFraction() {
        #expect(DurationText.short(.milliseconds(1_999)) == "1s")
        #expect(DurationText.short(.milliseconds(999)) == "0s")
        #expect(DurationText.short(.milliseconds(-999)) == "0s")
    }
}
