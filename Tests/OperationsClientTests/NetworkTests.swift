import NIOCore
import NIOPosix
import NIOSSL
import OperationsClient
import OpwatchCore
import Testing

@Suite("Proxies and authorities")
struct NetworkTests {
    private let world = TestWorld()

    /// What a service at an address is asked through a proxy that answers so.
    private func throughProxy(
        _ endpoint: String, user: String? = nil, reply: Reply,
        _ check: (CallFailure?, [String]) throws -> Void
    ) async throws {
        try await ScriptedServer.run(reply: { _, _ in reply }) { server in
            let pool = HTTPPool(
                longestInterval: .seconds(60),
                proxy: ProxyServer(
                    host: "127.0.0.1", port: server.port, user: user, password: "PLANTED"))
            let client = world.client(endpoint, pool: pool)
            let got = await failure { () throws(CallFailure) in
                try await client.getOnce("operations/x")
            }
            await pool.shutdown()
            try check(got, server.requests)
        }
    }

    @Test("a proxy is asked for a tunnel and shown what it wants to see; the request goes through")
    func through() async throws {
        try await throughProxy("http://ml.test/v1", user: "u", reply: .answer()) { got, requests in
            #expect(got == nil)
            let tunnel = try #require(requests.first)
            #expect(tunnel.hasPrefix("CONNECT ml.test:80 HTTP/1.1\r\n"))
            #expect(tunnel.lowercased().contains("proxy-authorization: basic dtpqtefoveve\r\n"))
            let request = try #require(requests.dropFirst().first)
            #expect(request.hasPrefix("GET /v1/operations/x HTTP/1.1\r\n"))
            #expect(request.contains("Host: ml.test\r\n"))
            #expect(!request.lowercased().contains("proxy-authorization"))
        }
    }

    @Test(
        "a tunnel that does not come is told, and nothing was sent through it",
        arguments: [
            (407, "the proxy wants a user and password"), (403, "the proxy refuses the connection"),
            (502, "the proxy refuses the connection"),
        ])
    func tunnel(status: Int, words: String) async throws {
        try await throughProxy("https://ml.test/v1", reply: .answer(status)) { got, requests in
            #expect(got == .unavailable(reason: words, retryAfter: nil, sent: .no))
            #expect(requests.first?.hasPrefix("CONNECT ml.test:443 HTTP/1.1\r\n") == true)
        }
    }

    @Test(
        "the environment names the proxy, as it does for other programs",
        arguments: [
            (["https_proxy": "http://p:8080"], "ml.test", true, "p:8080"),
            (["HTTPS_PROXY": "http://p:8080/"], "ml.test", true, "p:8080"),
            (["https_proxy": "a:1", "HTTPS_PROXY": "b:2"], "ml.test", true, "a:1"),
            (["HTTPS_PROXY": "p"], "ml.test", true, "p:3128"),
            (["HTTPS_PROXY": "http://u:p%40ss@p:1"], "ml.test", true, "p:1"),
            (["HTTPS_PROXY": "http://[::2]:1"], "ml.test", true, "::2:1"),
            (["HTTPS_PROXY": "p:1"], "ml.test", false, nil),
            (["http_proxy": "p:1"], "ml.test", false, "p:1"),
            // What a web server makes of a header of a request.
            (["HTTP_PROXY": "p:1"], "ml.test", false, nil),
            (["HTTPS_PROXY": "p:1"], "127.0.0.1", true, nil),
            (["HTTPS_PROXY": "p:1"], "localhost", true, nil),
            (["HTTPS_PROXY": "p:1", "NO_PROXY": "x.test, ml.test"], "ml.test", true, nil),
            (["HTTPS_PROXY": "p:1", "NO_PROXY": ".test"], "ml.test", true, nil),
            (["HTTPS_PROXY": "p:1", "no_proxy": "*.test"], "ML.test", true, nil),
            (["HTTPS_PROXY": "p:1", "NO_PROXY": "*"], "ml.test", true, nil),
            (["HTTPS_PROXY": "p:1", "NO_PROXY": "l.test,test.ml.test,,"], "ml.test", true, "p:1"),
        ] as [([String: String], String, Bool, String?)])
    func environment(
        variables: [String: String], host: String, isSecure: Bool, proxy: String?
    ) throws {
        let named = try ProxyServer.named(for: host, isSecure: isSecure) { variables[$0] }
        #expect(named?.description == proxy)
    }

    @Test(
        "a variable that names no proxy is an error that does not repeat it",
        arguments: [
            "https://p:1", "socks5://p:1", "http://u:PLANTED@:1", "p:99999", "http://", "p q",
        ])
    func unusable(value: String) {
        do throws(CallFailure) {
            _ = try ProxyServer.named(for: "ml.test", isSecure: true) {
                $0 == "HTTPS_PROXY" ? value : nil
            }
            Issue.record("\(value) was taken")
        } catch {
            #expect(error.description.contains("$HTTPS_PROXY is not http://"))
            #expect(!error.description.contains("PLANTED") && !error.description.contains("p:9"))
        }
    }

    @Test("a proxy shows its address and not what it is shown")
    func secret() {
        let proxy = ProxyServer(host: "p", port: 1, user: "PLANTED", password: "PLANTED")
        var text = "\(proxy) \(String(reflecting: proxy))"
        dump(proxy, to: &text)
        #expect(!text.contains("PLANTED"))
    }

    @Test("no proxy stands between this machine and itself, whatever the policy names")
    func loopback() async throws {
        let pools = HTTPPools(longestInterval: .seconds(60)) { _ in nil }
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            var network = NetworkSettings()
            network.proxy = .server(host: "127.0.0.1", port: 1)
            let pool = try pools.pool(to: "127.0.0.1", isSecure: false, network)
            let got = await failure { () throws(CallFailure) in
                try await world.client(server.base, pool: pool).getOnce("operations/x")
            }
            #expect(got == nil)
        }
        await pools.shutdown()
    }

    @Test("an authority of one's own is trusted where its file is named, and nowhere else")
    func authority() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write(TLSTests.certificate, to: "ca.pem")
        let context = try NIOSSLContext(configuration: TLSTests.configuration())
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    let pipeline = child.pipeline.syncOperations
                    try pipeline.addHandlers(
                        [NIOSSLServerHandler(context: context), EmptyAnswer()])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let base = "https://127.0.0.1:\(channel.localAddress?.port ?? 0)"
        let pool = HTTPPool(
            longestInterval: .seconds(60), authorities: directory.path + "/ca.pem")
        let client = world.client(base, pool: pool)
        let trusted = await failure { () throws(CallFailure) in
            try await client.getOnce("operations/x")
        }
        let untrusted = await failure { () throws(CallFailure) in
            try await world.client(base).getOnce("operations/x")
        }
        await pool.shutdown()
        try await channel.close()
        #expect(trusted == nil)
        #expect(untrusted != nil)
    }

    @Test("a file of authorities that cannot be used stops each call, and is named")
    func noAuthority() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write("no certificate", to: "ca.pem")
        for name in ["ca.pem", "missing.pem"] {
            let pool = HTTPPool(
                longestInterval: .seconds(60), authorities: directory.path + "/" + name)
            let got = await failure { () throws(CallFailure) in
                try await world.client("https://127.0.0.1:1", pool: pool).getOnce("operations/x")
            }
            #expect(got?.kind == "notSent")
            #expect(got?.description.contains("\(name) cannot be read, or holds no") == true)
        }
    }
}

/// Answers the first bytes of a connection with an empty object.
private final class EmptyAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
