import Testing

@Suite("Code without comments and strings")
struct CodeScannerTests {
    @Test(
        "comments and strings are blanked, interpolated code stays",
        arguments: [
            ("a // b", "a     "),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("\"a\" + b", "\" \" + b"),
            ("\"\\\"\" + b", "\"  \" + b"),
            ("\"x\\(a + b)y\" c", "\"   a + b  \" c"),
            ("\"\\(f(\"(\"))\" c", "\"  f(\" \") \" c"),
            ("#\"a\"b\"# c", "\"   \" c"),
            ("\"\"\"\na \"b\"\n\"\"\" c", "\"\n     \n\" c"),
            ("\"// a\" b", "\"    \" b"),
            ("// \"\na", "    \na"),
        ])
    func scan(text: String, code: String) {
        var scanner = CodeScanner(text)
        #expect(scanner.scan() == code)
        #expect(scanner.isAtRest)
    }

    @Test("lines stay where they are in every file of the repository")
    func lines() {
        for source in Repository.sources + Repository.tests {
            #expect(source.lines.count == source.code.count, "\(source.path)")
        }
    }
}
