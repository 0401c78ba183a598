import Testing
import WireFormat

@Suite("Secrets in what others wrote")
struct RedactionTests {
    private static let token = "ya29.a0Af+Zz/123=456-end"

    @Test(
        "a secret is taken out in each form that a server may quote it in",
        arguments: [
            ("the token \(token) is bad", "the token [x] is bad"),
            ("grant=ya29.a0Af%2BZz%2F123%3D456-end&a=b", "grant=[x]&a=b"),
            ("grant=ya29.a0Af%2bZz%2f123%3d456-end&a=b", "grant=[x]&a=b"),
            (#"{"t":"ya29.a0Af+Zz\/123=456-end"}"#, #"{"t":"[x]"}"#),
            ("\(token)\(token)", "[x]"), ("a \(token), b \(token)", "a [x], b [x]"),
            // What is cut off, and the one before it that begins alike.
            ("cut ya29.a0Af+Zz/1", "cut [x]"), ("old ya29.a0Af+Zz/other-one", "old [x]"),
            ("ya29.a0Af+Z", "ya29.a0Af+Z"), ("nothing", "nothing"), ("", ""),
        ])
    func forms(text: String, shown: String) {
        #expect(Redaction([Self.token], mark: "[x]").apply(to: text) == shown)
    }

    @Test("a short one is found whole alone, and an empty one nowhere")
    func short() {
        #expect(Redaction(["pw"], mark: "*").apply(to: "pwd of p is pw") == "*d of p is *")
        #expect(Redaction([""], mark: "*").apply(to: "abc") == "abc")
        #expect(Redaction([], mark: "*").apply(to: "abc") == "abc")
    }

    @Test("a character that combines with the last one hides nothing")
    func combining() {
        let text = "secret-of-mine\u{301} x"
        #expect(!Redaction(["secret-of-mine"], mark: "*").apply(to: text).contains("mine"))
    }

    @Test("where a long text is cut, no beginning of a secret is left")
    func cut() {
        let text = String(repeating: "-", count: (64 << 10) - 11) + Self.token
        #expect(!Redaction([Self.token], mark: "*").apply(to: text).contains("ya29"))
    }
}
