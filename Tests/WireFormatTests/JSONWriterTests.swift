import Testing
import WireFormat

@Suite("JSON writer")
struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("commas and colons stand where they belong")
    func structure() {
        let written = text {
            $0.beginObject()
            $0.key("a")
            $0.beginArray()
            $0.integer(-1)
            $0.unsigned(2)
            $0.beginObject()
            $0.endObject()
            $0.beginArray()
            $0.endArray()
            $0.null()
            $0.endArray()
            $0.key("b")
            $0.bool(true)
            $0.key("c")
            $0.raw(Array("{\"x\":1}".utf8)[...])
            $0.key("d")
            $0.bool(false)
            $0.endObject()
        }
        #expect(written == #"{"a":[-1,2,{},[],null],"b":true,"c":{"x":1},"d":false}"#)
    }

    @Test(
        "strings are ASCII",
        arguments: [
            ("", #""""#), ("plain ~!", #""plain ~!""#), ("a\"b\\c/", #""a\"b\\c/""#),
            ("\n\r\t", #""\n\r\t""#), ("\u{0}\u{1F}\u{7F}", #""\u0000\u001f\u007f""#),
            ("é", #""\u00e9""#), ("\u{FFFF}", #""\uffff""#), ("😀", #""\ud83d\ude00""#),
            ("\r\n", #""\r\n""#), ("e\u{301}", #""e\u0301""#), ("\u{10FFFF}", #""\udbff\udfff""#),
        ])
    func strings(value: String, json: String) {
        #expect(text { $0.string(value) } == json)
    }

    @Test(
        "a character that needs an escape is found at every place of a long text",
        arguments: ["\"", "\\", "\u{1F}", "\u{7F}", "é"])
    func escapes(character: String) {
        let escaped = text { $0.string(character) }.dropFirst().dropLast()
        for place in 0...70 {
            let (front, back) = (String(repeating: "~", count: place), " ")
            #expect(text { $0.string(front + character + back) } == "\"\(front)\(escaped)\(back)\"")
        }
    }

    @Test("an instant is written as its description in quotes")
    func time() {
        let half = Timestamp(seconds: -1, nanoseconds: 500_000_000)
        for time in [Timestamp.earliest, .latest, half] {
            #expect(time.map { time in text { $0.time(time) } } == time.map { "\"\($0)\"" })
        }
    }

    @Test("integers reach from end to end")
    func integers() {
        #expect(text { $0.integer(.min) } == "-9223372036854775808")
        #expect(text { $0.integer(.max) } == "9223372036854775807")
        #expect(text { $0.unsigned(.max) } == "18446744073709551615")
    }

    @Test("an emptied writer begins again without a comma")
    func reuse() {
        var writer = JSONWriter()
        writer.integer(1)
        writer.removeAll(keepingCapacity: true)
        #expect(writer.bytes.isEmpty)
        writer.integer(2)
        #expect(writer.bytes == Array("2".utf8))
    }

    @Test("what is written reads back the same")
    func roundTrip() throws {
        let odd = "\u{0}\u{8}\u{c}\"\\/ é 😀 \u{2028} \u{FFFD} end"
        var writer = JSONWriter()
        writer.beginObject()
        writer.key(odd)
        writer.string(odd)
        writer.endObject()
        let path = FieldPath(segments: [FieldSegment(odd, isQuoted: true)])
        let fields = FieldSet([path])
        var row = FieldRow()
        try ObjectReader.read(writer.bytes, fields: fields, limits: .body, into: &row)
        #expect(row.string(0) == odd)
    }
}
