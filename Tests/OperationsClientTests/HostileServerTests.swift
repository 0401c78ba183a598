import OperationsClient
import OpwatchCore
import Testing

/// Answers that are broken on purpose.
@Suite("hostile servers")
struct HostileServerTests {
    private let world = TestWorld()

    private func getOnce(
        _ reply: Reply, greeting: Reply? = nil, endsTime: Bool = false,
        bodyBytesMax: Int = 1_000
    ) async throws -> (body: [UInt8]?, failure: CallFailure?) {
        try await ScriptedServer.run(
            greeting: greeting,
            reply: { [world] _, _ in
                if endsTime { world.endTime() }
                return reply
            }
        ) { server in
            let client = world.client(server.base, bodyBytesMax: bodyBytesMax)
            do throws(CallFailure) {
                return (try await client.getOnce("operations/x").body, nil)
            } catch {
                return (nil, error)
            }
        }
    }

    private static let head = "HTTP/1.1 200 OK\r\n"

    @Test(
        "the time limit covers the body and not only the head",
        arguments: [
            Reply.raw(head + "Content-Length: 100\r\n\r\n{"),
            .raw(head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"), .silence,
        ])
    func slowBody(reply: Reply) async throws {
        let got = try await getOnce(reply, endsTime: true)
        #expect(got.failure == .timedOut(after: TestWorld.requestTime, sent: .maybe))
    }

    @Test(
        "a body up to the limit is read, one byte more is refused",
        arguments: [
            (1_000, false), (1_000, true), (1_001, false), (1_001, true),
        ])
    func bodyLimit(bytes: Int, isChunked: Bool) async throws {
        let body = String(repeating: "x", count: bytes)
        let chunked = """
            \(Self.head)Transfer-Encoding: chunked\r\n\r
            \(String(bytes, radix: 16))\r\n\(body)\r\n0\r\n\r\n
            """
        let got = try await getOnce(isChunked ? .raw(chunked) : .answer(200, body))
        #expect(got.body?.count == (bytes == 1_000 ? bytes : nil))
        #expect(got.failure == (bytes == 1_000 ? nil : .tooLarge(limitBytes: 1_000)))
    }

    @Test(
        "a promised length over the limit is refused without waiting for the bytes",
        arguments: [
            "1001", "99999999999", "9223372036854775807",
        ])
    func promisedLength(length: String) async throws {
        let got = try await getOnce(.raw(Self.head + "Content-Length: \(length)\r\n\r\n{}"))
        #expect(got.failure == .tooLarge(limitBytes: 1_000))
    }

    @Test(
        "a length that is no number, negative or given twice differently is malformed",
        arguments: [
            "Content-Length: x", "Content-Length: -1", "Content-Length: 99999999999999999999",
            "Content-Length: 2\r\nContent-Length: 3",
        ])
    func strangeLength(header: String) async throws {
        let got = try await getOnce(.raw(Self.head + header + "\r\n\r\n{}", .close))
        #expect(got.failure?.kind == "malformed")
    }

    @Test("bytes behind the promised length do not reach the body")
    func trailingBytes() async throws {
        let got = try await getOnce(.raw(Self.head + "Content-Length: 2\r\n\r\n{}{}"))
        #expect(got.body == Array("{}".utf8))
    }

    @Test(
        "a body that ends early is no answer",
        arguments: [
            "Content-Length: 10\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\n{}", "Content-Le",
        ])
    func truncated(rest: String) async throws {
        let got = try await getOnce(.raw(Self.head + rest, .close))
        #expect(got.failure?.kind == "unavailable, sent: maybe")
    }

    @Test("a compressed body stays as it came")
    func compressed() async throws {
        let bytes: [UInt8] = [0x1F, 0x8B, 0x08, 0x00]
        var reply = Reply.raw(Self.head + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n")
        reply.bytes += bytes
        #expect(try await getOnce(reply).body == bytes)
    }

    @Test("a huge header, or too many, is no page that smaller pages would help")
    func headers() async throws {
        let long = "X: " + String(repeating: "x", count: 90_000) + "\r\n"
        let many = String(repeating: "X: y\r\n", count: 300)
        for headers in [long, many] {
            let got = try await getOnce(.raw(Self.head + headers + "Content-Length: 2\r\n\r\n{}"))
            #expect(got.failure == .malformed(reason: "too many or too long headers"))
        }
    }

    @Test(
        "head and framing over 1 MiB end the call, whatever they are made of",
        arguments: [
            ("HTTP/1.1 100 Continue\r\n\r\n", head + "Content-Length: 2\r\n\r\n{}"),
            ("HTTP/1.1 103 X\r\nLink: <x>\r\n\r\n", head + "Content-Length: 2\r\n\r\n{}"),
        ])
    func informational(piece: String, answer: String) async throws {
        let pieces = (1 << 20) / piece.utf8.count
        let below = String(repeating: piece, count: pieces - 10)
        #expect(try await getOnce(.raw(below + answer)).body == Array("{}".utf8))
        let over = String(repeating: piece, count: pieces + 10)
        #expect(try await getOnce(.raw(over)).failure == Self.overhead)
    }

    @Test("chunks of one byte, chunk extensions and trailers count, the bytes of the body do not")
    func framing() async throws {
        let start = Self.head + "Transfer-Encoding: chunked\r\n\r\n"
        let body = "\(String(2 << 20, radix: 16))\r\n\(String(repeating: "x", count: 2 << 20))\r\n"
        let whole = try await getOnce(.raw(start + body + "0\r\n\r\n"), bodyBytesMax: 2 << 20)
        #expect(whole.body?.count == 2 << 20)
        let extensions = "1;x=\(String(repeating: "y", count: 70_000))\r\nx\r\n"
        let endless = start + String(repeating: extensions, count: 20)
        #expect(try await getOnce(.raw(endless)).failure == Self.overhead)
        let small = start + String(repeating: "1\r\nx\r\n", count: 300_000)
        let got = try await getOnce(.raw(small), bodyBytesMax: 1 << 20)
        #expect(got.failure == Self.overhead)
        let trailer = "T: \(String(repeating: "y", count: 70_000))\r\n"
        let trailers = start + "2\r\n{}\r\n0\r\n" + String(repeating: trailer, count: 20)
        #expect(try await getOnce(.raw(trailers)).failure == Self.overhead)
    }

    @Test("each call has the whole limit, also on a connection that was used before")
    func overheadOfEachCall() async throws {
        let half = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 30_000)
        let answer = Self.head + "Content-Length: 2\r\n\r\n{}"
        try await ScriptedServer.run(reply: { _, _ in .raw(half + answer) }) { server in
            let client = world.client(server.base)
            for _ in 0..<4 { _ = try await client.getOnce("operations/x") }
            #expect(server.connections == 1)
        }
    }

    private static let overhead = CallFailure.malformed(
        reason: "more than 1048576 bytes of head and framing")

    @Test(
        "what is not HTTP is malformed",
        arguments: [
            "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 abc OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        ])
    func notHTTP(text: String) async throws {
        let got = try await getOnce(.raw(text))
        #expect(got.failure?.kind == "malformed")
    }

    @Test("a connection closed before or after the request gives no answer")
    func closed() async throws {
        #expect(try await getOnce(.close).failure?.kind == "unavailable, sent: maybe")
        let early = try await getOnce(.silence, greeting: .close)
        #expect(early.failure?.kind == "unavailable, sent: maybe")
    }

    @Test(
        "a redirect is refused and its target never asked",
        arguments: [301, 302, 303, 304, 307, 308])
    func redirect(status: Int) async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { other in
            let location = "Location: http://localhost:\(other.port)/v1/operations/x"
            let got = try await getOnce(.answer(status, "", headers: [location]))
            #expect(got.failure == .malformed(reason: "redirect refused (HTTP \(status))"))
            #expect(other.requests.isEmpty)
        }
    }

    @Test("an endless error page is still an error of its number")
    func endlessErrorPage() async throws {
        let page = String(repeating: "<p>", count: 1_000)
        let got = try await getOnce(.answer(404, page))
        #expect(got.failure?.kind == "foreign")
        let text = String(repeating: "gone ", count: 1_000)
        let own = try await getOnce(.answer(404, text)).failure
        #expect(own?.description.hasPrefix("not found, HTTP 404 NOT_FOUND: gone gone") == true)
    }

    @Test("a success without JSON is left to the reader", arguments: [(200, "<html>"), (204, "")])
    func noJSON(status: Int, body: String) async throws {
        #expect(try await getOnce(.answer(status, body)).body == Array(body.utf8))
    }

    @Test("a port where nobody listens was sent nothing")
    func refused() async throws {
        let port = try #require(SilentPort())
        let client = world.client("http://127.0.0.1:\(port.number)/v1")
        let got = await failure { () throws(CallFailure) in try await client.getOnce("operations/x")
        }
        #expect(got?.kind == "unavailable, sent: no")
        port.release()
    }
}
