import FilterLanguage
import Testing

/// Every example of AIP-160 and of its grammar, on the fields that the example speaks of.
@Suite("The examples of the standard")
struct FilterStandardTests {
    @Test(
        "literals look for their text",
        arguments: [
            MatchCase(#"{"name": "answer-42"}"#, "42", true),
            MatchCase(#"{"name": "answer-43"}"#, "42", false),
            MatchCase(#"{"name": "by-Hugo"}"#, "Hugo", true),
            MatchCase(#"{"name": "Victor-Hugo"}"#, "Victor Hugo", true),
            MatchCase(#"{"name": "Victor-Hugo"}"#, "Victor AND Hugo", true),
            MatchCase(#"{"name": "Victor-Borge"}"#, "Victor Hugo", false),
            MatchCase(#"{"name": "prod-1"}"#, "prod", true),
            MatchCase(#"{"name": "dev-1"}"#, "prod", false),
            MatchCase(#"{"name": "minus-30"}"#, "-30", false),
            MatchCase(#"{"name": "plus-3"}"#, "-30", true),
            MatchCase(#"{"name": "expr.type_map.1.type"}"#, "expr.type_map.1.type", true),
        ])
    func literals(_ item: MatchCase) throws {
        #expect(try item.answer == item.matches)
    }

    @Test(
        "AND, OR and NOT",
        arguments: [
            MatchCase(#"{"name": "a b"}"#, "a AND b", true),
            MatchCase(#"{"name": "a"}"#, "a AND b", false),
            MatchCase(#"{"name": "c"}"#, "a OR b OR c", true),
            MatchCase(#"{"name": "d"}"#, "a OR b OR c", false),
            MatchCase(#"{"name": "a c"}"#, "a AND b OR c", true),
            MatchCase(#"{"name": "c"}"#, "a AND b OR c", false),
            MatchCase(#"{"name": "b"}"#, "NOT a", true),
            MatchCase(#"{"name": "a"}"#, "NOT a", false),
            MatchCase(#"{"name": "b"}"#, "-a", true),
            MatchCase(#"{"name": "a"}"#, "-a", false),
            MatchCase(#"{"name": "a b c d"}"#, "a b AND c AND d", true),
            MatchCase(#"{"name": "a c d"}"#, "a b AND c AND d", false),
            MatchCase(#"{"name": "New York Yankees"}"#, "New York Giants OR Yankees", true),
            MatchCase(#"{"name": "Yankees"}"#, "New York Giants OR Yankees", false),
            MatchCase(#"{"name": "New York Mets"}"#, "New York (Giants OR Yankees)", false),
            MatchCase(#"{"a": 9}"#, "a < 10 OR a >= 100", true),
            MatchCase(#"{"a": 10}"#, "a < 10 OR a >= 100", false),
            MatchCase(#"{"a": 100}"#, "a < 10 OR a >= 100", true),
            MatchCase(#"{"name": "c"}"#, "NOT (a OR b)", true),
            MatchCase(#"{"name": "b"}"#, "NOT (a OR b)", false),
            MatchCase(#"{"file": "x.java"}"#, #"-file:".java""#, false),
            MatchCase(#"{"file": "x.swift"}"#, #"-file:".java""#, true),
        ])
    func logic(_ item: MatchCase) throws {
        #expect(try item.answer == item.matches)
    }

    @Test("the two examples of precedence are the same filters as their explanations")
    func precedence() throws {
        #expect(
            try Filter(parsing: "a b AND c AND d") == Filter(parsing: "(a b) AND c AND d"))
        #expect(
            try Filter(parsing: "New York Giants OR Yankees")
                == Filter(parsing: "New York (Giants OR Yankees)"))
        #expect(try Filter(parsing: "a AND b OR c") == Filter(parsing: "a AND (b OR c)"))
    }

    @Test(
        "comparisons convert the value to what the field is",
        arguments: [
            MatchCase(#"{"a": true}"#, "a = true", true),
            MatchCase(#"{"a": false}"#, "a = true", false),
            MatchCase(#"{"a": 43}"#, "a != 42", true),
            MatchCase(#"{"a": 42}"#, "a != 42", false),
            MatchCase(#"{"a": 41}"#, "a < 42", true),
            MatchCase(#"{"a": 42}"#, "a < 42", false),
            MatchCase(#"{"a": "fop"}"#, #"a > "foo""#, true),
            MatchCase(#"{"a": "foo"}"#, #"a > "foo""#, false),
            MatchCase(#"{"a": "foo"}"#, #"a <= "foo""#, true),
            MatchCase(#"{"a": "fop"}"#, #"a <= "foo""#, false),
            MatchCase(#"{"a": 42}"#, "a >= 42", true),
            MatchCase(#"{"a": 41.9}"#, "a >= 42", false),
            MatchCase(#"{"a": 2997000000}"#, "a = 2.997e9", true),
            MatchCase(#"{"a": "21s"}"#, "a > 20s", true),
            MatchCase(#"{"a": "20s"}"#, "a > 20s", false),
            MatchCase(#"{"a": "1.200s"}"#, "a = 1.2s", true),
            MatchCase(#"{"a": "2012-04-21T15:30:00Z"}"#, "a = 2012-04-21T11:30:00-04:00", true),
            MatchCase(#"{"a": "2012-04-21T15:30:01Z"}"#, "a = 2012-04-21T11:30:00-04:00", false),
            MatchCase(#"{"a": "x.foo"}"#, #"a = "*.foo""#, true),
            MatchCase(#"{"a": "x.food"}"#, #"a = "*.foo""#, false),
            MatchCase(#"{"package": "com.google"}"#, "package=com.google", true),
            MatchCase(#"{"msg": "hello"}"#, "msg != 'hello'", false),
            MatchCase(#"{"msg": "bye"}"#, "msg != 'hello'", true),
            MatchCase(#"{"yesterday": "a"}"#, "yesterday < request.time", true),
            MatchCase(#"{"yesterday": "z"}"#, "yesterday < request.time", false),
        ])
    func comparisons(_ item: MatchCase) throws {
        #expect(try item.answer == item.matches)
    }

    @Test(
        "the dot goes through messages, maps and structs, never through a list",
        arguments: [
            MatchCase(#"{"a": {"b": true}}"#, "a.b = true", true),
            MatchCase(#"{"a": {"b": 43}}"#, "a.b > 42", true),
            MatchCase(#"{"a": {"b": 42}}"#, "a.b > 42", false),
            MatchCase(#"{"a": {"b": {"c": "foo"}}}"#, #"a.b.c = "foo""#, true),
            MatchCase(#"{"a": {"b": "foo"}}"#, #"a.b.c = "foo""#, false),
            MatchCase(#"{"e": [{"foo": 42}]}"#, "e.0.foo = 42", false),
            MatchCase(#"{"e": [{"foo": 42}]}"#, "e.foo = 42", false),
            MatchCase(
                #"{"expr": {"type_map": {"1": {"type": "x"}}}}"#, "expr.type_map.1.type = x", true),
        ])
    func traversal(_ item: MatchCase) throws {
        #expect(try item.answer == item.matches)
    }

    @Test(
        "has looks into lists and maps",
        arguments: [
            MatchCase(#"{"r": [1, 42]}"#, "r:42", true),
            MatchCase(#"{"r": [1, 2]}"#, "r:42", false),
            MatchCase(#"{"r": [{"foo": 1}, {"foo": 42}]}"#, "r.foo:42", true),
            MatchCase(#"{"r": [{"foo": 1}, {"bar": 42}]}"#, "r.foo:42", false),
            MatchCase(#"{"m": {"foo": 1}}"#, "m:foo", true),
            MatchCase(#"{"m": {"bar": 1}}"#, "m:foo", false),
            MatchCase(#"{"m": {"foo": 1}}"#, "m.foo:*", true),
            MatchCase(#"{"m": {"bar": 1}}"#, "m.foo:*", false),
            MatchCase(#"{"m": {"foo": 42}}"#, "m.foo:42", true),
            MatchCase(#"{"m": {"foo": 421}}"#, "m.foo:42", false),
            MatchCase(#"{"map": {"key": ""}}"#, "map:key", true),
        ])
    func has(_ item: MatchCase) throws {
        #expect(try item.answer == item.matches)
    }

    @Test(
        "functions are called by name, or behind their field",
        arguments: [
            MatchCase(
                #"{"msg": "hello world", "retries": 9}"#,
                "(msg.endsWith('world') AND retries < 10)", true),
            MatchCase(
                #"{"msg": "hello world", "retries": 10}"#,
                "(msg.endsWith('world') AND retries < 10)", false),
            MatchCase(#"{"msg": "hello"}"#, "startsWith(msg, 'he')", true),
            MatchCase(#"{"msg": ["hello"]}"#, "startsWith(msg, 'he')", false),
        ])
    func functions(_ item: MatchCase) throws {
        #expect(try item.answer == item.matches)
    }

    @Test(
        "examples that need another service, or what the standard forbids, are refused in words",
        arguments: [
            ("1 > 0", "a field path stands on the left, never a number"),
            ("2.5 >= 2.4", "a field path stands on the left, never a number"),
            ("experiment.rollout <= cohort(request.user)", "a function cannot be a value"),
            ("regex(m.key, '^.*prod.*$')", "unknown function `regex`"),
            ("math.mem('30mb')", "unknown function `math.mem`"),
            ("e[0].foo = 42", "`[` is not part of the language"),
        ])
    func refused(expression: String, message: String) {
        let error = #expect(throws: FilterError.self) { try Filter(parsing: expression) }
        #expect(error?.message == message)
    }

    @Test("a service of one's own can add functions, also with a dotted name")
    func extensions() throws {
        let functions =
            FilterFunction.standard + [
                FilterFunction(name: "text.between", textCount: 2) { field, texts in
                    !field.lexicographicallyPrecedes(texts[0])
                        && field.lexicographicallyPrecedes(texts[1])
                },
                FilterFunction(name: "isUpper", textCount: 0) { field, _ in
                    field.allSatisfy { !(0x61...0x7A).contains($0) }
                },
            ]
        func matches(_ expression: String, _ operation: String) throws -> Bool {
            let filter = try Filter(parsing: expression, functions: functions)
            let again = try Filter(parsing: filter.description, functions: functions)
            #expect(again == filter)
            return try evaluate(filter, on: operation)
        }
        #expect(try matches("text.between(name, a, 'm')", #"{"name": "k"}"#))
        #expect(try !matches("text.between(name, a, 'm')", #"{"name": "\u006d"}"#))
        #expect(try matches("a.b.isUpper() NOT isUpper(name)", #"{"name": "x", "a": {"b": "X"}}"#))
        #expect(try !matches("isUpper(a)", #"{"a": 5}"#))
        let error = #expect(throws: FilterError.self) {
            try Filter(parsing: "isUpper(name, x)", functions: functions)
        }
        #expect(error?.explanation == "`isUpper` takes a field; write isUpper(FIELD)")
        let other = #expect(throws: FilterError.self) {
            try Filter(parsing: "name.between(x)", functions: functions)
        }
        #expect(other?.expected == "startsWith or endsWith or text.between or isUpper")
    }
}
