import OperationsClient
import Testing
import WireFormat

@Suite("bodies that cannot be read")
struct BodyContextTests {
    private func complaint(_ bytes: [UInt8]) -> String? {
        var reader = ListPageReader(bytes, fields: FieldSet([]))
        var row = FieldRow()
        do throws(WireError) {
            while try reader.next(into: &row) {}
            return nil
        } catch {
            return BodyContext.none.complaint(about: bytes, error)
        }
    }

    @Test(
        "what is no JSON says what it is, and JSON where it breaks",
        arguments: [
            ("", "an empty body instead of JSON"), (" \n", "an empty body instead of JSON"),
            ("<html>", "HTML or XML instead of JSON, begins <html>"),
            ("  hello\n", #"something instead of JSON, begins   hello\n"#),
            ("\u{FEFF}{}", #"something instead of JSON, begins \u{feff}{}"#),
            ("{", "byte 1: not JSON"), (#"{"operations":[}"#, "byte 15: not JSON"),
            ("[]", "byte 0: an object is required"), ("1", "byte 0: an object is required"),
            (#"{"error":"down"}"#, "an error instead of a list: down"),
            (#"{"error":{"code":500}}"#, "no operations, but error"),
            (#"{"error":"down","operations":1}"#, "byte 29: operations has the wrong type"),
        ])
    func complaints(body: String, words: String) {
        #expect(complaint(Array(body.utf8)) == words)
    }

    @Test("what is not text is not shown")
    func compressed() {
        #expect(complaint([0x1F, 0x8B, 0x08, 0x00]) == "gzip instead of JSON")
    }

    @Test("a body is shown up to 80 bytes, escaped")
    func bounded() {
        let words = complaint([0x1B] + [UInt8](repeating: 0x78, count: 1_000))
        let beginning = #"\u{1b}"# + String(repeating: "x", count: 71) + "…"
        #expect(words == "something instead of JSON, begins " + beginning)
    }
}
