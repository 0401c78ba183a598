import OpwatchPolicy
import Testing

@Suite("YAML that a policy has no use for")
struct YAMLTests {
    private static let advice =
        "; put the whole expression in single quotes, as in match: 'metadata.verb = \"create\"'"
    private static let insideAdvice =
        "; the expression is in single quotes already: write double quotes inside, as in "
        + "match: 'metadata.verb = \"create\"'"

    @Test(
        "a syntax error is one problem, with advice where an expression stands",
        arguments: [
            Defect(
                "unclosed list", file: "version: 1\nservices: [a, b\nrules: []\n",
                "3:6: error: not valid YAML: did not find expected ',' or ']' "
                    + "while parsing a flow sequence"),
            Defect(
                "colon in a name", file: "version: 1\nrules:\n  - name: a: b\n    action: cancl\n",
                "3:12: error: not valid YAML: mapping values are not allowed in this context"),
            Defect(
                "tab as indentation", file: "version: 1\nsafety:\n\tcanary: true\n",
                "3:1: error: not valid YAML: a tab; YAML indents with spaces"),
            Defect(
                "tab behind spaces", file: "version: 1\nrules:\n  - name: a\n  \tmatch: b\n",
                "4:3: error: not valid YAML: a tab; YAML indents with spaces"),
            Defect(
                "match with single quotes inside single quotes",
                file: "version: 1\nrules:\n  - match: 'a = 'b''\n    name: r\n",
                "3:18: error: not valid YAML: did not find expected key while parsing a block "
                    + "mapping\(insideAdvice)"),
            Defect(
                "match that begins with a double quote",
                file: "version: 1\nrules:\n  - match: \"a\" = \"b\"\n    name: r\n",
                "3:16: error: not valid YAML: did not find expected key while parsing a block "
                    + "mapping\(advice)"),
            Defect(
                "match with an open quote",
                file: "version: 1\nrules:\n  - match: 'a = b\n    name: r\n",
                "3:12: error: not valid YAML: found unexpected end of stream while scanning "
                    + "a quoted scalar\(advice)"),
            Defect(
                "filter with a colon and a space",
                file: "version: 1\nservices:\n  - filter: labels.a: b\n",
                "3:21: error: not valid YAML: mapping values are not allowed in this "
                    + "context\(advice)"),
            Defect(
                "match in braces with an open bracket",
                file: "version: 1\nrules: [{ match: [a, name: r }]\n",
                "2:30: error: not valid YAML: did not find expected ',' or ']' while parsing "
                    + "a flow sequence\(advice)"),
            Defect(
                "match that begins with a backquote",
                file: "version: 1\nrules:\n  - match: `a`\n",
                "3:12: error: not valid YAML: found character that cannot start any token "
                    + "while scanning for the next token\(advice)"),
        ])
    func syntax(defect: Defect) {
        defect.check()
    }

    @Test(
        "anchors, aliases, tags and merge keys are refused one by one, and reading goes on",
        arguments: [
            Defect(
                "anchor", file: "version: 1\nmode: &m enforced\n",
                "2:7: error: anchors (&) are not allowed; write the value out",
                "2:7: error: mode must be observe or enforce, not \"enforced\"; "
                    + "did you mean \"enforce\"?"),
            Defect(
                "alias", file: "version: &v 1\nmode: *v\nsafety: { canary: maybe }\n",
                "1:10: error: anchors (&) are not allowed; write the value out",
                "2:7: error: aliases (*) are not allowed; write the value out",
                "3:19: error: safety.canary must be true or false, not \"maybe\""),
            Defect(
                "merge key", file: "version: 1\nsafety:\n  <<: { canary: true }\n",
                "3:3: error: merge keys (<<) are not allowed; write the keys out"),
            Defect(
                "tags", file: "version: !!int 1\nservices: !list []\nrules: ! x\n",
                "1:10: error: tags (!) are not allowed; write the value out",
                "2:11: error: tags (!) are not allowed; write the value out",
                "3:8: error: tags (!) are not allowed; write the value out"),
            Defect(
                "match that begins with an exclamation mark",
                rule: "match: !done\ntimeouts: { total: 1h }\naction: warn",
                "9:12: error: tags (!) are not allowed\(advice)"),
            Defect(
                "match that begins with a star",
                rule: "match: *\ntimeouts: { total: 1h }\naction: warn",
                "9:13: error: not valid YAML: did not find expected alphabetic or numeric "
                    + "character while scanning an alias\(advice)"),
        ])
    func refusals(defect: Defect) {
        defect.check()
    }

