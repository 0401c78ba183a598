import Testing
import WireFormat

/// Names of all operations of a page, and the reader behind its end.
private func names(_ json: String) throws -> ([String?], ListPageReader) {
    let fields = FieldSet([FieldPath("name")].compactMap { $0 })
    var reader = ListPageReader(Array(json.utf8), fields: fields)
    var row = FieldRow()
    var names: [String?] = []
    while try reader.next(into: &row) { names.append(row.string(0)) }
    return (names, reader)
}

@Suite("Pages of a list")
struct ListPageReaderTests {
    @Test(
        "a page may lack operations, with or without a token",
        arguments: [
            ("{}", nil), (#"{"nextPageToken":"t"}"#, "t"), (#"{"operations":[]}"#, nil),
            (#"{"operations":null,"nextPageToken":"t"}"#, "t"), (#"{"nextPageToken":""}"#, nil),
            (#"{"nextPageToken":null}"#, nil), (#" { "operations" : [ ] } "#, nil),
            (#"{"next_page_token":"\u0074"}"#, "t"), (#"{"unreachable":["x"]}"#, nil),
            (#"{"kind":"x","operations":[]}"#, nil), (#"{"operations":null,"kind":"x"}"#, nil),
        ] as [(String, String?)])
    func emptyPages(json: String, token: String?) throws {
        let (found, reader) = try names(json)
        #expect(found.isEmpty)
        #expect(reader.nextPageToken == token)
        #expect(reader.operationCount == 0)
    }

    @Test(
        "keys may stand in any order",
        arguments: [
            #"OPERATIONS,"nextPageToken":"t","unreachable":["x"],"z":[1]"#,
            #""z":{"operations":[{}]},"unreachable":["x"],"nextPageToken":"t",OPERATIONS"#,
            #" "nextPageToken" : "t" , OPERATIONS , "unreachable" : [ "\u0078" ] "#,
            #""unreachable":["x"],OPERATIONS,"nextPage\u0054oken":"t""#,
        ],
        [
            #""operations":[{"name":"a"},{"name":"b"}]"#,
            #""\u006fperations" : [ { "name" : "a" } , {"name":"b"} ] "#,
        ])
    func order(members: String, operations: String) throws {
        let parts = members.split(separator: "OPERATIONS", omittingEmptySubsequences: false)
        let (found, reader) = try names("{\(parts.joined(separator: operations))}")
        #expect(found == ["a", "b"])
        #expect(reader.nextPageToken == "t")
        #expect(reader.unreachable == ["x"])
        #expect(reader.unreachableCount == 1)
        #expect(reader.operationCount == 2)
    }

    @Test(
        "an object without operations and with members of another kind is no list",
        arguments: [
            (#"{"items":[{"name":"n"}]}"#, "no operations, but items"),
            (#"{"kind":"x","items":[],"nextPageToken":"t"}"#, "no operations, but kind, items"),
            (#"{"unreachable":[],"a":1,"b":2,"c":3}"#, "no operations, but a, b, c"),
            (#"{"a":1,"b":2,"c":3,"d":4,"e":5}"#, "no operations, but a, b, c and 2 more"),
            (#"{"Operations":[{}]}"#, "no operations, but Operations"),
            (#"{"a\nb \u202e":null}"#, #"no operations, but a\u{a}b\u{20}\u{202e}"#),
            (#"{"":0}"#, #"no operations, but """#),
            (
                "{\"\(String(repeating: "k", count: 1_000))\":0}",
                "no operations, but \(String(repeating: "k", count: 32))…"
            ),
        ])
    func otherShapes(json: String, words: String) {
        let error = #expect(throws: WireError.self) { try names(json) }
        #expect(error?.description == words)
        #expect(error?.offset == json.utf8.count)
    }

    @Test("an operation may be empty or lack a name")
    func odd() throws {
        let (found, _) = try names(#"{"operations":[{},{"name":null},{"name":1},{"name":""}]}"#)
        #expect(found == [nil, nil, nil, ""])
    }

    @Test(
        "a page that is malformed anywhere is refused by the end of it",
        arguments: [
            ("", .syntax(offset: 0)), ("<html>", .syntax(offset: 0)),
            ("[]", .notAnObject(offset: 0)),
            ("null", .notAnObject(offset: 0)), (#"[{"error":{}}]"#, .notAnObject(offset: 0)),
            (#"{"operations":{}}"#, .wrongType(offset: 14, path: "operations")),
            (#"{"operations":"x"}"#, .wrongType(offset: 14, path: "operations")),
            (#"{"operations":[1]}"#, .notAnObject(offset: 15)),
            (#"{"operations":[{},null]}"#, .notAnObject(offset: 18)),
            (#"{"operations":[[]]}"#, .notAnObject(offset: 15)),
            (#"{"operations":[{},]}"#, .syntax(offset: 18)),
            (#"{"operations":[,{}]}"#, .syntax(offset: 15)),
            (#"{"operations":[{}{}]}"#, .syntax(offset: 17)),
            (#"{"operations":[{}"#, .syntax(offset: 17)),
            (#"{"operations":[{}]"#, .syntax(offset: 18)),
            (#"{"operations":[{}],}"#, .syntax(offset: 19)),
            (#"{"operations":[{}]} x"#, .trailingBytes(offset: 20)),
            ("{} {}", .trailingBytes(offset: 3)),
            (#"{"operations":[{}}}"#, .syntax(offset: 17)),
            (#"{"operations":[{"a":1,"a":2}]}"#, .duplicateKey(offset: 22)),
            (#"{"operations":[],"operations":[]}"#, .duplicateKey(offset: 17)),
            (#"{"operations":[{}],"operations":[{}]}"#, .duplicateKey(offset: 19)),
            (#"{"nextPageToken":"a","nextPageToken":"b"}"#, .duplicateKey(offset: 21)),
            (#"{"nextPageToken":"a","next_page_token":"b"}"#, .duplicateKey(offset: 21)),
            (#"{"z":1,"operations":[{}],"z":2}"#, .duplicateKey(offset: 25)),
            (#"{"nextPageToken":1}"#, .wrongType(offset: 17, path: "nextPageToken")),
            (#"{"nextPageToken":["a"]}"#, .wrongType(offset: 17, path: "nextPageToken")),
            (#"{"unreachable":"x"}"#, .wrongType(offset: 15, path: "unreachable")),
            (#"{"unreachable":[1]}"#, .wrongType(offset: 16, path: "unreachable[]")),
            (#"{"unreachable":["x",null]}"#, .wrongType(offset: 20, path: "unreachable[]")),
            (#"{"unreachable":["x",]}"#, .wrongType(offset: 20, path: "unreachable[]")),
            (#"{"z":[1,}"#, .syntax(offset: 8)), (#"{"items":[]} x"#, .trailingBytes(offset: 13)),
            (#"{"z":{"a":1,"a":1}}"#, .duplicateKey(offset: 12)),
            (#"{"operations":nul}"#, .syntax(offset: 14)),
            (#"{"nextPageToken":"\ud800"}"#, .notUTF8(offset: 18)),
            (#"{"operations":[{}],"nextPageToken":"t"#, .syntax(offset: 37)),
        ] as [(String, WireError)])
    func malformed(json: String, error: WireError) {
        #expect(throws: error) { try names(json) }
    }

    @Test("after an error every call gives the same error and an empty row")
    func afterError() throws {
        let fields = FieldSet([try #require(FieldPath("name"))])
        var reader = ListPageReader(
            Array(#"{"operations":[{"name":"a"},{"name":"b",}]}"#.utf8), fields: fields)
        var row = FieldRow()
        #expect(try reader.next(into: &row))
        #expect(row.string(0) == "a")
        for _ in 0..<3 {
            #expect(throws: WireError.syntax(offset: 40)) { try reader.next(into: &row) }
            #expect(row.kind(0) == .absent && row.bytes.isEmpty)
        }
    }

    @Test("an error behind the operations is given again as it was")
    func errorBehindOperations() throws {
        let json = #"{"operations":[{}],"nextPageToken":"t","z":1,}"#
        var reader = ListPageReader(Array(json.utf8), fields: FieldSet([]))
        var row = FieldRow()
        #expect(try reader.next(into: &row))
        for _ in 0..<3 {
            #expect(throws: WireError.syntax(offset: 45)) { try reader.next(into: &row) }
        }
    }

    @Test("among many unknown keys, too, none may come twice")
    func manyKeys() throws {
        let keys = (0..<40).map { #""k\#($0)":0"# }.joined(separator: ",")
        _ = try names(#"{\#(keys),"operations":[{"name":"a"}]}"#)
        #expect(throws: WireError.duplicateKey(offset: keys.utf8.count + 20)) {
            try names(#"{\#(keys),"operations":[{}],"k7":0}"#)
        }
    }

    @Test("after the end every call gives false and an empty row")
    func afterEnd() throws {
        let fields = FieldSet([try #require(FieldPath("name"))])
        var reader = ListPageReader(Array(#"{"operations":[{"name":"a"}]}"#.utf8), fields: fields)
        var row = FieldRow()
        #expect(try reader.next(into: &row))
        for _ in 0..<3 {
            #expect(try !reader.next(into: &row))
            #expect(row.kind(0) == .absent)
        }
        #expect(reader.operationCount == 1)
    }

    @Test("a copy of a reader goes its own way")
    func copies() throws {
        let fields = FieldSet([try #require(FieldPath("name"))])
        let page = Array(#"{"operations":[{"name":"a"},{"name":"b"}]}"#.utf8)
        var first = ListPageReader(page, fields: fields)
        var row = FieldRow()
        #expect(try first.next(into: &row))
        var second = first
        var other = row
        #expect(try first.next(into: &row))
        #expect(try !first.next(into: &row))
        #expect(other.string(0) == "a")
        #expect(try second.next(into: &other))
        #expect(other.string(0) == "b")
    }

    @Test(
        "unreachable places are kept up to 1,000 and counted beyond",
        arguments: [999, 1_000, 1_001])
    func unreachable(count: Int) throws {
        let places = (0..<count).map { #""p\#($0)""# }.joined(separator: ",")
        let (_, reader) = try names(#"{"unreachable":[\#(places)]}"#)
        #expect(reader.unreachable.count == min(count, 1_000))
        #expect(reader.unreachableCount == count)
        #expect(reader.unreachable.first == "p0")
    }

    @Test("size and depth are limited, the page's own levels included")
    func limits() throws {
        func read(_ json: String, _ limits: ReadLimits) throws {
            var reader = ListPageReader(Array(json.utf8), fields: FieldSet([]), limits: limits)
            var row = FieldRow()
            while try reader.next(into: &row) {}
        }
        let json = #"{"operations":[{"a":[]},{}]}"#
        let size = json.utf8.count
        try read(json, ReadLimits(depthMax: 4, bytesMax: size))
        #expect(throws: WireError.tooDeep(offset: 20, limit: 3)) {
            try read(json, ReadLimits(depthMax: 3, bytesMax: size))
        }
        #expect(throws: WireError.tooDeep(offset: 24, limit: 4)) {
            try read(
                #"{"operations":[{},{"a":[[]]}]}"#, ReadLimits(depthMax: 4, bytesMax: 100))
        }
        #expect(throws: WireError.tooDeep(offset: 0, limit: 0)) {
            try read(json, ReadLimits(depthMax: 0, bytesMax: size))
        }
        #expect(throws: WireError.tooLarge(offset: size - 1, limit: size - 1)) {
            try read(json, ReadLimits(bytesMax: size - 1))
        }
    }

    @Test("all recorded operations are read, and their values are where a path says")
    func recorded() throws {
        let paths = [
            "name", "done", "metadata", "metadata.createTime", "metadata.@type", "error.code",
        ]
        let fields = FieldSet(paths.compactMap { FieldPath($0) })
        var reader = ListPageReader(try recordedOperations(), fields: fields)
        var row = FieldRow()
        var names: Set<String> = []
        var found = [Int](repeating: 0, count: paths.count)
        while try reader.next(into: &row) {
            names.insert(try #require(row.string(0)))
            for slot in paths.indices where row.kind(slot) != .absent { found[slot] += 1 }
            #expect(row.kind(3) == .absent || row.timestamp(3) != nil)
            #expect([.absent, .true, .false].contains(row.kind(1)))
        }
        #expect(reader.operationCount == 224)
        #expect(names.count == 224)
        #expect(reader.nextPageToken == nil)
        #expect(found == [224, 137, 213, 127, 211, 1])
    }
}
