import FilterLanguage
import Testing

@Suite("What is refused, where, and with which words")
struct FilterErrorTests {
    static let comparators = "expected = != < <= > >= or :"
    static let escapes =
        #"expected \a \b \f \n \r \t \v \' \" \\ \? \* \OOO or \uXXXX; write \\ for a backslash"#

    static let malformed: [(expression: String, error: String)] = [
        // Operators of other languages
        ("a = 1 and b = 2", "byte 6: `and` is not an operator; write AND, or \"and\" for the word"),
        ("a = 1 or b = 2", "byte 6: `or` is not an operator; write OR, or \"or\" for the word"),
        ("not a = 1", "byte 0: `not` is not an operator; write NOT, or \"not\" for the word"),
        ("a = 1 And b", "byte 6: `And` is not an operator; write AND, or \"And\" for the word"),
        ("and", "byte 0: `and` is not an operator; write AND, or \"and\" for the word"),
        (
            "not(a = 1)",
            "byte 0: unknown function `not`, expected startsWith or endsWith; write NOT ("
        ),
        ("a == 1", "byte 2: `==` is not a comparator, \(comparators); write ="),
        ("a === 1", "byte 2: `===` is not a comparator, \(comparators); write ="),
        ("a := 1", "byte 2: `:=` is not a comparator, \(comparators); write ="),
        ("a <> 1", "byte 2: `<>` is not a comparator, \(comparators); write !="),
        ("a =! 1", "byte 2: `=!` is not a comparator, \(comparators); write !="),
        ("a => 1", "byte 2: `=>` is not a comparator, \(comparators); write >="),
        ("a =< 1", "byte 2: `=<` is not a comparator, \(comparators); write <="),
        ("a :: 1", "byte 2: `::` is not a comparator, \(comparators); write :"),
        ("a << 1", "byte 2: `<<` is not a comparator, \(comparators)"),
        (
            "a =~ 'x'",
            "byte 2: `=~` is not a comparator, \(comparators); there are no regular expressions; "
                + "write = with * at the start or the end of the value"
        ),
        (
            "name~x",
            "byte 4: `~` is not a comparator, \(comparators); there are no regular expressions; "
                + "write = with * at the start or the end of the value"
        ),
        (
            "!done",
            "byte 0: `!` is not a comparator, \(comparators); write NOT in front of a term, "
                + "or != between field and value"
        ),
        ("a = 1 && b = 2", "byte 6: `&` is not an operator; write AND"),
        ("a = 1 || b = 2", "byte 6: `|` is not an operator; write OR"),
        ("a = x&y", "byte 5: `&` is not an operator; write AND"),
        ("a[0] = 1", "byte 1: `[` is not part of the language; write FIELD.KEY or FIELD:VALUE"),
        ("a = {x}", "byte 4: `{` is not part of the language; put the value in quotes"),
        ("a = x;", "byte 5: `;` is not part of the language; put the value in quotes"),
        (#"a = x\*"#, #"byte 5: `\` is not part of the language; put the value in quotes"#),
        ("a = “x”", "byte 4: `“` is not a quote of the language; write \" or '"),
        ("é = ‘x’", "byte 5: `‘` is not a quote of the language; write \" or '"),
        ("a\u{A0}= 1", "byte 1: a special space stands outside quotes; write a plain space"),
        ("a = \u{0}", "byte 4: a control character stands outside quotes; remove it"),
        // Quotes and escapes
        ("a = \"x", "byte 4: the quote is never closed; close it with \""),
        ("a = 'it's'", "byte 9: the quote is never closed; close it with '"),
        (#"a = "x\""#, "byte 4: the quote is never closed; close it with \""),
        (#"a = "\q""#, "byte 5: the backslash starts no known escape, \(escapes)"),
        (#"a = "\u12""#, "byte 5: the backslash starts no known escape, \(escapes)"),
        (#"a = "\ud800""#, "byte 5: the backslash starts no known escape, \(escapes)"),
        (#"a = "\ud800\u0041""#, "byte 5: the backslash starts no known escape, \(escapes)"),
        (#"a = "\udc00""#, "byte 5: the backslash starts no known escape, \(escapes)"),
        (#"a = "\08""#, "byte 5: the backslash starts no known escape, \(escapes)"),
        (#"a = "\"#, "byte 5: the backslash starts no known escape, \(escapes)"),
        ("a = \"x\"y", "byte 7: two terms touch, expected a space, AND or OR"),
        ("a = x\"y\"", "byte 5: two terms touch, expected a space, AND or OR"),
        (
            "a = \"x\".y",
            "byte 4: a value is quoted only in part; put the whole value in quotes"
        ),
        ("a = x.'y'", "byte 6: a value is quoted only in part; put the whole value in quotes"),
        // Parentheses
        ("(a = 1", "byte 0: `(` is never closed; close it with )"),
        ("((a = 1)", "byte 0: `(` is never closed; close it with )"),
        ("a = 1 (", "byte 6: `(` is never closed; close it with )"),
        ("a = 1)", "byte 5: `)` closes nothing; remove it"),
        (")", "byte 0: `)` closes nothing; remove it"),
        ("()", "byte 0: nothing stands between the parentheses"),
        ("a = 1 AND ( )", "byte 10: nothing stands between the parentheses"),
        ("(a)(b)", "byte 3: two terms touch, expected a space, AND or OR"),
        (
            "(a) = 1",
            "byte 4: `=` cannot compare a group in parentheses; "
                + "write FIELD = VALUE inside the group"
        ),
        ("a, b", "byte 1: `,` stands only between the arguments of a function; write AND or OR"),
        // Operators without terms
        ("OR", "byte 0: `OR` needs a term on its left"),
        ("AND a", "byte 0: `AND` needs a term on its left"),
        ("(OR a)", "byte 1: `OR` needs a term on its left"),
        ("a OR", "byte 2: `OR` needs a term on its right"),
        ("a AND", "byte 2: `AND` needs a term on its right"),
        ("a AND OR b", "byte 2: `AND` needs a term on its right"),
        ("(a OR ) b", "byte 3: `OR` needs a term on its right"),
        ("NOT", "byte 0: `NOT` needs a term on its right"),
        ("NOT AND a", "byte 0: `NOT` needs a term on its right"),
        ("-", "byte 0: `-` needs a term on its right"),
        ("(-)", "byte 1: `-` needs a term on its right"),
        ("- a", "byte 0: `-` must touch the term that it negates"),
        (
            "NOT NOT a",
            "byte 4: a term can be negated only once; write NOT (NOT a), or neither"
        ),
        ("-NOT a", "byte 1: a term can be negated only once; write NOT (NOT a), or neither"),
        ("--a", "byte 1: a term can be negated only once; write NOT (NOT a), or neither"),
        ("NOT -a", "byte 4: a term can be negated only once; write NOT (NOT a), or neither"),
        ("NOT(a)", "byte 3: `NOT` needs a space behind it"),
        ("a AND(b)", "byte 5: `AND` needs a space behind it"),
        ("a OR'b'", "byte 4: `OR` needs a space behind it"),
        ("NOT = 1", "byte 0: `NOT` is a keyword; put it in quotes to name a field"),
    ]

    @Test("a malformed expression is refused with an exact error", arguments: malformed)
    func refused(expression: String, error: String) {
        let failure = #expect(throws: FilterError.self) { try Filter(parsing: expression) }
        #expect(failure?.description == error)
    }

    @Test("an expression may be 8 KiB long and no longer")
    func length() throws {
        let longest = "a = \"" + String(repeating: "x", count: 8192 - 6) + "\""
        #expect(longest.utf8.count == 8192)
        #expect(try Filter(parsing: longest).description == longest)
        let failure = #expect(throws: FilterError.self) { try Filter(parsing: longest + " ") }
        #expect(failure?.description == "byte 8192: the expression is longer than 8192 bytes")
    }

    @Test("32 parentheses may stand inside one another and no more")
    func nesting() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "(", count: count) + "a" + String(repeating: ")", count: count)
        }
        #expect(try Filter(parsing: nested(32)).description == "a")
        let failure = #expect(throws: FilterError.self) { try Filter(parsing: nested(33)) }
        #expect(
            failure?.description == "byte 32: more than 32 parentheses inside one another")
        let flood = String(repeating: "(", count: 8192)
        #expect(throws: FilterError.self) { try Filter(parsing: flood) }
    }

    @Test("groups that OR forms beside AND count as nesting")
    func impliedNesting() throws {
        func mixed(_ count: Int) -> String {
            String(repeating: "a b OR (", count: count) + "c" + String(repeating: ")", count: count)
        }
        #expect(try Filter(parsing: mixed(16)).advice.contains(.mixedAndOr(offset: 4)))
        let failure = #expect(throws: FilterError.self) { try Filter(parsing: mixed(17)) }
        #expect(
            failure?.description
                == "byte 0: more than 32 groups inside one another, "
                + "counting those that OR forms beside AND")
    }

    @Test("an expression may have 1,000 terms and no more")
    func terms() throws {
        let most = Array(repeating: "a:b", count: 1000).joined(separator: " ")
        #expect(try Filter(parsing: most).description.hasSuffix("a:b AND a:b"))
        let failure = #expect(throws: FilterError.self) { try Filter(parsing: most + " c") }
        #expect(
            failure?.description == "byte 4000: the expression has more than 1000 terms; "
                + "split it into several rules")
    }

    @Test("an expression that outgrows 8 KiB in canonical form is refused")
    func canonicalLength() {
        let long = Array(repeating: "a=bcdef", count: 900).joined(separator: " ")
        #expect(long.utf8.count <= 8192)
        let failure = #expect(throws: FilterError.self) { try Filter(parsing: long) }
        #expect(failure?.offset == 0)
        #expect(failure?.message.contains("once AND and parentheses are spelled out") == true)
    }

    @Test("a path may have 64 segments and no more")
    func segments() throws {
        func path(_ count: Int) -> String {
            Array(repeating: "a", count: count).joined(separator: ".") + " = 1"
        }
        #expect(try Filter(parsing: path(64)).paths.count == 64)
        let failure = #expect(throws: FilterError.self) { try Filter(parsing: path(65)) }
        #expect(failure?.description == "byte 0: the path has more than 64 segments")
    }

    @Test(
        "the caret stands under the spot, counted in characters",
        arguments: [
            ("a == 1", 2, "a == 1\n  ^"),
            ("é👍🏽 == 1", 11, "é👍🏽 == 1\n   ^"),
            ("a = 1\nb == 2\nc = 3", 8, "b == 2\n  ^"),
            ("\ta == 1", 3, "\ta == 1\n\t  ^"),
            ("a =", 3, "a =\n   ^"),
            ("", 0, "\n^"),
            ("a\u{1B}b", 9, "a b\n   ^"),
            ("a = 1\r\nb ==", 9, "b ==\n  ^"),
        ])
    func caret(text: String, offset: Int, expected: String) {
        #expect(FilterError(offset: offset, message: "").caret(in: text) == expected)
    }
}
