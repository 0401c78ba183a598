import OperationsClient
import OpwatchCore
import Testing
import WireFormat

@Suite("endpoints")
struct ServiceURLTests {
    private func url(_ endpoint: String) -> ServiceURL? {
        do { return try ServiceURL(Endpoint(endpoint)) } catch { return nil }
    }

    @Test(
        "a plain endpoint is taken as it is",
        arguments: [
            ("https://ml.googleapis.com/v1", "ml.googleapis.com"),
            ("https://host", "host"), ("http://h:8080/dns/v1", "h:8080"),
            ("http://[::1]:8080/v1", "[::1]:8080"), ("https://h:65535/v1", "h:65535"),
        ])
    func good(endpoint: String, authority: String) {
        #expect(url(endpoint)?.base == endpoint)
        #expect(url(endpoint)?.origin.authority == authority)
        #expect(url(endpoint + "/")?.base == endpoint)
    }

    @Test(
        "anything unusual is refused",
        arguments: [
            "", "ml.googleapis.com", "ftp://h", "HTTP://h", "http://", "http:///v1", "http://u@h/",
            "http://u:p@h/", "http://127.0.0.1@evil.example/", "http://h:0/", "http://h:65536/",
            "http://h:/", "http://h:+1/", "http://h:8o/", "http://h/v1?x=y", "http://h/v1#x",
            "http://h/a b", "http://h\\evil", "http://h/../v1", "http://h/\n", "http://[::1",
            "http://[]/", "http://[::1]x/", "http://[h]/", "http://é/", "http+unix://x/",
        ])
    func bad(endpoint: String) {
        #expect(url(endpoint) == nil)
    }

    @Test(
        "a token is protected by TLS or by staying on this machine",
        arguments: [
            ("https://h", true), ("http://127.0.0.1", true), ("http://127.255.255.254:1", true),
            ("http://localhost:8080", true), ("http://LocalHost", true), ("http://[::1]", true),
            ("http://h", false), ("http://127.0.0.1.evil.example", false),
            ("http://128.0.0.1", false),
            ("http://127.0.0.256", false), ("http://127.1", false), ("http://0.0.0.0", false),
            ("http://[::2]", false), ("http://localhost.evil.example", false),
            ("http://10.0.0.1", false),
        ])
    func protection(endpoint: String, isProtected: Bool) {
        #expect(url(endpoint)?.protectsToken == isProtected)
    }

    @Test("a list whose URL would be too long is not sent")
    func tooLong() throws {
        let service = try ServiceURL(Endpoint("https://h"))
        let filter = String(repeating: "x", count: ServiceURL.bytesMax)
        #expect(throws: CallFailure.self) {
            try service.page(ListRequest(parent: "p", filter: filter, pageSize: 1))
        }
    }
}
