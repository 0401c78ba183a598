import OperationsClient
import OpwatchCore
import Testing
import WireFormat

@Suite("error answers")
struct ErrorAnswerTests {
    private func failure(
        _ status: Int, _ body: String, type: String? = nil, retryAfter: [String] = []
    ) -> CallFailure {
        ErrorAnswer.failure(
            httpStatus: status, retryAfter: retryAfter,
            date: Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT"), contentType: type,
            body: Array(body.utf8))
    }

    private func message(_ status: Int, _ body: String) -> String? {
        switch failure(status, body) {
        case .throttled(let error), .unauthenticated(let error), .denied(let error),
            .notFound(let error), .unsupported(let error), .refused(let error):
            error.message
        case .wordless, .foreign, .unavailable, .malformed, .tooLarge, .timedOut, .notSent: nil
        }
    }

    private func code(_ status: Int, _ body: String) -> StatusCode? {
        switch failure(status, body) {
        case .throttled(let error), .unauthenticated(let error), .denied(let error),
            .notFound(let error), .unsupported(let error), .refused(let error):
            error.code
        case .wordless, .foreign, .unavailable, .malformed, .tooLarge, .timedOut, .notSent: nil
        }
    }

    @Test(
        "a number that is no code says nothing, whatever its size",
        arguments: [
            "0", "17", "-1", "9223372036854775807", "-9223372036854775808",
            "99999999999999999999", "\"-9223372036854775808\"", "1e300",
        ])
    func absurdCodes(code: String) {
        for body in [#"{"error":{"code":\#(code)}}"#, #"{"code":\#(code),"message":"m"}"#] {
            guard case .unavailable = failure(503, body) else {
                Issue.record("\(body): \(failure(503, body))")
                continue
            }
        }
    }

    @Test("the envelope's status decides before the number", arguments: StatusCode.allCases)
    func envelope(code: StatusCode) {
        let kinds: [StatusCode: String] = [
            .invalidArgument: "refused", .failedPrecondition: "refused", .outOfRange: "refused",
            .aborted: "refused", .alreadyExists: "refused", .unauthenticated: "unauthenticated",
            .permissionDenied: "denied", .notFound: "notFound", .unimplemented: "unsupported",
            .resourceExhausted: "throttled",
        ]
        let kind = kinds[code] ?? "unavailable, sent: maybe"
        let name = code.rawValue
        for status in [400, 403, 404, 500, 501, 503] {
            for inner in [#""code":\#(status),"#, #""code":5,"#, ""] {
                let members = #"{\#(inner)"status":"\#(name)","message":"m"}"#
                #expect(failure(status, #"{"error":\#(members)}"#).kind == kind)
                #expect(failure(status, members).kind == kind)
            }
        }
    }

    @Test(
        "numbers 1 to 16 under code are gRPC's, any other is the HTTP status once more",
        arguments: [
            (0, "refused"), (1, "unavailable, sent: maybe"), (3, "refused"), (5, "notFound"),
            (7, "denied"), (8, "throttled"), (9, "refused"), (12, "unsupported"),
            (16, "unauthenticated"), (17, "refused"), (-5, "refused"), (403, "refused"),
        ])
    func number(number: Int, kind: String) {
        #expect(failure(400, #"{"error":{"code":\#(number),"message":"m"}}"#).kind == kind)
        #expect(failure(400, #"{"code":\#(number),"message":"m"}"#).kind == kind)
        #expect(failure(400, #"{"code":"\#(number)","message":"m"}"#).kind == kind)
    }

    @Test(
        "where no status does, a reason names the code",
        arguments: [
            ("failedPrecondition", StatusCode.failedPrecondition),
            ("FAILED_PRECONDITION", .failedPrecondition), ("notFound", .notFound),
            ("aborted", .aborted), ("failed", .invalidArgument), ("", .invalidArgument),
        ])
    func reason(reason: String, code: StatusCode) {
        let errors = #""errors":[{"domain":"x"},{"reason":"\#(reason)"}]"#
        #expect(self.code(400, #"{"error":{\#(errors)}}"#) == code)
        #expect(self.code(400, "{\(errors)}") == code)
        let both = #"{"error":{"status":"OUT_OF_RANGE",\#(errors)}}"#
        #expect(self.code(400, both) == .outOfRange)
    }

