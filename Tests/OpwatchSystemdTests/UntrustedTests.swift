import Testing

@testable import OpwatchReports
@testable import OpwatchSystemd

@Suite("Text from outside")
struct UntrustedTests {
    @Test(
        "what shows nothing or moves other text is written out",
        arguments: [
            ("plain words, ümlaut, 漢字 and 🙂", "plain words, ümlaut, 漢字 and 🙂"),
            ("", ""),
            ("two\nlines\r", "two\\u{a}lines\\u{d}"),
            ("a\u{0}b\u{1f}c\u{7f}d\u{80}e\u{9f}f", "a\\u{0}b\\u{1f}c\\u{7f}d\\u{80}e\\u{9f}f"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{202e}gnp.exe\u{2066}", "\\u{202e}gnp.exe\\u{2066}"),
            ("\u{2028}\u{2029}\u{feff}\u{200b}", "\\u{2028}\\u{2029}\\u{feff}\\u{200b}"),
            ("\u{a0}\u{20}~", "\u{a0}\u{20}~"),
        ])
    func escapes(text: String, expected: String) {
        #expect(Untrusted.text(text) == expected)
    }

    @Test(
        "of many names the first ten are given, and how many more there are",
        arguments: [
            (0, 0, ""), (1, 1, "n0"), (2, 2, "n0, n1"),
            (10, 10, "n0, n1, n2, n3, n4, n5, n6, n7, n8, n9"),
            (11, 11, "n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 1 more"),
            (2, 10_000, "n0, n1 and 9998 more"),
        ])
    func lists(given: Int, count: Int, expected: String) {
        #expect(Untrusted.list((0..<given).map { "n\($0)" }, count: count) == expected)
    }

    @Test("names of a list are escaped and cut too")
    func hostileList() {
        let list = Untrusted.list(["\u{1b}[31m", String(repeating: "x", count: 1_000)], count: 2)
        #expect(list.hasPrefix("\\u{1b}[31m, xxx"))
        #expect(list.hasSuffix("…"))
        #expect(list.utf8.count < 160)
    }

    @Test(
        "a text is cut between characters, never inside an escape, and only when too long",
        arguments: [
            ("12345678", 8, "12345678"),
            ("123456789", 8, "12345…"),
            ("1234é", 6, "1234é"),
            ("1234éx", 6, "123…"),
            ("ééé", 5, "é…"),
            ("123\n", 8, "123\\u{a}"),
            ("123\n4", 8, "123…"),
            ("1234", 3, "…"),
        ])
    func caps(text: String, maxBytes: Int, expected: String) {
        let shown = Untrusted.text(text, maxBytes: maxBytes)
        #expect(shown == expected)
        #expect(shown.utf8.count <= maxBytes)
    }

    @Test(
        "the bound of a log field is 256 bytes", arguments: [(256, 256), (257, 256), (9_999, 256)])
    func defaultBound(length: Int, expected: Int) {
        #expect(Untrusted.text(String(repeating: "x", count: length)).utf8.count == expected)
    }
}
