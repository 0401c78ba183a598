import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import OpwatchCore
import Testing

@testable import OperationsClient

/// The same calls where a server offers HTTP/2: nothing is repeated that must not be.
@Suite("HTTP/2")
struct HTTP2Tests {
    private let world = TestWorld()

    private func run(
        reply: @escaping @Sendable (Int) -> HTTP2Server.Reply, compression: Bool = false,
        _ body: (HTTP2Server, OperationsClient) async throws -> Void
    ) async throws {
        var settings = HTTPPool.Settings(longestInterval: .seconds(60))
        settings.compression = compression
        settings.security.authorities = ConnectionSecurity.PEM(
            label: "ca", bytes: Array(TLSTests.certificate.utf8))
        let pool = try HTTPPool(settings)
        try await HTTP2Server.run(reply: reply) { server in
            try await body(server, world.client(server.base + "/v1", pool: pool))
        }
        await pool.shutdown()
    }

    private static let fine = HTTP2Server.Reply.frames([
        .head(200, [("date", "Sun, 06 Nov 1994 08:49:37 GMT")]), .data("{}"),
    ])

    @Test("gets and cancels go through one connection, whole")
    func whole() async throws {
        try await run(reply: { _ in Self.fine }) { server, client in
            let got = try await client.getOnce("operations/x")
            #expect(got.body == Array("{}".utf8) && got.time.date != nil)
            #expect(
                try await client.postCancel(of: "operations/x", expires: world.later).httpStatus
                    == 200)
            #expect(server.connections == 1)
            let (get, post) = (server.requests[0], server.requests[1])
            #expect(get[":method"] == ["GET"] && get[":path"] == ["/v1/operations/x"])
            #expect(get[":authority"].first?.hasPrefix("127.0.0.1:") == true && get["host"] == [])
            #expect(post[":method"] == ["POST"] && post[":path"] == ["/v1/operations/x:cancel"])
            #expect(post["content-length"] == ["2"])
        }
    }

    @Test("gzip is unpacked there, too")
    func compressed() async throws {
        let bytes = try CompressionTests.gzip(#"{"name":"operations/x"}"#)
        let reply = HTTP2Server.Reply.frames([
            .head(200, [("content-encoding", "gzip")]),
            .data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: true)),
        ])
        try await run(reply: { _ in reply }, compression: true) { server, client in
            let got = try await client.getOnce("operations/x")
            #expect(got.body == Array(#"{"name":"operations/x"}"#.utf8))
            #expect(server.requests[0]["accept-encoding"] == ["gzip"])
        }
    }

    @Test(
        "a cancel whose stream is reset may have arrived, and is sent once",
        arguments: [HTTP2ErrorCode.refusedStream, .internalError, .cancel])
    func reset(code: HTTP2ErrorCode) async throws {
        try await run(reply: { _ in .frames([.rstStream(code)]) }) { server, client in
            let got = await failure { () throws(CallFailure) in
                try await client.postCancel(of: "operations/x", expires: world.later)
            }
            #expect(got?.kind == "unavailable, sent: maybe")
            #expect(got?.description.contains("the server ended the request (HTTP/2") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test(
        "a cancel on a connection that is told to go away is sent once; the next call has a new one"
    )
    func goAway() async throws {
        try await run(reply: { $0 == 1 ? .goAway : Self.fine }) { server, client in
            let got = await failure { () throws(CallFailure) in
                try await client.postCancel(of: "operations/x", expires: world.later)
            }
            #expect(got?.kind == "unavailable, sent: maybe")
            #expect(server.requests.count == 1)
            #expect(await failure { () throws(CallFailure) in try await client.get("x") } == nil)
            #expect(server.connections == 2)
        }
    }

    @Test("a list or get is tried again where its stream is reset")
    func retried() async throws {
        try await run(reply: { $0 == 1 ? .frames([.rstStream(.refusedStream)]) : Self.fine }) {
            server, client in
            #expect(await failure { () throws(CallFailure) in try await client.get("x") } == nil)
            #expect(server.requests.count == 2 && server.connections == 1)
        }
    }

    @Test("an answer that never gets to its body is cut off")
    func overhead() async throws {
        let head = HTTP2Frame.FramePayload.head(
            103, [("link", String(repeating: "x", count: 8_000))])
        try await run(reply: { _ in .frames(Array(repeating: head, count: 200)) }) { _, client in
            let got = await failure { () throws(CallFailure) in
                try await client.getOnce("operations/x")
            }
            #expect(
                got
                    == .malformed(
                        reason: "more than \(OverheadMeter.bytesMax) bytes of head and framing"))
        }
    }

    /// No server at hand sends padding.
    @Test("padding counts as what is around a body, the body does not")
    func padding() throws {
        let channel = EmbeddedChannel(handler: StreamMeter())
        let body = ByteBuffer(repeating: 0x7B, count: 1 << 14)
        let part = { (padding: Int?) in
            HTTP2Frame.FramePayload.data(
                .init(data: .byteBuffer(body), endStream: false, paddingBytes: padding))
        }
        for _ in 0..<1_000 { try channel.writeInbound(part(nil)) }
        #expect(throws: OverheadMeter.Overflow.self) {
            for _ in 0..<4_000 { try channel.writeInbound(part(255)) }
        }
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a body over its limit is told as such, and the connection goes on")
    func tooLarge() async throws {
        let long = HTTP2Server.Reply.frames([
            .head(200), .data(String(repeating: "x", count: 1 << 20), isEnd: false), .data("xx"),
        ])
        try await run(reply: { $0 == 1 ? long : Self.fine }) { server, client in
            let got = await failure { () throws(CallFailure) in
                try await client.getOnce("operations/x")
            }
            #expect(got == .tooLarge(limitBytes: 1 << 20))
            #expect(await failure { () throws(CallFailure) in try await client.get("x") } == nil)
            #expect(server.connections == 1)
        }
    }
}
