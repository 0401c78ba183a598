import FilterLanguage
import Testing

@Suite("Which terms are refused, where, and with which words")
struct FilterTermErrorTests {
    static let malformed: [(expression: String, error: String)] = [
        // Comparisons
        ("a =", "byte 2: `=` needs a value on its right; write \"\" for the empty text"),
        ("(a >= )", "byte 3: `>=` needs a value on its right; write \"\" for the empty text"),
        ("a = != b", "byte 2: `=` needs a value on its right; write \"\" for the empty text"),
        ("= 1", "byte 0: `=` needs a field on its left"),
        ("a AND : b", "byte 6: `:` needs a field on its left"),
        (
            "a = AND b",
            "byte 4: `AND` is a keyword, expected a value behind `=`; "
                + "put it in quotes if it is the value"
        ),
        (
            "a = b = c",
            "byte 6: `=` follows a whole comparison; put the value in quotes, "
                + "or write AND between two comparisons"
        ),
        (
            "name = a:b",
            "byte 8: `:` follows a whole comparison; put the value in quotes, "
                + "or write AND between two comparisons"
        ),
        (".a = 1", "byte 0: `.` needs a name on its left"),
        ("a. = 1", "byte 1: `.` needs a name right behind it"),
        ("a..b = 1", "byte 1: `.` needs a name right behind it"),
        ("a. b = 1", "byte 1: `.` needs a name right behind it"),
        ("a .b = 1", "byte 2: `.` needs a name right in front of it"),
        (
            "a = .5",
            "byte 4: a value cannot start with `.`; write 0.5 for a number, "
                + "and quotes around a text"
        ),
        (
            "2.5 >= 2.4",
            "byte 0: a field path stands on the left, never a number; "
                + "put the first segment in quotes if it is a key"
        ),
        (
            "a.* = 1",
            "byte 2: a path has no wildcards; put the segment in quotes if its key holds a *"
        ),
        (
            "a = null",
            "byte 4: `null` is not a value; write NOT FIELD:* for a missing field, "
                + "or \"null\" for the text"
        ),
        (
            "a:(x OR null)",
            "byte 8: `null` is not a value; write NOT FIELD:* for a missing field, "
                + "or \"null\" for the text"
        ),
        (
            "a > 1.1234567891s",
            "byte 4: the value is not a duration; write 90s or 1.5s, "
                + "with at most nine digits behind the point"
        ),
        ("a = -", "byte 4: `-` is not a value; put it in quotes if it is the text"),
        (
            "a = x*y",
            "byte 5: `*` stands only at the start or the end of a value; "
                + #"write "\*" for a star, or two comparisons with AND"#
        ),
        (
            "a:x*",
            "byte 3: `*` stands only alone behind `:`; "
                + #"leave it out, as `:` looks inside texts, or write = or "\*""#
        ),
        (
            "a < \"x*\"",
            #"byte 6: `*` is a wildcard only behind = and !=; write "\*" for a star"#
        ),
        (
            "a > 2024-01-31T12:00",
            "byte 4: the value is not an RFC 3339 timestamp; write \"2024-01-31T12:00:00Z\""
        ),
        (
            "a < '2024-13-01T00:00:00Z'",
            "byte 4: the value is not an RFC 3339 timestamp; write \"2024-01-31T12:00:00Z\""
        ),
        ("a > 45m", "byte 4: durations are written in seconds here; write 2700s"),
        ("a > '1h30m'", "byte 4: durations are written in seconds here; write 5400s"),
        ("a > 1.5h", "byte 4: durations are written in seconds here; write 5400s"),
        ("a < -90min", "byte 4: durations are written in seconds here; write -5400s"),
        ("a >= 1500ms", "byte 5: durations are written in seconds here; write 1.5s"),
        ("a <= \"-250 ms\"x", "byte 14: two terms touch, expected a space, AND or OR"),
        ("a > 007", "byte 4: a number has neither zeros nor a + in front; write 7"),
        ("a > -07", "byte 4: a number has neither zeros nor a + in front; write -7"),
        ("a > +7", "byte 4: a number has neither zeros nor a + in front; write 7"),
        // Values in parentheses
        (
            "a != (b OR c)",
            "byte 5: `!=` takes one value, not values in parentheses; write NOT FIELD = (a OR b)"
        ),
        (
            "a >= (1 OR 2)",
            "byte 5: `>=` takes one value, not values in parentheses; "
                + "write a comparison for each value"
        ),
        (
            "a = (b c)",
            "byte 7: two values stand side by side, expected OR or AND; "
                + "write OR for any of them, AND for all of them"
        ),
        (
            "a = (b, c)",
            "byte 6: `,` stands only between the arguments of a function; write AND or OR"
        ),
        (
            "a = (NOT b)",
            "byte 5: a value cannot be negated; write NOT in front of the field, "
                + "or put the value in quotes"
        ),
        (
            "a = (b = c)",
            "byte 7: `=` stands among values; put the value in quotes, "
                + "or write the field only once, in front"
        ),
        ("a = (f(x))", "byte 6: a function cannot be a value; put the value in quotes"),
        ("a = ()", "byte 4: nothing stands between the parentheses"),
        ("a = (b OR)", "byte 7: `OR` needs a term on its right"),
        ("a = (b OR (c", "byte 10: `(` is never closed; close it with )"),
        (
            "a:(x* OR y)",
            "byte 4: `*` stands only alone behind `:`; "
                + #"leave it out, as `:` looks inside texts, or write = or "\*""#
        ),
        (
            "a = (null)",
            "byte 5: `null` is not a value; write NOT FIELD:* for a missing field, "
                + "or \"null\" for the text"
        ),
        ("a = (b)c", "byte 7: two terms touch, expected a space, AND or OR"),
        // Functions
        (
            "regex(a, 'x')",
            "byte 0: unknown function `regex`, expected startsWith or endsWith"
        ),
        (
            "math.mem('30mb')",
            "byte 0: unknown function `math.mem`, expected startsWith or endsWith"
        ),
        ("a = now()", "byte 7: a function cannot be a value; put the value in quotes"),
        (
            "startsWith(a)",
            "byte 10: `startsWith` takes a field and a text; write startsWith(FIELD, \"TEXT\")"
        ),
        (
            "endsWith()",
            "byte 8: `endsWith` takes a field and a text; write endsWith(FIELD, \"TEXT\")"
        ),
        (
            "endsWith(a, b, c)",
            "byte 8: `endsWith` takes a field and a text; write endsWith(FIELD, \"TEXT\")"
        ),
        (
            "a.b.endsWith(c, d)",
            "byte 12: `endsWith` takes a field and a text; write endsWith(FIELD, \"TEXT\")"
        ),
        ("endsWith(a, )", "byte 10: `,` needs an argument on its right; remove it"),
        ("endsWith(, a)", "byte 9: an argument is a field or a text; put a text in quotes"),
        ("endsWith(a, (b))", "byte 12: an argument is a field or a text; put a text in quotes"),
        (
            "endsWith(a b)",
            "byte 11: the argument does not end here, expected `,` or `)`; put a text in quotes"
        ),
        (
            "endsWith(a = b, c)",
            "byte 11: the argument does not end here, expected `,` or `)`; put a text in quotes"
        ),
        ("endsWith(", "byte 8: `(` is never closed; close it with )"),
        (
            "endsWith(a, 'b'.c)",
            "byte 12: a value is quoted only in part; put the whole value in quotes"
        ),
        (
            "endsWith(5, 'b')",
            "byte 9: a field path stands on the left, never a number; "
                + "put the first segment in quotes if it is a key"
        ),
        (
            "startswith(a, 'x')",
            "byte 0: unknown function `startswith`, expected startsWith or endsWith; "
                + "write startsWith"
        ),
        (
            "contains(a, 'x')",
            "byte 0: unknown function `contains`, expected startsWith or endsWith; write FIELD:TEXT"
        ),
        ("OR(a, b)", "byte 0: `OR` needs a term on its left"),
        (
            "or(a, b)",
            "byte 0: unknown function `or`, expected startsWith or endsWith; write OR and a space"
        ),
        (
            "\"endsWith\"(a, b)",
            "byte 0: a function's name stands without quotes, expected startsWith or endsWith"
        ),
        ("endsWith(a, b", "byte 8: `(` is never closed; close it with )"),
        (
            "startsWith(a, 'x') = true",
            "byte 19: `startsWith` is true or false by itself; write it alone, "
                + "or NOT in front of it"
        ),
    ]

    @Test("a malformed term is refused with an exact error", arguments: malformed)
    func refused(expression: String, error: String) {
        let failure = #expect(throws: FilterError.self) { try Filter(parsing: expression) }
        #expect(failure?.description == error)
    }
}
