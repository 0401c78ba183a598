import NIOCore
import NIOPosix
import NIOSSL
import OpwatchCore
import Synchronization
import Testing
import WireFormat

@testable import OperationsClient

@Suite("Proxies and authorities")
struct NetworkTests {
    private let world = TestWorld()

    /// What a service at an address is asked through a proxy that answers so.
    private func throughProxy(
        _ endpoint: String, user: String? = nil, reply: Reply,
        _ check: (CallFailure?, Int, [String]) throws -> Void
    ) async throws {
        try await ScriptedServer.run(reply: { _, _ in reply }) { server in
            var settings = HTTPPool.Settings(longestInterval: .seconds(60))
            settings.proxy = ProxyServer(
                host: "127.0.0.1", port: server.port,
                user: user.map { ProxyUser(name: $0, password: "PLANTED") })
            let pool = try HTTPPool(settings)
            let client = world.client(endpoint, pool: pool)
            let got = await failure { () throws(CallFailure) in
                try await client.getOnce("operations/x")
            }
            await pool.shutdown()
            try check(got, server.port, server.requests)
        }
    }

    @Test("a proxy is asked for a tunnel and shown what it wants to see; the request goes through")
    func through() async throws {
        try await throughProxy("http://ml.test/v1", user: "u", reply: .answer()) {
            got, _, requests in
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
            (407, "wants a user and password that it knows"),
            (403, "refuses a tunnel to ml.test"), (502, "refuses a tunnel to ml.test"),
        ])
    func tunnel(status: Int, words: String) async throws {
        try await throughProxy("https://ml.test/v1", reply: .answer(status)) {
            got, port, requests in
            let reason = "the proxy 127.0.0.1:\(port) \(words)"
            #expect(got == .unavailable(reason: reason, retryAfter: nil, sent: .no))
            #expect(requests.first?.hasPrefix("CONNECT ml.test:443 HTTP/1.1\r\n") == true)
        }
    }

