import Testing
import WireFormat

@Suite("Strict reading of one object")
struct ObjectReaderTests {
    @Test(
        "valid objects are read",
        arguments: [
            "{}", " \t\r\n{ } \n", #"{"":0}"#, #"{"a":[]}"#, #"{"a":[{}],"b":{}}"#,
            #"{"a":0,"b":-0,"c":0.0,"d":1e0,"e":1E+9,"f":-1.25e-10}"#,
            #"{"a":123456789012345678901234567890}"#,
            #"{"a":"\u0000\uFFFF\ud800\udc00"}"#,
            "{\"a\":\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\"}",
            #"{"a":1,"A":2,"a ":3," a":4}"#, #"{"a":{"a":{"a":1}}}"#, #"{"a":[{"a":1},{"a":2}]}"#,
            "{\"e\u{301}\":1,\"\u{e9}\":2}",
            #"{"a":"/\/"}"#, "{\n        \"a\"\n:\r\n\t [\n 1 ,\n 2 ]\n }",
        ])
    func valid(json: String) {
        #expect(outcome(Array(json.utf8)) == nil)
    }

    @Test(
        "malformed texts are refused where they go wrong",
        arguments: [
            ("", 0), (" ", 1), ("{", 1), ("{ ", 2), ("}", 0), ("{\"", 2), ("{\"a", 3),
            ("{\"a\"", 4),
            ("{\"a\":", 5), ("{\"a\":1", 6), ("{\"a\":1,", 7), ("{\"a\":1,}", 7), ("{,}", 1),
            ("{,\"a\":1}", 1), ("{\"a\":1,,\"b\":2}", 7), ("{\"a\" 1}", 5), ("{\"a\"::1}", 5),
            ("{\"a\":}", 5), ("{a:1}", 1), ("{'a':1}", 1), ("{1:1}", 1), ("{null:1}", 1),
            ("{\"a\":1 \"b\":2}", 7), ("{\"a\":1;\"b\":2}", 6), ("{\"a\":1]", 6), ("{\"a\":[1}", 7),
            ("{\"a\":[", 6), ("{\"a\":[1", 7), ("{\"a\":[1,]}", 8), ("{\"a\":[,1]}", 6),
            ("{\"a\":[1,,2]}", 8), ("{\"a\":[1 2]}", 8), ("{\"a\":]}", 5), ("{\"a\":[}", 6),
            ("{\"a\":tru}", 5), ("{\"a\":TRUE}", 5), ("{\"a\":True}", 5), ("{\"a\":truE}", 5),
            ("{\"a\":truex}", 9), ("{\"a\":nul", 5), ("{\"a\":nulll}", 9), ("{\"a\":fals}", 5),
            ("{\"a\":undefined}", 5), ("{\"a\":NaN}", 5), ("{\"a\":Infinity}", 5),
            ("{\"a\":-Infinity}", 6), ("{\"a\":+1}", 5), ("{\"a\":01}", 6), ("{\"a\":-01}", 7),
            ("{\"a\":00}", 6), ("{\"a\":-}", 6), ("{\"a\":1.}", 7), ("{\"a\":.5}", 5),
            ("{\"a\":1.e1}", 7), ("{\"a\":1e}", 7), ("{\"a\":1e+}", 8), ("{\"a\":1e-}", 8),
            ("{\"a\":1E1.5}", 8), ("{\"a\":0x10}", 6), ("{\"a\":1_0}", 6), ("{\"a\":1-1}", 6),
            ("{\"a\":- 1}", 6), ("{\"a\":--1}", 6), ("{\"a\":\"\\x\"}", 7), ("{\"a\":\"\\'\"}", 7),
            ("{\"a\":\"\\\"}", 9), ("{\"a\":\"\\u12\"}", 10), ("{\"a\":\"\\u12G4\"}", 10),
            ("{\"a\":\"\\U0041\"}", 7), ("{\"a\":\"\\u 123\"}", 8), ("{\"a\":\"\\u-123\"}", 8),
            ("{\"a\":\"a\nb\"}", 7), ("{\"a\":\"\t\"}", 6), ("{\"a\":\"\u{0}\"}", 6),
            ("{\"a\":\"\u{1F}\"}", 6), ("{\"a\n\":1}", 3), ("\u{FEFF}{}", 0), ("{\u{A0}}", 1),
            ("{\u{B}}", 1), ("{\u{C}}", 1), ("{\u{0}}", 1), ("/**/{}", 0), ("{/**/}", 1),
            ("{\"a\":1//x\n}", 6), ("#{}", 0), ("\u{0}{}", 0), ("{\"a\":\"b}", 8),
            ("{\"a\":b\"}", 5),
            ("{\"a\":{\"b\"}}", 9), ("{\"a\":{\"b\":}}", 10), ("{\"abcdefghijklmnop\u{1}\":1}", 18),
        ])
    func malformed(json: String, offset: Int) {
        #expect(outcome(Array(json.utf8)) == .syntax(offset: offset))
    }

