import Testing

@testable import WireFormat

@Suite("Values of fields")
struct FieldValueTests {
    private func row(_ value: String) throws -> FieldRow {
        try Reading(#"{"v":\#(value)}"#, "v").row
    }

    @Test(
        "a string is decoded",
        arguments: [
            (#""""#, ""), (#""abc""#, "abc"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83d\ude00!""#, "😀!"),
            (#""\u0000""#, "\u{0}"),
            (#""é€😀""#, "é€😀"), (#""\uFFFF\uE000""#, "\u{FFFF}\u{E000}"),
            (#""\uDBFF\uDFFF\uD800\uDC00""#, "\u{10FFFF}\u{10000}"),
        ])
    func strings(json: String, text: String) throws {
        let row = try row(json)
        #expect(row.string(0) == text)
        #expect(row.isString(0, text))
        #expect(!row.isString(0, text + "x"))
        #expect(!row.isString(0, "\u{1}"))
    }

    @Test("only strings are strings", arguments: ["null", "true", "1", "{}", "[\"a\"]"])
    func notStrings(json: String) throws {
        let row = try row(json)
        #expect(row.string(0) == nil)
        #expect(!row.isString(0, json) && !row.isString(0, ""))
        #expect(row.timestamp(0) == nil)
    }

    @Test("canonically equivalent texts are different strings")
    func bytewise() throws {
        #expect(try row(#""\u00e9""#).isString(0, "\u{e9}"))
        #expect(try !row(#""\u00e9""#).isString(0, "e\u{301}"))
    }

    @Test(
        "an integer is a number or a string without fraction that fits",
        arguments: [
            ("0", 0), ("-0", 0), ("12", 12), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("-9223372036854775809", nil), ("1.0", nil), ("1e3", nil), (#""42""#, 42),
            (#""-42""#, -42), (#""\u0034""#, 4), (#""+42""#, nil), (#""042""#, nil),
            (#"" 42""#, nil), (#""""#, nil), (#""-""#, nil), (#""0x10""#, nil), (#""1_000""#, nil),
            ("true", nil),
            ("null", nil), ("[1]", nil), (#""99999999999999999999""#, nil),
        ] as [(String, Int64?)])
    func integers(json: String, value: Int64?) throws {
        #expect(try row(json).integer(0) == value)
    }

    @Test(
        "a number may be a string and must be finite",
        arguments: [
            ("0", 0), ("-1.5e3", -1_500), ("1E-2", 0.01), (#""2.5""#, 2.5), ("1e999", nil),
            ("-1e999", nil), (#""NaN""#, nil), (#""Infinity""#, nil), (#""inf""#, nil),
            (#""0x1p3""#, nil), (#""1.""#, nil), (#"".5""#, nil), ("false", nil), (#""""#, nil),
            ("1e-999", 0), ("9007199254740993", 9_007_199_254_740_992),
        ] as [(String, Double?)])
    func numbers(json: String, value: Double?) throws {
        #expect(try row(json).number(0) == value)
    }

    @Test("a timestamp is an RFC 3339 string, escaped or not")
    func timestamps() throws {
        let expected = Timestamp(rfc3339: "2024-04-01T12:34:56.123456789+05:30")
        #expect(expected != nil)
        #expect(try row(#""2024-04-01T12:34:56.123456789+05:30""#).timestamp(0) == expected)
        #expect(try row(#""2024-04-01T12:34:56.123456789\u002b05:30""#).timestamp(0) == expected)
        #expect(try row(#""yesterday""#).timestamp(0) == nil)
        #expect(try row("1711974896").timestamp(0) == nil)
    }

    @Test("elements are those of the array, with their kinds and places")
    func elements() throws {
        let json = #"[ "a\"]" , 1, [2,[3]], {"x":"}"}, null,true ,false, "7" ]"#
        let row = try row(json)
        let elements = row.elements(0)
        let kinds: [FieldKind] = [
            .string, .number, .array, .object, .null, .true, .false, .string,
        ]
        #expect(elements.map(\.kind) == kinds)
        let raw = elements.map { String(decoding: row.bytes[$0.range], as: UTF8.self) }
        let expected = [
            #""a\"]""#, "1", "[2,[3]]", #"{"x":"}"}"#, "null", "true", "false", #""7""#,
        ]
        #expect(raw == expected)
        #expect(FieldValue(elements[0], in: row.bytes).string == "a\"]")
        #expect(FieldValue(elements[1], in: row.bytes).string == nil)
        #expect(FieldValue(elements[1], in: row.bytes).number == 1)
        #expect(FieldValue(elements[7], in: row.bytes).number == 7)
    }

    @Test("an empty array, and what is no array, has no elements")
    func noElements() throws {
        for json in ["[]", "[ ]", "{}", "null", "\"[1]\"", "1"] {
            #expect(try row(json).elements(0).isEmpty)
        }
    }

    @Test("an element of other bytes is harmless")
    func foreignElement() throws {
        let row = try row("1")
        let far = FieldElement(kind: .string, range: 3..<1_000)
        #expect(FieldValue(far, in: row.bytes).string == nil)
        #expect(FieldValue(FieldElement(kind: .string, range: 0..<0), in: row.bytes).number == nil)
        #expect(
            FieldValue(FieldElement(kind: .string, range: 0..<1), in: row.bytes).timestamp == nil)
    }

    @Test(
        "values that say the same have the same hash",
        arguments: [
            (#"{"a":1,"b":[1,2]}"#, #"{ "b" : [1, 2] , "a":1 }"#),
            (#""a\u0062c""#, #""abc""#), (#"{"\u0061":{}}"#, #"{"a":{ }}"#),
            (#"[{"x":1,"y":2}]"#, #"[{"y":2,"x":1}]"#), ("[]", "[ ]"),
        ])
    func sameHash(left: String, right: String) throws {
        let hash = try row(left).contentHash(0)
        #expect(hash != 0)
        #expect(try hash == row(right).contentHash(0))
    }

    @Test("values that differ have different hashes")
    func differentHashes() throws {
        let values = [
            "null", "true", "false", "0", "1", "-1", "1.0", #""""#, #""null""#, #""true""#, #""0""#,
            #""1""#, "[]", "{}", "[[]]", "[{}]", "[1,2]", "[2,1]", "[[1],2]", "[1,[2]]", "[12]",
            #"{"a":1}"#, #"{"a":"1"}"#, #"{"b":1}"#, #"{"a":1,"b":2}"#, #"{"a":2,"b":1}"#,
            #"{"a":{"b":1}}"#, #"{"a":{},"b":1}"#, #"{"a":null}"#, #"{"":{}}"#, "[null]",
            #"["",""]"#, #"[""]"#, #""abcdefgh""#, #""abcdefghi""#, #""abcdefghj""#,
        ]
        let hashes = try values.map { try row($0).contentHash(0) }
        #expect(Set(hashes).count == values.count)
        #expect(!hashes.contains(0))
    }

    @Test("a hash is the same in every run")
    func stableHash() throws {
        let row = try row(#"{"state":"RUNNING","progress":[1,2.5,null]}"#)
        #expect(row.contentHash(0) == 0x1EA2_D8DD_0E01_88B3)
    }
}
