import Testing
import WireFormat

@Suite("Lists that a tool saved as a bare array")
struct BareListTests {
    private func names(_ json: String, takesArray: Bool = true) throws -> [String?] {
        let fields = FieldSet([FieldPath("name")].compactMap { $0 })
        var reader = ListPageReader(Array(json.utf8), fields: fields, takesArray: takesArray)
        var row = FieldRow()
        var names: [String?] = []
        while try reader.next(into: &row) { names.append(row.string(0)) }
        #expect(reader.nextPageToken == nil)
        #expect(reader.operationCount == names.count)
        return names
    }

    @Test(
        "are read where that is asked for, and pages as ever",
        arguments: [
            ("[]", []), (" [ ]\n", []), (#"[{"name":"a"}]"#, ["a"]),
            (#"[ {"name":"a"} , {} ] "#, ["a", nil]),
            (#"{"operations":[{"name":"a"}]}"#, ["a"]),
        ] as [(String, [String?])])
    func read(json: String, expected: [String?]) throws {
        #expect(try names(json) == expected)
    }

    @Test("are no page otherwise", arguments: ["[]", #"[{"name":"a"}]"#])
    func refused(json: String) {
        #expect(throws: WireError.notAnObject(offset: 0)) { try names(json, takesArray: false) }
    }

    @Test(
        "are as strict as pages, and say where",
        arguments: [
            ("[", WireError.syntax(offset: 1)), ("[{}", .syntax(offset: 3)),
            ("[{},]", .syntax(offset: 4)), ("[] x", .trailingBytes(offset: 3)),
            (#"[{}],"a":1"#, .trailingBytes(offset: 4)), ("[1]", .notAnObject(offset: 1)),
            ("[[]]", .notAnObject(offset: 1)),
            (#"[{"name":"a","name":"b"}]"#, .duplicateKey(offset: 13)),
        ])
    func malformed(json: String, error: WireError) {
        #expect(throws: error) { try names(json) }
    }
}
