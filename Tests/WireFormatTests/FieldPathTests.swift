import Testing
import WireFormat

@Suite("Field paths")
struct FieldPathTests {
    @Test(
        "a dotted path is taken apart and put together again",
        arguments: [
            ("name", [("name", false)]),
            ("metadata.createTime", [("metadata", false), ("createTime", false)]),
            ("metadata.@type", [("metadata", false), ("@type", false)]),
            (#"labels."team/name""#, [("labels", false), ("team/name", true)]),
            (#""a.b"."c\"d\\e""#, [("a.b", true), (#"c"d\e"#, true)]),
            (#""""#, [("", true)]),
            ("ключ.値", [("ключ", false), ("値", false)]),
        ] as [(String, [(String, Bool)])])
    func parses(text: String, segments: [(String, Bool)]) throws {
        let path = try #require(FieldPath(text))
        #expect(path.segments == segments.map { FieldSegment($0.0, isQuoted: $0.1) })
        #expect(path.description == text)
        #expect(path == FieldPath(segments: path.segments))
    }

    @Test(
        "an empty segment, an open quote or a stray character is malformed",
        arguments: [
            "", ".", "a.", ".a", "a..b", #"""#, #""a"#, #"a."b"#, #""a"b"#, #"a"b""#, "a b", "a\t",
            #""a\n""#, #""a\"#, #"a\b"#, "a\u{0}", "a.\u{A0}",
        ])
    func refuses(text: String) {
        #expect(FieldPath(text) == nil)
    }

    @Test("an unquoted segment that needs quotes gets them in the text")
    func describesOddSegments() {
        let path = FieldPath(segments: [FieldSegment("a b"), FieldSegment("")])
        #expect(path.description == "\"a b\".\"\"")
        #expect(FieldPath(segments: []).description == "")
    }

    @Test("equal paths share a slot, quoted and unquoted ones do not")
    func slots() throws {
        let paths = try ["a", "b.c", "a", #""a""#, "b"].map { try #require(FieldPath($0)) }
        let fields = FieldSet(paths)
        #expect(fields.count == 4)
        #expect(paths.map { fields.slot($0) } == [0, 1, 0, 2, 3])
        #expect(fields.slot(try #require(FieldPath("c"))) == nil)
        #expect(FieldSet([]).count == 0)
    }

    @Test("keys that only look alike are different keys, as they are in JSON")
    func composedAndDecomposed() throws {
        let paths = [FieldPath(segments: [FieldSegment("\u{E9}")]), FieldPath("e\u{301}")]
        let fields = FieldSet(paths.compactMap { $0 })
        #expect(paths[0] != paths[1])
        #expect(fields.count == 2)
        let reading = try Reading("{\"e\u{301}\": 1}", "\u{E9}", "e\u{301}")
        #expect(reading.row.kind(0) == .absent)
        #expect(reading.row.kind(1) == .number)
    }
}

@Suite("Finding fields")
struct FieldFindingTests {
    @Test("kinds and ranges are those of what stands at the path")
    func kinds() throws {
        let json = #" {"n":null,"f":false,"t":true,"i":-1.5e3,"s":"x\n","o":{"a":1},"l":[1, 2]} "#
        let reading = try Reading(json, "n", "f", "t", "i", "s", "o", "o.a", "l", "x", "o.x", "s.x")
        let expected: [(String, FieldKind, String)] = [
            ("n", .null, "null"), ("f", .false, "false"), ("t", .true, "true"),
            ("i", .number, "-1.5e3"), ("s", .string, #""x\n""#), ("o", .object, #"{"a":1}"#),
            ("o.a", .number, "1"), ("l", .array, "[1, 2]"), ("x", .absent, ""),
            ("o.x", .absent, ""), ("s.x", .absent, ""),
        ]
        for (path, kind, raw) in expected {
            #expect(reading.kind(path) == kind)
            #expect(reading.raw(path) == raw)
        }
    }

    @Test("a path without segments is the object itself")
    func root() throws {
        let fields = FieldSet([FieldPath(segments: [])])
        var row = FieldRow()
        try ObjectReader.read(Array(" {} ".utf8), fields: fields, limits: .body, into: &row)
        #expect(row.kind(0) == .object)
        #expect(row.range(0) == 1..<3)
    }

    @Test("a slot that does not exist is absent", arguments: [-1, 1, .max, .min])
    func noSlot(slot: Int) throws {
        let row = try Reading(#"{"a":1}"#, "a").row
        #expect(row.kind(slot) == .absent)
        #expect(row.range(slot).isEmpty)
        #expect(row.string(slot) == nil)
        #expect(row.contentHash(slot) == 0)
        #expect(FieldRow().kind(slot) == .absent)
    }

    @Test(
        "an unquoted key is found by its snake_case or camelCase twin",
        arguments: [
            ("createTime", "create_time"), ("create_time", "createTime"),
            ("isCancellationRequested", "is_cancellation_requested"), ("a_b_c", "aBC"),
        ])
    func twins(asked: String, written: String) throws {
        #expect(try Reading(#"{"\#(written)":1}"#, asked).kind(asked) == .number)
        #expect(try Reading(#"{"\#(asked)":1}"#, asked).kind(asked) == .number)
        let quoted = "\"\(asked)\""
        #expect(try Reading(#"{"\#(written)":1}"#, quoted).kind(quoted) == .absent)
        #expect(try Reading(#"{"\#(asked)":1}"#, quoted).kind(quoted) == .number)
    }

    @Test(
        "the exact key wins over its twin, whichever comes first, with all below it",
        arguments: [
            #"{"someData":{"x":1},"some_data":{"y":2}}"#,
            #"{"some_data":{"y":2},"someData":{"x":1}}"#,
        ])
    func exactWins(json: String) throws {
        let reading = try Reading(json, "someData.x", "someData.y", "some_data.x", "some_data.y")
        #expect(reading.raw("someData.x") == "1")
        #expect(reading.kind("someData.y") == .absent)
        #expect(reading.kind("some_data.x") == .absent)
        #expect(reading.raw("some_data.y") == "2")
    }

    @Test("an exact key wins even as null, and over an array")
    func exactNullWins() throws {
        let reading = try Reading(#"{"a_b":{"c":1},"aB":null}"#, "aB", "aB.c")
        #expect(reading.kind("aB") == .null)
        #expect(reading.kind("aB.c") == .absent)
        let other = try Reading(#"{"a_b":[{"c":1}],"aB":{"d":2}}"#, "aB.c", "aB.d")
        #expect(other.kind("aB.c") == .absent)
        #expect(other.raw("aB.d") == "2")
    }

    @Test("twins are told apart on every level")
    func nestedTwins() throws {
        let json = #"{"meta_data":{"create_time":1,"createTime":2}}"#
        let reading = try Reading(
            json, "metaData.createTime", "metaData.create_time", #"metaData."create_time""#,
            #""meta_data".createTime"#, #""metaData".createTime"#)
        #expect(reading.raw("metaData.createTime") == "2")
        #expect(reading.raw("metaData.create_time") == "1")
        #expect(reading.raw(#"metaData."create_time""#) == "1")
        #expect(reading.raw(#""meta_data".createTime"#) == "2")
        #expect(reading.kind(#""metaData".createTime"#) == .absent)
    }

    @Test("keys with escapes are found decoded")
    func escapedKeys() throws {
        let json = #"{"na\u006de":1,"\ud83d\ude00":2,"a\/b":3,"create\u005ftime":4}"#
        let reading = try Reading(json, "name", "😀", #""a/b""#, "createTime")
        #expect(reading.raw("name") == "1")
        #expect(reading.raw("😀") == "2")
        #expect(reading.raw(#""a/b""#) == "3")
        #expect(reading.raw("createTime") == "4")
    }

    @Test("empty keys and keys of any length are found")
    func keyLengths() throws {
        for count in 0...40 {
            let key = String(repeating: "k", count: count)
            let path = "\"\(key)\""
            #expect(try Reading(#"{"\#(key)":1,"\#(key)k":2}"#, path).raw(path) == "1")
        }
    }

    @Test("an array inside a path makes everything behind it repeated")
    func repeated() throws {
        let json = #"{"m":{"list":[{"a":{"b":1}},{"a":null}],"x":1}}"#
        let reading = try Reading(json, "m.list", "m.list.a", "m.list.a.b", "m.x")
        #expect(reading.kind("m.list") == .array)
        #expect(reading.kind("m.list.a") == .repeated)
        #expect(reading.kind("m.list.a.b") == .repeated)
        #expect(reading.row.repeatedDepth(reading.slot("m.list.a")) == 2)
        #expect(reading.row.repeatedDepth(reading.slot("m.list.a.b")) == 2)
        #expect(reading.raw("m.list.a.b") == #"[{"a":{"b":1}},{"a":null}]"#)
        #expect(reading.raw("m.x") == "1")
    }

    @Test("a row that is read again keeps nothing of before")
    func reuse() throws {
        let fields = FieldSet(try [#require(FieldPath("aB.c")), #require(FieldPath("d"))])
        var row = FieldRow()
        func read(_ json: String) throws {
            try ObjectReader.read(Array(json.utf8), fields: fields, limits: .body, into: &row)
        }
        try read(#"{"aB":{"c":1},"d":2}"#)
        try read(#"{"a_b":{"c":3}}"#)
        #expect(row.kind(0) == .number)
        #expect(row.kind(1) == .absent)
        #expect(throws: WireError.self) { try read(#"{"d":2,}"#) }
        #expect(row.kind(0) == .absent && row.kind(1) == .absent && row.bytes.isEmpty)
        try read(#"{"d":true}"#)
        #expect(row.kind(0) == .absent && row.kind(1) == .true)
    }
}
