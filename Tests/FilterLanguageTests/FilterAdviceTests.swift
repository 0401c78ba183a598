import FilterLanguage
import Testing

@Suite("What is legal and often meant otherwise")
struct FilterAdviceTests {
    /// Of each piece of advice where it points and what it says.
    private static func advice(on expression: String) throws -> [String] {
        try Filter(parsing: expression).advice.map { "\($0.offset): \($0)" }
    }

    private static let mixed =
        "OR binds tighter than AND here; put parentheses around what belongs together"

    private static func bare(_ text: String, _ suggestion: String) -> String {
        "a bare \(text) only looks into the operation's name; \(suggestion)"
    }

    private static func usual(_ text: String) -> String {
        bare(text, "write FIELD = VALUE, or name:\(text) to look into the operation's name")
    }

    private static func notEqual(_ path: String) -> String {
        "`!=` does not match where the parent of \(path) is missing; "
            + "write NOT \(path) = VALUE to match there too"
    }

    @Test(
        "AND mixed with OR without parentheses, at the first OR",
        arguments: [
            ("a = 1 AND b = 2", []),
            ("a = 1 OR b = 2", []),
            ("a = 1 AND b = 2 OR c = 3", ["16: \(mixed)"]),
            ("a = 1 OR b = 2 c = 3", ["6: \(mixed)"]),
            ("a = 1 AND (b = 2 OR c = 3)", []),
            ("(a = 1 AND b = 2) OR c = 3", []),
            ("x = 1 AND (a = 1 b = 2 OR c = 3)", ["23: \(mixed)"]),
            ("x = 1 AND a = (b OR c)", []),
            ("a = (b AND c OR d)", ["13: \(mixed)"]),
            ("a = ((b AND c) OR d)", []),
        ] as [(String, [String])])
    func mixing(expression: String, expected: [String]) throws {
        #expect(try Self.advice(on: expression) == expected)
    }

    @Test(
        "bare words, with what they most likely were to be",
        arguments: [
            ("deploy", [usual("deploy")]),
            ("'x y'", [usual("\"x y\"")]),
            ("\"done\"", [usual("\"done\"")]),
            (
                "done",
                [bare("done", "write done = true, or name:done to look into the operation's name")]
            ),
            (
                "NOT metadata.labels.keep",
                [
                    bare(
                        "metadata.labels.keep",
                        "write metadata.labels.keep:* to ask whether it is there, "
                            + "or metadata.labels.keep = VALUE")
                ]
            ),
            (
                "error AND done = true",
                [bare("error", "write error:* to ask whether it is there, or error = VALUE")]
            ),
            (
                "metadata.type CREATE_VERSION",
                [
                    bare("metadata.type", "write metadata.type = CREATE_VERSION"),
                    usual("CREATE_VERSION"),
                ]
            ),
            (
                "metadata.type 'a b'",
                [bare("metadata.type", "write metadata.type = \"a b\""), usual("\"a b\"")]
            ),
            (
                "metadata.type is x",
                [
                    bare(
                        "metadata.type",
                        "write metadata.type:* to ask whether it is there, "
                            + "or metadata.type = VALUE"),
                    bare("is", "write = to compare, or name:is to look into the operation's name"),
                    usual("x"),
                ]
            ),
            (
                "CONTAINS",
                [
                    bare(
                        "CONTAINS",
                        "write : to compare, or name:CONTAINS to look into the operation's name")
                ]
            ),
            ("a = (b OR c)", []), ("startsWith(a, b)", []), ("name:done", []),
        ] as [(String, [String])])
    func bareWords(expression: String, expected: [String]) throws {
        let advice = try Self.advice(on: expression)
        #expect(advice.map { $0.drop { $0 != " " }.dropFirst() }.map(String.init) == expected)
    }

    @Test("advice stands in the order of its places, counted in bytes")
    func order() throws {
        #expect(
            try Self.advice(on: "é OR m.k != 1 b")
                == [
                    "0: \(Self.usual("é"))", "3: \(Self.mixed)", "6: \(Self.notEqual("m.k"))",
                    "15: \(Self.usual("b"))",
                ])
        #expect(try Self.advice(on: "NOT m.l.k != 1") == ["4: \(Self.notEqual("m.l.k"))"])
        #expect(try Self.advice(on: "done != true") == [])
    }

    @Test("the caret of advice stands under its spot")
    func caret() throws {
        let text = "a = 1\nAND done"
        let advice = try #require(try Filter(parsing: text).advice.first)
        #expect(advice.caret(in: text) == "AND done\n    ^")
    }
}