    @Test(
        "without an envelope the number decides, but 403, 404 and 501 speak for nobody",
        arguments: [
            "[]", #"[{"error":{"status":"NOT_FOUND"}}]"#, "{}", #"{"error":{"status":404}}"#,
            #"{"error":{}}"#, #"{"error":null}"#, #"{"error":" "}"#, #"{"errors":[]}"#,
            #"{"errors":["x"]}"#, #"{"errors":[{"code":7}]}"#, #"{"code":403}"#,
            #"{"message":"m"}"#, #"{"status":"error","message":"m"}"#, #"{"title":""}"#,
            #"{"error":{"status":"NOT_FOUND"}"#, #"{"error":{"status":"NOT_FOUND","status":"x"}}"#,
        ])
    func noEnvelope(body: String) {
        let kinds = [
            400: "refused", 401: "unauthenticated", 403: "foreign", 404: "foreign", 405: "refused",
            408: "unavailable, sent: maybe", 409: "refused", 410: "refused", 411: "refused",
            412: "refused", 422: "refused", 425: "unavailable, sent: maybe", 429: "throttled",
            499: "unavailable, sent: maybe", 500: "unavailable, sent: maybe", 501: "foreign",
            502: "unavailable, sent: maybe", 503: "unavailable, sent: maybe",
            504: "unavailable, sent: maybe", 599: "unavailable, sent: maybe",
            302: "malformed", 304: "malformed", 600: "malformed", 999: "malformed",
        ]
        for (status, kind) in kinds { #expect(failure(status, body).kind == kind) }
    }

    @Test(
        "a page is nobody's answer, by its type or by its look",
        arguments: [
            ("x", "text/html"), ("x", "TEXT/HTML ; charset=x"), ("{}", "application/xhtml+xml"),
            ("<html>", nil), (" \r\n\t<!DOCTYPE", "application/json"),
            ("\u{FEFF} <a>", "text/plain"),
            (#"<?xml version="1.0"?>"#, "application/xml"),
        ] as [(String, String?)])
    func page(body: String, type: String?) {
        let kinds = [
            400: "foreign", 401: "unauthenticated", 402: "foreign", 403: "foreign", 404: "foreign",
            405: "foreign", 408: "unavailable, sent: maybe", 409: "foreign", 410: "foreign",
            412: "foreign", 422: "foreign", 425: "unavailable, sent: maybe", 429: "throttled",
            499: "foreign", 500: "unavailable, sent: maybe", 501: "foreign",
            502: "unavailable, sent: maybe",
        ]
        for (status, kind) in kinds { #expect(failure(status, body, type: type).kind == kind) }
        #expect(failure(503, body, type: type, retryAfter: ["7"]).retryAfter == .seconds(7))
        #expect(failure(429, body, type: type, retryAfter: ["7"]).retryAfter == .seconds(7))
    }

    @Test("an empty body says nothing of 403, 404 and 501, whatever its type")
    func empty() {
        for (body, type) in [("", nil), (" \n", nil), ("", "text/html"), ("", "application/json")] {
            for status in [403, 404, 501] {
                #expect(failure(status, body, type: type) == .wordless(http: status))
            }
            #expect(failure(400, body, type: type).kind == "refused")
            #expect(failure(503, body, type: type).kind == "unavailable, sent: maybe")
        }
    }

    @Test(
        "plain text speaks for the service, other bytes do not",
        arguments: [
            ("gone", nil, "notFound"), ("gone", "text/plain", "notFound"), ("gone", "", "notFound"),
            ("gone", "application/json", "foreign"), ("gone", "image/png", "foreign"),
            ("[x", "text/plain", "foreign"), ("{x", nil, "foreign"),
        ] as [(String, String?, String)])
    func text(body: String, type: String?, kind: String) {
        #expect(failure(404, body, type: type).kind == kind)
        let bytes = ErrorAnswer.failure(
            httpStatus: 404, retryAfter: [], date: nil, contentType: nil, body: [0xFF, 0x41])
        #expect(bytes.kind == "foreign")
    }

    @Test(
        "the service's own words are found in each envelope",
        arguments: [
            (#"{"error":{"code":400,"message":"m"}}"#, "m"), (#"{"code":9,"message":"m"}"#, "m"),
            (#"{"error":"e"}"#, "e"), (#"{"error":"e","error_description":"d"}"#, "e: d"),
            (#"{"error":"e","message":"m","code":9}"#, "m"),
            (#"{"errors":[{"message":"m"},{"message":"n"}]}"#, "m"),
            (#"{"errors":[{"reason":"r"}]}"#, "r"),
            (#"{"error":{"errors":[{"reason":"r"}]}}"#, "r"),
            (#"{"title":"t"}"#, "t"), (#"{"detail":"d"}"#, "d"),
            (#"{"title":"t","detail":"d","status":400}"#, "t: d"), (" plain \n", "plain"),
            (#"{"error":{"code":400}}"#, ""), (#"{"code":9}"#, ""), (#"{"status":"ABORTED"}"#, ""),
            (#"{"error":{"code":400,"message":"  "}}"#, ""), ("{}", ""), ("", ""),
            (#"{"message":"m"}"#, #"{"message":"m"}"#),
        ])
    func envelopeWords(body: String, words: String) {
        #expect(message(400, body) == words)
    }

    @Test("a success that is an error gives its words, anything else none")
    func wordsInSuccess() {
        let words = { (body: String) in ErrorAnswer.words(in: Array(body.utf8)) }
        #expect(
            words(#"{"error":{"code":500,"status":"INTERNAL","message":"backend exploded"}}"#)
                == "INTERNAL: backend exploded")
        #expect(words(#"{"error":"a\nb"}"#) == #"a\nb"#)
        #expect(words(#"{"error":{"code":500}}"#) == nil)
        #expect(words("{}") == nil && words("") == nil && words("<html>") == nil)
    }

    @Test(
        "a 403 with a rate-limit reason is a throttle",
        arguments: [
            (#""errors":[{"domain":"usageLimits","reason":"rateLimitExceeded"}]"#, "throttled"),
            (#""errors":[{"reason":"userRateLimitExceeded"}]"#, "throttled"),
            (#""errors":[{"reason":"quotaExceeded"}]"#, "throttled"),
            (#""errors":[{"reason":"dailyLimitExceeded"}]"#, "throttled"),
            (#""errors":[{"reason":"accessNotConfigured"}]"#, "denied"),
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
        #expect(failure(403, #"{"code":7,\#(part)}"#).kind == kind)
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
        #expect(message(403, body) == #"no\nway\u{1b}[31m \u{202e}!"#)
        let long = String(repeating: "é", count: 300)
        let cut = RemoteText.clean(long)
        #expect(cut == String(repeating: "é", count: 126) + "…")
        #expect(cut.utf8.count <= RemoteText.bytesMax)
        #expect(message(400, long) == cut)
        #expect(RemoteText.clean("plain text") == "plain text")
        #expect(
            failure(404, "<html>\u{202e}" + long)
                == .foreign(
                    http: 404,
                    reason: #"HTML or XML, begins <html>\u{202e}"#
                        + String(repeating: "é", count: 31)
                        + "…"))
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