    @Test(
        "what follows the object is refused",
        arguments: [
            ("{}{}", 2), ("{} x", 3), ("{},", 2), ("{}}", 2), ("{}]", 2), ("{}\u{0}", 2),
            ("{}\n{}", 3),
        ])
    func trailing(json: String, offset: Int) {
        #expect(outcome(Array(json.utf8)) == .trailingBytes(offset: offset))
    }

    @Test(
        "another value than an object is refused",
        arguments: [
            ("[]", 0), ("[{}]", 0), (" \"a\"", 1), ("1", 0), ("-1", 0), ("true", 0), ("false", 0),
            ("null", 0),
        ])
    func notAnObject(json: String, offset: Int) {
        #expect(outcome(Array(json.utf8)) == .notAnObject(offset: offset))
    }

    @Test(
        "text that is not UTF-8 is refused, by bytes or by escapes",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x7F], [0xC2, 0xC2, 0x80],
            [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE1, 0x80], [0xE1, 0x80, 0x22],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], Array(#"\ud800"#.utf8),
            Array(#"\udbffx"#.utf8), Array(#"\udc00"#.utf8), Array(#"\udfff\ud800"#.utf8),
            Array(#"\ud800\ud800"#.utf8), Array(#"\ud800\n"#.utf8), Array(#"\ud800\u0041"#.utf8),
        ] as [[UInt8]])
    func notUTF8(sequence: [UInt8]) {
        for padding in 0...17 {
            let ascii = [UInt8](repeating: 0x61, count: padding)
            let value = Array("{\"k\":\"".utf8) + ascii + sequence + ascii + Array("\"}".utf8)
            #expect(outcome(value) == .notUTF8(offset: 6 + padding))
            let key = Array("{\"".utf8) + ascii + sequence + Array("\":1}".utf8)
            #expect(outcome(key) == .notUTF8(offset: 2 + padding))
            #expect(outcome(Array(value.prefix(6 + padding + sequence.count))) != nil)
        }
    }

    @Test("UTF-16 and a byte order mark are refused")
    func otherEncodings() {
        #expect(outcome([0xEF, 0xBB, 0xBF, 0x7B, 0x7D]) == .syntax(offset: 0))
        #expect(outcome([0xFE, 0xFF, 0x00, 0x7B, 0x00, 0x7D]) == .syntax(offset: 0))
        #expect(outcome([0x7B, 0x00, 0x7D, 0x00]) == .syntax(offset: 1))
    }

    @Test("a control character is found at every place of a long string", arguments: 0...40)
    func controlsEverywhere(position: Int) {
        var bytes = Array("{\"k\":\"".utf8) + [UInt8](repeating: 0x61, count: 41)
        bytes += Array("\"}".utf8)
        #expect(outcome(bytes) == nil)
        for control in [0x00, 0x0A, 0x1F] as [UInt8] {
            bytes[6 + position] = control
            #expect(outcome(bytes) == .syntax(offset: 6 + position))
        }
        for plain in [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F] as [UInt8] {
            bytes[6 + position] = plain
            #expect(outcome(bytes) == nil)
        }
    }

    @Test(
        "a key that comes twice is refused, on any level and however it is written",
        arguments: [
            (#"{"a":1,"a":1}"#, 7), (#"{"a":1,"b":2,"a":3}"#, 13), (#"{"":1,"":2}"#, 6),
            (#"{"a":1,"\u0061":2}"#, 7), (#"{"\u0061":1,"a":2}"#, 12),
            (#"{"\u0061":1,"\u0061":2}"#, 12), (#"{"/":1,"\/":2}"#, 7),
            (#"{"😀":1,"\ud83d\ude00":2}"#, 10), (#"{"x":{"a":1,"a":2}}"#, 12),
            (#"{"x":[{"a":1,"a":2}]}"#, 13), (#"{"a":{},"b":[{"a":1}],"a":2}"#, 22),
            (#"{"abcdefgh1":1,"abcdefgh1":2}"#, 15),
        ])
    func duplicates(json: String, offset: Int) {
        #expect(outcome(Array(json.utf8)) == .duplicateKey(offset: offset))
    }

    @Test(
        "duplicates are found in objects of any size",
        arguments: [2, 31, 32, 33, 34, 35, 64, 65, 500])
    func duplicatesInBigObjects(count: Int) {
        let keys = (0..<count).map { #""key\#($0)":{"key0":0}"# }
        #expect(outcome(Array("{\(keys.joined(separator: ","))}".utf8)) == nil)
        for duplicate in [0, count / 2, count - 1] {
            for spelling in ["key\(duplicate)", #"\u006bey\#(duplicate)"#] {
                let json = "{\(keys.joined(separator: ",")),\"\(spelling)\":1}"
                #expect(
                    outcome(Array(json.utf8))
                        == .duplicateKey(offset: json.utf8.count - spelling.utf8.count - 5))
            }
        }
    }

    @Test("a hundred thousand keys take no quadratic time")
    func manyKeys() {
        let keys = (0..<100_000).map { #""\#($0)":0"# }.joined(separator: ",")
        let limits = ReadLimits(bytesMax: .max)
        #expect(outcome(Array("{\(keys)}".utf8), limits: limits) == nil)
        #expect(
            outcome(Array("{\(keys),\"500\":0}".utf8), limits: limits)
                == .duplicateKey(offset: keys.utf8.count + 2))
    }

    @Test("an object may be 64 levels deep and no deeper", arguments: ["[", "{\"a\":"])
    func depth(bracket: String) {
        let closing = bracket == "[" ? "]" : "}"
        func nested(_ levels: Int) -> [UInt8] {
            let opening = "{\"a\":" + String(repeating: bracket, count: levels - 1)
            let end = String(repeating: closing, count: levels - 1) + "}"
            return Array((opening + "1" + end).utf8)
        }
        #expect(outcome(nested(64)) == nil)
        let offset = 5 + 63 * bracket.utf8.count
        #expect(outcome(nested(65)) == .tooDeep(offset: offset, limit: 64))
        #expect(outcome(nested(100_000)) == .tooDeep(offset: offset, limit: 64))
        let flat = ReadLimits(depthMax: 0, bytesMax: 9)
        #expect(outcome(Array("{}".utf8), limits: flat) == .tooDeep(offset: 0, limit: 0))
    }

    @Test("levels that were left do not count")
    func depthOfSiblings() {
        let members = (0..<200).map { #""k\#($0)":[[{}],{}]"# }.joined(separator: ",")
        let limits = ReadLimits(depthMax: 4, bytesMax: 1 << 20)
        #expect(outcome(Array("{\(members)}".utf8), limits: limits) == nil)
    }

    @Test("an input has at most so many bytes")
    func size() {
        let bytes = Array(#"{"a":1}"#.utf8)
        #expect(outcome(bytes, limits: ReadLimits(bytesMax: 7)) == nil)
        #expect(outcome(bytes, limits: ReadLimits(bytesMax: 6)) == .tooLarge(offset: 6, limit: 6))
        #expect(outcome(bytes, limits: ReadLimits(bytesMax: -1)) == .tooLarge(offset: 0, limit: -1))
    }

    @Test("a range is read as if nothing were around it")
    func ranges() throws {
        let bytes = Array(#"x{"a":"1"}{"a":"2"}"#.utf8)
        let fields = FieldSet([try #require(FieldPath("a"))])
        var row = FieldRow()
        try ObjectReader.read(bytes, in: 10..<19, fields: fields, limits: .line, into: &row)
        #expect(row.string(0) == "2")
        #expect(row.range(0) == 15..<18)
        try ObjectReader.read(bytes, in: 1..<10, fields: fields, limits: .line, into: &row)
        #expect(row.string(0) == "1")
        try ObjectReader.read(bytes, in: 10..<1_000, fields: fields, limits: .line, into: &row)
        #expect(row.string(0) == "2")
        let table: [(Range<Int>, WireError)] = [
            (1..<9, .syntax(offset: 9)), (1..<11, .trailingBytes(offset: 10)),
            (0..<10, .syntax(offset: 0)), (5..<5, .syntax(offset: 5)),
            (1_000..<2_000, .syntax(offset: 19)),
        ]
        for (range, error) in table {
            #expect(throws: error) {
                try ObjectReader.read(bytes, in: range, fields: fields, limits: .line, into: &row)
            }
        }
    }

    @Test("an error says where it stands")
    func descriptions() {
        let errors: [WireError] = [
            .notUTF8(offset: 7), .syntax(offset: 7), .duplicateKey(offset: 7),
            .tooDeep(offset: 7, limit: 64), .trailingBytes(offset: 7), .notAnObject(offset: 7),
            .wrongType(offset: 7, path: "operations"),
        ]
        for error in errors {
            #expect(error.offset == 7)
            #expect(error.description.hasPrefix("byte 7: "))
        }
        #expect(WireError.tooLarge(offset: 9, limit: 9).description == "larger than 9 bytes")
        #expect(WireError.tooLarge(offset: 9, limit: 9).offset == 9)
    }
}