    @Test(
        "a policy is one mapping in one document",
        arguments: [
            Defect(
                "empty file", file: "",
                "1:1: error: the file is empty; the least is \"version: 1\""),
            Defect(
                "only a comment", file: "# nothing\n",
                "1:1: error: the file is empty; the least is \"version: 1\""),
            Defect(
                "two documents", file: "version: 1\n---\nmode: nonsense\n",
                "2:1: error: a policy file holds one YAML document only"),
            Defect(
                "a list", file: "- version: 1\n",
                "1:1: error: the policy must be a mapping of keys, not a list; "
                    + "keys: version, mode, services, rules, safety, verify, journal"),
            Defect(
                "a word", file: "policy\n",
                "1:1: error: the policy must be a mapping of keys, not \"policy\"; "
                    + "keys: version, mode, services, rules, safety, verify, journal"),
            Defect(
                "a list as a key", file: "version: 1\n? [a]\n: b\n",
                "2:3: error: a key must be one word, not a list"),
            Defect(
                "a control character", file: "version: 1\nmode: \"a\u{1}b\"\n",
                "2:9: error: not valid YAML: control characters are not allowed"),
        ])
    func shape(defect: Defect) {
        defect.check()
    }

    @Test("columns count characters, not bytes")
    func columns() {
        #expect(
            Fixture.problems(of: "version: 1\nsafety: { \"ä€😀\": 1, canary: 2 }\n") == [
                "p.yaml:2:11: error: unknown key \"ä€😀\" in safety; allowed: confirmations, "
                    + "cancels_per_poll, cancels_per_hour, max_overdue_share, "
                    + "max_failed_cancels, canary",
                "p.yaml:2:29: error: safety.canary must be true or false, not \"2\"",
            ])
    }

    @Test("Windows line ends are line ends")
    func windows() {
        #expect(
            Fixture.problems(of: "version: 1\r\nsafety:\r\n  canary: 2\r\n") == [
                "p.yaml:3:11: error: safety.canary must be true or false, not \"2\""
            ])
    }

    @Test("bytes that are no UTF-8 are refused where they stand")
    func notUTF8() throws {
        let bytes = Array("version: 1\nmode: ü".utf8) + [0xFF]
        let error = #expect(throws: PolicyErrors.self) { try PolicyFile.parse(bytes, file: "p") }
        #expect(
            error?.description
                == "p:2:8: error: not valid YAML: invalid leading UTF-8 octet")
    }

    @Test("nesting ends at 16 levels", arguments: [(16, 1), (17, 17)])
    func depth(levels: Int, column: Int) {
        let yaml = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        let message =
            levels == 16
            ? "the policy must be a mapping of keys, not a list; "
                + "keys: version, mode, services, rules, safety, verify, journal"
            : "lists and mappings are nested deeper than 16 levels"
        #expect(Fixture.problems(of: yaml) == ["p.yaml:1:\(column): error: \(message)"])
    }

    @Test("a file ends at 1 MiB", arguments: [1_048_576, 1_048_577])
    func size(bytes: Int) {
        let text = "version: 1\n#"
        let yaml = text + String(repeating: "x", count: bytes - text.utf8.count)
        let refusal = "p.yaml:1:1: error: the file has more than 1048576 bytes"
        #expect(Fixture.problems(of: yaml) == (bytes > 1_048_576 ? [refusal] : []))
    }

    @Test("a thousand problems are listed, the rest is counted")
    func manyProblems() {
        let yaml = "version: 1\n" + (1...1_005).map { "zzzz\($0): 1\n" }.joined()
        let problems = Fixture.problems(of: yaml)
        #expect(problems.count == 1_001)
        #expect(problems.last == "p.yaml:1001:1: error: 5 more problems are not listed")
    }
}
