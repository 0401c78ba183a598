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
            ("startsWith(a.b, 'x')", "a.b.startsWith( x )"),
            ("endsWith(a.b,x)", "a.b.endsWith('x')"),
            ("'a b'.\"c\".startsWith('')", "startsWith(\"a b\".'c', '')"),
            ("a = (x OR y)", "a = x OR a = y"),
            ("a : ( x AND 'y' )", "a:x AND a:\"y\""),
            ("NOT a=((x OR y) AND (z))", "NOT ((a=x OR a=y) AND a=z)"),
            ("a = (x) b = 1", "a = x AND b = 1"),
            ("a = (-1 OR -x OR 2024-01-31T12:00:00Z)", "a=-1 OR a=-x OR a=2024-01-31T12:00:00Z"),
            ("a = (x OR y) -b = 1", "(a = x OR a = y) AND NOT b = 1"),
            ("a:(x OR *)", "a:x OR a:*"),
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
            ("startsWith(a, 'x')", "endsWith(a, 'x')"),
            ("startsWith(a, 'x')", "startsWith(a, 'y')"),
            ("startsWith(a, 'x')", "a = \"x*\""),
            ("startsWith(a, \"e\u{301}\")", "startsWith(a, \"é\")"),
            ("a = (x AND y)", "a = (x OR y)"),
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
            ("a.b.endsWith('*')", #"endsWith(a.b, "\*")"#),
            ("a = 1 OR a = 2 OR b = 3 OR a = 4", "a = (1 OR 2) OR b = 3 OR a = 4"),
            ("a = 1 OR a != 1 OR a != 2", "a = 1 OR a != 1 OR a != 2"),
            ("a:(1 AND 2)", "a:1 AND a:2"),
            ("NOT (a:1 OR a:'x y') b=1", "NOT a:(1 OR \"x y\") AND b = 1"),
            ("a = ((1 OR -2) AND 3)", "a = (1 OR -2) AND a = 3"),
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
            ("a.b.startsWith('x') c:(d OR e)", ["a.b", "c", "c.d", "c.e"]),
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
}