    @Test(
        "the environment names the proxy, as it does for other programs",
        arguments: [
            (["https_proxy": "http://p:8080"], "https://ml.test", "p:8080"),
            (["HTTPS_PROXY": "http://p:8080/"], "https://ml.test", "p:8080"),
            (["https_proxy": "a:1", "HTTPS_PROXY": "b:2"], "https://ml.test", "a:1"),
            (["HTTPS_PROXY": "p"], "https://ml.test", "p:3128"),
            (["HTTPS_PROXY": "http://u:p%40ss@p:1"], "https://ml.test", "p:1"),
            (["HTTPS_PROXY": "http://[::2]:1"], "https://ml.test", "[::2]:1"),
            (["HTTPS_PROXY": "p:1"], "http://ml.test", nil),
            (["http_proxy": "p:1"], "http://ml.test", "p:1"),
            // What a web server makes of a header of a request.
            (["HTTP_PROXY": "p:1"], "http://ml.test", nil),
            (["HTTPS_PROXY": "p:1"], "https://127.0.0.1", nil),
            (["HTTPS_PROXY": "p:1"], "https://localhost", nil),
            (["HTTPS_PROXY": "p:1"], "https://[0:0::1]", nil),
        ] as [([String: String], String, String?)])
    func environment(variables: [String: String], url: String, proxy: String?) throws {
        let named = try ProxyServer.named(for: try #require(WebOrigin(url))) { variables[$0] }
        #expect(named?.description == proxy)
    }

    @Test(
        "no_proxy names hosts, domains, addresses and networks, with or without a port",
        arguments: [
            ("x.test, ml.test", "ml.test", true), (".test", "ml.test", true),
            ("*.test", "ML.test", true), ("*", "ml.test", true),
            ("x.test ml.test", "ml.test", true),
            ("l.test,test.ml.test,,", "ml.test", false), ("ml.test:443", "ml.test", true),
            ("ml.test:8443", "ml.test", false), ("ml.test:8443", "ml.test:8443", true),
            ("10.0.0.0/8", "10.200.3.4", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/9", "10.127.255.255", true), ("10.0.0.0/9", "10.128.0.0", false),
            ("10.0.0.0/32", "10.0.0.0", true), ("0.0.0.0/0", "10.0.0.1", true),
            ("10.0.0.0/33", "10.0.0.0", false), ("10.0.0.0/x", "10.0.0.0", false),
            ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7:443", "10.0.0.7", true),
            ("0.0.7", "10.0.0.7", false), ("10.0.0.0/8", "ml.test", false),
            ("fd00::/8", "[fd12::1]", true), ("fd00::/8", "[fe80::1]", false),
            ("fd00::1", "[fd00:0::1]", true), ("[fd00::1]:443", "[fd00::1]", true),
            ("[fd00::1]:444", "[fd00::1]", false), (":443", "ml.test", false),
        ])
    func exemptions(list: String, authority: String, isExempt: Bool) throws {
        let origin = try #require(WebOrigin("https://" + authority))
        for name in ["no_proxy", "NO_PROXY"] {
            let variables = [name: list, "HTTPS_PROXY": "p:1"]
            #expect(try (ProxyServer.named(for: origin) { variables[$0] } == nil) == isExempt)
        }
    }

    @Test(
        "a variable that names no proxy is an error that does not repeat it",
        arguments: [
            "https://p:1", "socks5://p:1", "http://u:PLANTED@:1", "p:99999", "http://", "p q",
        ])
    func unusable(value: String) {
        do throws(CallFailure) {
            let origin = WebOrigin("https://ml.test")
            _ = try origin.map { (origin) throws(CallFailure) in
                try ProxyServer.named(for: origin) { $0 == "HTTPS_PROXY" ? value : nil }
            }
            Issue.record("\(value) was taken")
        } catch {
            #expect(error.description.contains("$HTTPS_PROXY is not http://"))
            #expect(!error.description.contains("PLANTED") && !error.description.contains("p:9"))
        }
    }

    @Test("a proxy shows its address and not what it is shown")
    func secret() {
        let proxy = ProxyServer(
            host: "p", port: 1, user: ProxyUser(name: "PLANTED", password: "PLANTED"))
        var text = "\(proxy) \(String(reflecting: proxy))"
        dump(proxy, to: &text)
        #expect(!text.contains("PLANTED"))
    }

    @Test("no proxy stands between this machine and itself, whatever the policy names")
    func loopback() async throws {
        let files = Files()
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            var network = NetworkSettings()
            network.proxy = .server(host: "127.0.0.1", port: 1, credentials: "missing")
            #expect(await files.get(server.base, network) == nil)
            // Nor does anybody compress what does not leave the machine.
            #expect(!server.requests.joined().lowercased().contains("accept-encoding"))
        }
        await files.pools.shutdown()
    }

    @Test("user and password of a proxy come out of a file, and anew once it has changed")
    func proxyCredentials() async throws {
        let files = Files()
        try await ScriptedServer.run(reply: { _, _ in .answer(407) }) { server in
            var network = NetworkSettings()
            network.proxy = .server(host: "127.0.0.1", port: server.port, credentials: "p")
            for (content, header) in [("u:PLANTED\n", "dTpQTEFOVEVE"), ("u:p:q\r\nx", "dTpwOnE=")] {
                files.write(content, to: "p")
                #expect(await files.get("https://ml.test", network) != nil)
                #expect(server.requests.last?.contains("Basic \(header)\r\n") == true)
            }
            for content in ["", "u", ":p", "u:\u{7}PLANTED"] {
                files.write(content, to: "p")
                let got = await files.get("https://ml.test", network)
                #expect(
                    got
                        == .notSent(
                            reason: "proxy_credentials p must hold USER:PASSWORD in its first line")
                )
            }
            network.proxy = .server(host: "127.0.0.1", port: server.port, credentials: "gone")
            #expect(
                await files.get("https://ml.test", network)
                    == .notSent(reason: "proxy_credentials: gone is not there"))
            #expect(server.requests.count == 2)
        }
        await files.pools.shutdown()
    }

    @Test("an authority of one's own is trusted where its file is named, and nowhere else")
    func authority() async throws {
        let files = Files()
        files.write(TLSTests.certificate, to: "/ca.pem")
        try await TLSServer.run { server in
            var network = NetworkSettings()
            network.authorities = "/ca.pem"
            #expect(await files.get(server.base, network) == nil)
            #expect(await files.get(server.base, NetworkSettings()) != nil)
        }
        await files.pools.shutdown()
    }

    @Test("SSL_CERT_FILE says whom to trust in the place of the machine's authorities")
    func environmentAuthority() async throws {
        let files = Files(["SSL_CERT_FILE": "/ca.pem"])
        try await TLSServer.run { server in
            let got = await files.get(server.base, NetworkSettings())
            #expect(got == .notSent(reason: "$SSL_CERT_FILE: /ca.pem is not there"))
            files.write(TLSTests.certificate, to: "/ca.pem")
            #expect(await files.get(server.base, NetworkSettings()) == nil)
            // Over plain http nobody has to be trusted.
            files.remove("/ca.pem")
            try await ScriptedServer.run(reply: { _, _ in .answer() }) { plain in
                #expect(await files.get(plain.base, NetworkSettings()) == nil)
            }
        }
        await files.pools.shutdown()
    }

    @Test(
        "a server that asks for a certificate gets the one of the files, the new one after a change"
    )
    func clientCertificate() async throws {
        let files = Files()
        files.write(TLSTests.certificate, to: "/ca.pem")
        try await TLSServer.run(asksForCertificate: true) { server in
            var network = NetworkSettings()
            network.authorities = "/ca.pem"
            let without = await files.get(server.base, network)
            #expect(without?.description.contains("wants a client certificate") == true)
            network.clientCertificate = NetworkSettings.ClientCertificate(
                certificate: "cert", key: "key")
            files.write(TLSTests.certificate, to: "cert")
            files.write(TLSTests.key, to: "key")
            #expect(await files.get(server.base, network) == nil)
            // Both in one file will do.
            network.clientCertificate?.key = nil
            files.write(TLSTests.certificate + "\n" + TLSTests.key, to: "cert")
            #expect(await files.get(server.base, network) == nil)
            files.write(TLSTests.certificate, to: "cert")
            #expect(
                await files.get(server.base, network)
                    == .notSent(
                        reason: "client_certificate cert holds no private key in PEM form that "
                            + "needs no password"))
        }
        await files.pools.shutdown()
    }

    @Test(
        "a file that does not hold what it should stops each call, and is named",
        arguments: [
            ("ca", "cert", TLSTests.key, "ca_file ca holds no certificate in PEM form"),
            (
                "cert", "no", TLSTests.key,
                "client_certificate cert holds no certificate in PEM form"
            ),
            ("key", "cert", "no", "client_key key holds no private key in PEM form that needs no"),
            (
                "key", "cert", TLSTests.otherKey,
                "client_certificate cert: the key is that of another"
            ),
        ])
    func unusableFile(case name: String, certificate: String, key: String, reason: String) async {
        let files = Files()
        files.write(name == "ca" ? "no certificate" : TLSTests.certificate, to: "ca")
        files.write(certificate == "cert" ? TLSTests.certificate : certificate, to: "cert")
        files.write(key, to: "key")
        var network = NetworkSettings()
        network.authorities = "ca"
        network.clientCertificate = NetworkSettings.ClientCertificate(
            certificate: "cert", key: "key")
        let got = await files.get("https://127.0.0.1:1", network)
        #expect(got?.kind == "notSent")
        #expect(got?.description.contains(reason) == true, "\(got as Any)")
        await files.pools.shutdown()
    }

    @Test("what is under way goes on when files change")
    func rotation() async throws {
        let files = Files()
        files.write(TLSTests.certificate, to: "/ca.pem")
        var network = NetworkSettings()
        network.authorities = "/ca.pem"
        let origin = try #require(WebOrigin("https://ml.test"))
        let first = try files.pools.pool(to: origin, network)
        #expect(try files.pools.pool(to: origin, network).client === first.client)
        files.write(TLSTests.certificate + "\n", to: "/ca.pem")
        #expect(try files.pools.pool(to: origin, network).client !== first.client)
        try await TLSServer.run { server in
            let got = await failure { () throws(CallFailure) in
                try await world.client(server.base, pool: first).getOnce("operations/x")
            }
            #expect(got == nil)
        }
        await files.pools.shutdown()
    }
}

