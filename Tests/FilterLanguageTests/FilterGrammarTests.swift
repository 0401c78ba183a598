import FilterLanguage
import Testing
import WireFormat

@Suite("How expressions are grouped and written")
struct FilterGrammarTests {
    @Test(
        "expressions that mean the same are equal filters",
        arguments: [
            ("a = 1 b = 2", "a = 1 AND b = 2"),
            ("a=1 b=2 AND c=3", "(a=1 AND b=2) AND c=3"),
            ("a=1 AND b=2 OR c=3", "a=1 AND (b=2 OR c=3)"),
            ("a=1 OR b=2 AND c=3", "(a=1 OR b=2) AND c=3"),
            ("x=1 y=2 OR z=3", "x=1 AND (y=2 OR z=3)"),
            ("x=1 OR y=2 z=3", "(x=1 OR y=2) AND z=3"),
            ("a=1 OR b=2 OR c=3", "(a=1 OR b=2) OR c=3"),
            ("a=1 OR b=2 OR c=3", "a=1 OR (b=2 OR c=3)"),
            ("a=1 AND (b=2 AND (c=3))", "((a=1) AND b=2) c=3"),
            ("NOT a=1 AND b=2", "(NOT a=1) AND b=2"),
            ("NOT a=1 OR b=2", "(NOT a=1) OR b=2"),
            ("-a=1", "NOT a=1"),
            ("-(a=1 b=2)", "NOT (a=1 AND b=2)"),
            ("a=1 -b=2", "a=1 AND NOT b=2"),
            ("a=1 OR -b=2", "a=1 OR NOT b=2"),
            ("((((a=1))))", "a=1"),
            ("  a  =  1  ", "a=1"),
            ("a\t=\n1\r\nAND b=2", "a=1 AND b=2"),
            ("a = 'x'", "a = \"x\""),
            (#"a = "\u0041\101""#, "a = \"AA\""),
            (#"a = "\ud83d\ude00""#, "a = \"😀\""),
            (#"a = 'it\'s'"#, "a = \"it's\""),
            ("startsWith(a.b, 'x')", "a.b = \"x*\""),
            ("endsWith(a.b,x)", "a.b = \"*x\""),
            ("startsWith( a , '' )", "a = \"*\""),
            ("NOT startsWith(a, 'x')", "-a = \"x*\""),
            ("a = \"**\"", "a = \"*\""),
            ("(done)", "done"),
            ("", "   \n\t "),
        ])
    func equal(left: String, right: String) throws {
        #expect(try Filter(parsing: left) == Filter(parsing: right))
    }

    @Test(
        "expressions that mean different things are different filters",
        arguments: [
            ("a=1 AND b=2 OR c=3", "(a=1 AND b=2) OR c=3"),
            ("x=1 y=2 OR z=3", "(x=1 y=2) OR z=3"),
            ("NOT a=1 b=2", "NOT (a=1 b=2)"),
            ("NOT (NOT a=1)", "a=1"),
            ("a = \"x*\"", #"a = "x\*""#),
            ("a:b", "a.b:*"),
            ("a.b = 1", "\"a.b\" = 1"),
            ("a.b = 1", "a.\"b\" = 1"),
            ("a = \"e\u{301}\"", "a = \"é\""),
            ("a = 1", "a != 1"),
            ("a = 1 AND b = 2", "b = 2 AND a = 1"),
            ("", "name:*"),
        ])
    func unequal(left: String, right: String) throws {
        #expect(try Filter(parsing: left) != Filter(parsing: right))
    }

    @Test(
        "the canonical form spells out AND and groups",
        arguments: [
            ("", ""),
            ("a=1 b=2", "a = 1 AND b = 2"),
            ("a=1 AND b=2 OR c=3", "a = 1 AND (b = 2 OR c = 3)"),
            ("a=1 OR b=2 OR c=3", "a = 1 OR b = 2 OR c = 3"),
            ("-(a=1 b=2)", "NOT (a = 1 AND b = 2)"),
            ("NOT (NOT a=1)", "NOT (NOT a = 1)"),
            ("-(-(a=1 OR b=2))", "NOT (NOT (a = 1 OR b = 2))"),
            ("a.\"b.c\".d != 'x\"y'", #"a."b.c".d != "x\"y""#),
            ("m:*", "m:*"),
            ("m : 'k'", "m:\"k\""),
            (#"a = "*x\*\\\n""#, #"a = "*x\*\\\n""#),
            (#"a = "\u0007""#, #"a = "\u0007""#),
            ("package=com.google", "package = com.google"),
            ("a > 2024-01-31T12:00:00.5+01:00", "a > 2024-01-31T12:00:00.5+01:00"),
            ("a = *.google.com", "a = *.google.com"),
            ("a = -2.997e+9", "a = -2.997e+9"),
            ("projects/p/operations/o-1", "projects/p/operations/o-1"),
            ("a.AND.NOT = 1", "a.AND.NOT = 1"),
            ("\"AND\" = 'OR'", "\"AND\" = \"OR\""),
            ("metadata.@type = x", "metadata.@type = x"),
        ])
    func canonical(written: String, canonical: String) throws {
        let filter = try Filter(parsing: written)
        #expect(filter.description == canonical)
        #expect(filter.text == written)
        #expect(try Filter(parsing: canonical) == filter)
    }

    @Test(
        "a blank filter and name:* match everything",
        arguments: [
            ("", true), (" \n", true), ("name:*", true), ("(name:\"*\")", true), ("*", true),
            ("name:x", false), ("NOT name:*", false), ("done:*", false), ("name:* a=1", false),
            ("name.x:*", false), ("name = *", false),
        ])
    func everything(expression: String, expected: Bool) throws {
        #expect(try Filter(parsing: expression).matchesEverything == expected)
    }

    @Test(
        "paths hold every field, its parents and the key of a has, each once",
        arguments: [
            ("", []),
            ("done = true", ["done"]),
            ("a.b.c = 1 OR a.b.d = 2", ["a", "a.b", "a.b.c", "a.b.d"]),
            ("m.l:k", ["m", "m.l", "m.l.k"]),
            ("m.l:\"k.x\"", ["m", "m.l", "m.l.\"k.x\""]),
            ("m.l:*", ["m", "m.l"]),
            ("word NOT (name = x)", ["name", "name.word"]),
        ])
    func paths(expression: String, expected: [String]) throws {
        #expect(try Filter(parsing: expression).paths.map(\.description) == expected)
    }

    @Test(
        "a filter tells whether it reads metadata",
        arguments: [
            ("metadata.a = 1", true), ("NOT (done = true OR metadata:x)", true),
            ("\"metadata\".a = 1", true), ("error.metadata = 1", false), ("done = true", false),
            ("metadata", false), ("", false),
        ])
    func metadata(expression: String, expected: Bool) throws {
        #expect(try Filter(parsing: expression).readsMetadata == expected)
    }

    @Test(
        "advice tells what is often meant otherwise, and where",
        arguments: [
            ("a = 1 AND b = 2", []),
            ("a = 1 AND b = 2 OR c = 3", [.mixedAndOr(offset: 16)]),
            ("a = 1 OR b = 2 c = 3", [.mixedAndOr(offset: 6)]),
            ("a = 1 AND (b = 2 OR c = 3)", []),
            ("(a = 1 AND b = 2) OR c = 3", []),
            ("x = 1 AND (a = 1 b = 2 OR c = 3)", [.mixedAndOr(offset: 23)]),
            ("a = 1 OR b = 2", []),
            ("done", [.bareLiteral(offset: 0, text: "done")]),
            (
                "é AND 'x y'",
                [
                    .bareLiteral(offset: 0, text: "é"), .bareLiteral(offset: 7, text: "'x y'"),
                ]
            ),
            ("name = hello world.x", [.bareLiteral(offset: 13, text: "world.x")]),
            ("NOT m.l.k != 1", [.notEqualOnPath(offset: 4, path: "m.l.k")]),
            ("done != true", []),
            (
                "a OR m.k != 1 b",
                [
                    .bareLiteral(offset: 0, text: "a"), .mixedAndOr(offset: 2),
                    .notEqualOnPath(offset: 5, path: "m.k"), .bareLiteral(offset: 14, text: "b"),
                ]
            ),
        ] as [(String, [FilterAdvice])])
    func advice(expression: String, expected: [FilterAdvice]) throws {
        #expect(try Filter(parsing: expression).advice == expected)
    }
}
