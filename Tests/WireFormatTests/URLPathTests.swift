import Testing
import WireFormat

@Suite("Names in URLs")
struct URLPathTests {
    @Test(
        "everything but unreserved characters and slashes is encoded, a percent sign too",
        arguments: [
            ("projects/p/operations/op-1", "projects/p/operations/op-1"),
            ("operations/a:b?c#d", "operations/a%3Ab%3Fc%23d"),
            ("operations/100%", "operations/100%25"), ("a%2Fb", "a%252Fb"),
            ("a b+c", "a%20b%2Bc"), ("A-z_0.9~", "A-z_0.9~"), ("é", "%C3%A9"),
            ("\u{1F600}", "%F0%9F%98%80"), ("a/.b/b./...", "a/.b/b./..."),
            ("[x]@!$&'()*,;=", "%5Bx%5D%40%21%24%26%27%28%29%2A%2C%3B%3D"),
            ("\"\\^`{|}<>", "%22%5C%5E%60%7B%7C%7D%3C%3E"),
            ("\u{A0}", "%C2%A0"),
        ])
    func encodes(name: String, path: String) throws {
        #expect(try URLPath.encode(name) == path)
        #expect(try URLPath.encode(Substring(name)) == path)
    }

    @Test(
        "names that a URL would change or end are refused",
        arguments: [
            ("", .empty), ("/a", .emptySegment(offset: 0)), ("a/", .emptySegment(offset: 2)),
            ("a//b", .emptySegment(offset: 2)), ("/", .emptySegment(offset: 0)),
            (".", .dotSegment(offset: 0)), ("..", .dotSegment(offset: 0)),
            ("a/../b", .dotSegment(offset: 2)), ("a/./b", .dotSegment(offset: 2)),
            ("a/..", .dotSegment(offset: 2)), ("a\nb", .controlCharacter(offset: 1)),
            ("a\r\nb", .controlCharacter(offset: 1)), ("\u{0}", .controlCharacter(offset: 0)),
            ("a\u{7F}", .controlCharacter(offset: 1)), ("a\u{85}b", .controlCharacter(offset: 1)),
            ("ab\u{9F}", .controlCharacter(offset: 2)),
        ] as [(String, NameError)])
    func refuses(name: String, error: NameError) {
        #expect(throws: error) { try URLPath.encode(name) }
        #expect(!error.description.isEmpty)
    }

    @Test("a name has at most 1,024 bytes")
    func length() throws {
        #expect(try URLPath.encode(String(repeating: "a", count: 1_024)).utf8.count == 1_024)
        #expect(throws: NameError.tooLong(bytes: 1_025)) {
            try URLPath.encode(String(repeating: "a", count: 1_025))
        }
        #expect(throws: NameError.tooLong(bytes: 1_026)) {
            try URLPath.encode(String(repeating: "é", count: 513))
        }
    }

    @Test("a query's value keeps nothing but unreserved characters")
    func query() {
        #expect(URLPath.encodeQueryValue("") == "")
        #expect(URLPath.encodeQueryValue("NOT done = true") == "NOT%20done%20%3D%20true")
        #expect(URLPath.encodeQueryValue("a/b&c=d+e") == "a%2Fb%26c%3Dd%2Be")
        #expect(URLPath.encodeQueryValue("..\n") == "..%0A")
    }
}