/// Files and variables of one test, and the connections made with them.
private final class Files: Sendable {
    private let contents: Contents
    let pools: HTTPPools

    private final class Contents: Sendable {
        let texts = Mutex<[String: (text: String, version: UInt64)]>([:])
    }

    init(_ variables: [String: String] = [:]) {
        let contents = Contents()
        self.contents = contents
        pools = HTTPPools(
            longestInterval: .seconds(60),
            files: ConnectionFiles(
                fingerprint: { name in
                    contents.texts.withLock { $0[name] }.map {
                        FileFingerprint(
                            device: 0, inode: $0.version, size: 0, modified: .zero, changed: .zero)
                    }
                },
                content: { (name) throws(CallFailure) in
                    guard let file = contents.texts.withLock({ $0[name] }) else {
                        throw .notSent(reason: "\(name) is not there")
                    }
                    return Array(file.text.utf8)
                }),
            variable: { variables[$0] })
    }

    func write(_ text: String, to name: String) {
        contents.texts.withLock { $0[name] = (text, ($0[name]?.version ?? 0) + 1) }
    }

    func remove(_ name: String) {
        contents.texts.withLock { $0[name] = nil }
    }

    /// How the GET of one operation ends; nil for well.
    func get(_ base: String, _ network: NetworkSettings) async -> CallFailure? {
        await failure { () throws(CallFailure) in
            guard let origin = WebOrigin(base) else { throw .notSent(reason: "no URL") }
            let pool = try pools.pool(to: origin, network)
            return try await TestWorld().client(base, pool: pool).getOnce("operations/x")
        }
    }
}

/// A server that speaks TLS and answers whatever it is sent with an empty object.
private struct TLSServer {
    let base: String

    static func run(
        asksForCertificate: Bool = false, _ body: (TLSServer) async throws -> Void
    ) async throws {
        var configuration = try TLSTests.configuration()
        if asksForCertificate {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates([try TLSTests.parsedCertificate()])
        }
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandlers(
                        [NIOSSLServerHandler(context: context), EmptyAnswer()])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let outcome: Result<Void, any Error>
        do {
            let port = channel.localAddress?.port ?? 0
            outcome = .success(try await body(TLSServer(base: "https://127.0.0.1:\(port)")))
        } catch {
            outcome = .failure(error)
        }
        try await channel.close()
        try outcome.get()
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
