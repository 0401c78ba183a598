import OperationsClient
import OpwatchCore
import Testing
import WireFormat

@Suite("error answers")
struct ErrorAnswerTests {
    private func failure(_ status: Int, _ body: String, retryAfter: [String] = []) -> CallFailure {
        ErrorAnswer.failure(
            httpStatus: status, retryAfter: retryAfter,
            date: Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT"), body: Array(body.utf8))
    }

    @Test(
        "the envelope's status decides before the number",
        arguments: [
            (400, "INVALID_ARGUMENT", "invalidArgument"),
            (400, "FAILED_PRECONDITION", "precondition"),
            (400, "OUT_OF_RANGE", "invalidArgument"), (401, "UNAUTHENTICATED", "unauthenticated"),
            (403, "PERMISSION_DENIED", "denied"), (404, "NOT_FOUND", "notFound"),
            (409, "ABORTED", "unavailable, sent: maybe"),
            (409, "ALREADY_EXISTS", "invalidArgument"),
            (429, "RESOURCE_EXHAUSTED", "throttled"),
            (499, "CANCELLED", "unavailable, sent: maybe"),
            (500, "INTERNAL", "unavailable, sent: maybe"),
            (500, "UNKNOWN", "unavailable, sent: maybe"),
            (500, "DATA_LOSS", "unavailable, sent: maybe"), (501, "UNIMPLEMENTED", "unsupported"),
            (503, "UNAVAILABLE", "unavailable, sent: maybe"),
            (504, "DEADLINE_EXCEEDED", "unavailable, sent: maybe"),
            (400, "UNIMPLEMENTED", "unsupported"), (500, "FAILED_PRECONDITION", "precondition"),
            (404, "OK", "notFound"), (403, "SOMETHING_NEW", "denied"),
        ])
    func envelope(number: Int, status: String, kind: String) {
        let body = #"{"error":{"code":\#(number),"message":"m","status":"\#(status)"}}"#
        #expect(failure(number, body).kind == kind)
    }

    @Test(
        "without an envelope the number decides",
        arguments: [
            "", "<html>404</html>", "[]", #"[{"error":{"status":"NOT_FOUND"}}]"#, "{}",
            #"{"error":"invalid_grant","error_description":"x"}"#, #"{"error":{"status":404}}"#,
            #"{"error":{"status":"NOT_FOUND"}"#, #"{"error":{"status":"NOT_FOUND","status":"x"}}"#,
        ])
    func number(body: String) {
        let kinds = [
            400: "invalidArgument", 401: "unauthenticated", 403: "denied", 404: "notFound",
            405: "invalidArgument", 408: "unavailable, sent: maybe", 409: "invalidArgument",
            411: "invalidArgument", 425: "unavailable, sent: maybe", 429: "throttled",
            499: "unavailable, sent: maybe", 500: "unavailable, sent: maybe", 501: "unsupported",
            502: "unavailable, sent: maybe", 503: "unavailable, sent: maybe",
            504: "unavailable, sent: maybe", 599: "unavailable, sent: maybe",
            302: "malformed", 304: "malformed", 600: "malformed", 999: "malformed",
        ]
        for (status, kind) in kinds { #expect(failure(status, body).kind == kind) }
    }

    @Test(
        "a 403 with a rate-limit reason is a throttle",
        arguments: [
            (#""errors":[{"domain":"usageLimits","reason":"rateLimitExceeded"}]"#, "throttled"),
            (#""errors":[{"reason":"userRateLimitExceeded"}]"#, "throttled"),
            (
                #""details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","#
                    + #""reason":"RATE_LIMIT_EXCEEDED"}]"#,
                "throttled"
            ),
            (
                #""details":[{"reason":"RATE_LIMIT_EXCEEDED","@type":"x/google.rpc.ErrorInfo"}]"#,
                "throttled"
            ),
            (
                #""details":[{"@type":"x/google.rpc.Help","reason":"RATE_LIMIT_EXCEEDED"}]"#,
                "denied"
            ),
            (
                #""details":[{"@type":"x/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED"}]"#,
                "denied"
            ),
            (#""errors":[{"reason":"forbidden"}]"#, "denied"),
            (#""errors":"rateLimitExceeded""#, "denied"),
        ])
    func rateLimit(part: String, kind: String) {
        #expect(failure(403, #"{"error":{"code":403,\#(part)}}"#).kind == kind)
        let both = #"{"error":{"code":403,"status":"PERMISSION_DENIED",\#(part)}}"#
        #expect(failure(403, both).kind == kind)
    }

    @Test(
        "the larger of Retry-After and RetryInfo counts",
        arguments: [
            ("5", "2s", 5), ("5", "53s", 53), ("0", "0s", 0),
            ("Sun, 06 Nov 1994 08:50:37 GMT", "2s", 60),
        ])
    func retryInfo(header: String, delay: String, seconds: Int) {
        let body = """
            {"error":{"status":"UNAVAILABLE","details":[
              {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"\(delay)"}]}}
            """
        #expect(failure(503, body, retryAfter: [header]).retryAfter == .seconds(seconds))
        #expect(failure(429, "", retryAfter: [header]).retryAfter != nil)
    }

    @Test("the server's words are kept short and harmless")
    func words() {
        let body =
            #"{"error":{"status":"PERMISSION_DENIED","message":"no\nway\u001b[31m \u202e!"}}"#
        #expect(failure(403, body) == .denied(message: #"no\nway\u{1b}[31m \u{202e}!"#))
        let long = String(repeating: "é", count: 300)
        let cut = RemoteText.clean(long)
        #expect(cut == String(repeating: "é", count: 126) + "…")
        #expect(cut.utf8.count <= RemoteText.bytesMax)
        #expect(RemoteText.clean("plain text") == "plain text")
        #expect(failure(404, "<html>") == .notFound)
        #expect(failure(400, "<html>") == .invalidArgument(message: "HTTP 400"))
    }
}

@Suite("Retry-After")
struct RetryAfterTests {
    private let date = Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT")

    @Test(
        "seconds and HTTP dates are read, absurd ones cut to an hour",
        arguments: [
            ("0", 0), ("7", 7), (" 7 ", 7), ("3600", 3_600), ("3601", 3_600),
            ("99999999999999999999999", 3_600), ("9223372036854775807", 3_600),
            ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:27 GMT", 0), ("Thu, 06 Nov 2994 08:49:37 GMT", 3_600),
        ])
    func forms(header: String, seconds: Int) {
        #expect(
            RetryAfter.longest(headers: [header], date: date, retryDelay: nil) == .seconds(seconds))
    }

    @Test("nonsense asks for nothing", arguments: ["", "-1", "1.5", "+5", "soon", "0x10", "٣"])
    func nonsense(header: String) {
        #expect(RetryAfter.longest(headers: [header], date: date, retryDelay: nil) == nil)
    }

    @Test("an HTTP date says nothing without the server's own date")
    func noDate() {
        let header = "Sun, 06 Nov 1994 08:49:47 GMT"
        #expect(RetryAfter.longest(headers: [header], date: nil, retryDelay: nil) == nil)
    }

    @Test("the largest counts, and a negative delay does not")
    func largest() {
        #expect(
            RetryAfter.longest(headers: ["1", "4"], date: nil, retryDelay: .seconds(3))
                == .seconds(4))
        #expect(RetryAfter.longest(headers: [], date: nil, retryDelay: .seconds(-3)) == nil)
        #expect(RetryAfter.longest(headers: [], date: nil, retryDelay: nil) == nil)
        #expect(
            RetryAfter.longest(headers: [], date: nil, retryDelay: .seconds(9_000))
                == .seconds(3_600))
    }
}
