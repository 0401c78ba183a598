import OpwatchPolicy
import Testing

@Suite("Signs that nobody sees")
struct HiddenSignTests {
    private static func error(_ code: String, _ name: String) -> String {
        "error: U+\(code), \(name), stands here; write a plain space or nothing, and in an "
            + "expression \\u\(code)"
    }

    @Test(
        "are refused where they stand, and are all that is told",
        arguments: [
            Defect(
                "no-break spaces for an indentation",
                file: "version: 1\nsafety:\n\u{A0}\u{A0}canary: maybe\n",
                "3:1: \(error("00A0", "a no-break space"))",
                "3:2: \(error("00A0", "a no-break space"))"),
            Defect(
                "behind a colon", file: "version: 1\nmode:\u{A0} observe\n",
                "2:6: \(error("00A0", "a no-break space"))"),
            Defect(
                "behind a value", file: "version: 1\nmode: ä observe\u{202F}\n",
                "2:16: \(error("202F", "a no-break space"))"),
            Defect(
                "byte order mark in the middle", file: "---\n\u{FEFF}version: 1\n",
                "2:1: \(error("FEFF", "a byte order mark (BOM)"))"),
            Defect(
                "byte order mark twice", file: "\u{FEFF}\u{FEFF}version: 1\n",
                "1:1: \(error("FEFF", "a byte order mark (BOM)"))"),
            Defect(
                "in quotes, behind a hash", file: "version: 1\r\nmode: 'a # \u{200B}'\r\n",
                "2:12: \(error("200B", "a sign without a width"))"),
            Defect(
                "special spaces and line ends",
                file: "version: 1\nmode: a\u{2009}b\u{3000}\u{2028}\n",
                "2:8: \(error("2009", "a special space"))",
                "2:10: \(error("3000", "a special space"))",
                "2:11: \(error("2028", "a special line end"))"),
        ])
    func refused(defect: Defect) {
        defect.check()
    }

    @Test(
        "are fine in comments, at the very start, and by their number",
        arguments: [
            "# « a »\u{A0}\nversion: 1\n", "version: 1 # \u{A0}\u{200B}\n",
            "\u{FEFF}version: 1\n",
            "version: 1\n  \t# \u{2028}\n",
            "version: 1\nrules: [{ name: r, action: ignore, match: 'name = \"a\\u00A0b\"' }]\n",
        ])
    func accepted(yaml: String) {
        #expect(Fixture.problems(of: yaml) == [])
    }
}
