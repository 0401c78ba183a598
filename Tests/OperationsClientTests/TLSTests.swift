import NIOCore
import NIOPosix
import NIOSSL
import OpwatchCore
import Testing

@testable import OperationsClient

/// How TLS fails, and what is said of it; nothing has left by then.
@Suite("TLS")
struct TLSTests {
    private let world = TestWorld()

    private func failureOfGet(port: Int) async -> CallFailure? {
        let client = world.client("https://127.0.0.1:\(port)")
        return await failure { () throws(CallFailure) in try await client.getOnce("operations/x") }
    }

    /// Asks a server whose connections have this handler alone.
    private func failureOfGet(
        handler: @escaping @Sendable () -> any ChannelHandler
    ) async throws -> CallFailure? {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(handler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let got = await failureOfGet(port: channel.localAddress?.port ?? 0)
        try await channel.close()
        return got
    }

    /// The failure of a handshake with somebody on this machine; its port is anybody's guess.
    private func expectUntold(_ got: CallFailure?, _ words: String) {
        guard case .unavailable(let reason, retryAfter: nil, sent: .no) = got else {
            Issue.record("\(got as Any)")
            return
        }
        #expect(reason.hasPrefix("TLS with 127.0.0.1:") && reason.hasSuffix(": " + words))
    }

    @Test("a certificate of an unknown issuer is not trusted")
    func untrusted() async throws {
        let context = try NIOSSLContext(configuration: Self.configuration())
        let got = try await failureOfGet { NIOSSLServerHandler(context: context) }
        let words = TLSTrouble.words(for: .unknownError([]))
        let reason =
            words.hasPrefix("no CA certificates")
            ? words
            : "certificate not trusted: expired, or of an issuer not known here"
        expectUntold(got, reason)
    }

    @Test(
        "a port without TLS is named as such",
        arguments: ["SSH-2.0-x\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "<html>"])
    func noTLS(greeting: String) async throws {
        try await ScriptedServer.run(greeting: .raw(greeting), reply: { _, _ in .silence }) {
            server in
            expectUntold(await failureOfGet(port: server.port), "no TLS at this port")
        }
    }

    @Test("a connection that ends in the handshake is told")
    func closed() async throws {
        expectUntold(
            try await failureOfGet { HangUp() },
            "the connection was closed during the handshake")
    }

    @Test("what fails on a connection that stands may come after a request")
    func later() {
        let error = BoringSSLError.sslError([.eofDuringHandshake])
        let reason = "TLS with ml.test: " + TLSTrouble.words(for: error)
        #expect(
            WireFailure(error, on: .test, hasHead: false).failure
                == .unavailable(reason: reason, retryAfter: nil, sent: .maybe))
    }

    @Test("another host name is told")
    func hostName() {
        #expect(
            WireFailure(
                NIOSSLExtraError.failedToValidateHostname, on: .test, hasHead: false
            ).failure
                == .unavailable(
                    reason: "TLS with ml.test: the certificate is for another host name",
                    retryAfter: nil, sent: .no))
    }

    @Test(
        "without certificates of authorities the package is named",
        arguments: [["CERTIFICATE_VERIFY_FAILED"], []])
    func noAuthorities(reasons: [String]) {
        #expect(
            TLSTrouble.words(for: reasons, hasAuthorities: false)
                == "no CA certificates on this machine: install ca-certificates")
        #expect(!TLSTrouble.words(for: reasons, hasAuthorities: true).contains("install"))
        #expect(TLSTrouble.words(for: ["X\n"], hasAuthorities: false) == #"failed: X\n"#)
    }

    static func parsedCertificate() throws -> NIOSSLCertificate {
        try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem)
    }

    static func configuration() throws -> TLSConfiguration {
        TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try parsedCertificate())],
            privateKey: .privateKey(
                try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
    }

    /// For 127.0.0.1, signed by itself, good for a hundred years, and of no use to anybody.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlzCCAT6gAwIBAgIURzjFQiF0x9KJ70g/BUew3JbZM38wCgYIKoZIzj0EAwIw
        GDEWMBQGA1UEAwwNb3B3YXRjaGQtdGVzdDAgFw0yNjExMjcxMDE4MjJaGA8yMTI2
        MTEwMzEwMTgyMlowGDEWMBQGA1UEAwwNb3B3YXRjaGQtdGVzdDBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABMuFLbWlTag1N1/UIvrmuJb4LoD8mHNP6AstD4gQ0g9G
        UW1/slEHWtaljvTh+cn/1NViBNelziTQ2wZzqipPffSjZDBiMB0GA1UdDgQWBBSG
        BMu5yLyhqJ74ezD6WHQB0jFODzAfBgNVHSMEGDAWgBSGBMu5yLyhqJ74ezD6WHQB
        0jFODzAPBgNVHRMBAf8EBTADAQH/MA8GA1UdEQQIMAaHBH8AAAEwCgYIKoZIzj0E
        AwIDRwAwRAIgPauPyK64YlP9gzpYWwoMcLV4RSbnNMPp/0m5T5DfqYcCIAyd/CYj
        puO88m2cuXDKyQiSCv40iGbQ8Z2VlYmvULQ2
        -----END CERTIFICATE-----
        """

    /// Of no certificate.
    static let otherKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIIHMb3Zw8wdPJ/CL+nKXO/hDHTKtSv55I8so6jLuLpn4oAoGCCqGSM49
        AwEHoUQDQgAEZ6uYm7q9Km0VpHEWWAemPeaAOiyeOTwHWdGqjY7NNrg7sMhmumwZ
        tkqNUkRqQnfAsr0TiojB5EHClsoVOjvnfg==
        -----END EC PRIVATE KEY-----
        """

    static let key = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEICGdI/GTQ9clpbaWIQlHMPNLjXXaaJK9/zt/JnKO7mtxoAoGCCqGSM49
        AwEHoUQDQgAEy4UttaVNqDU3X9Qi+ua4lvgugPyYc0/oCy0PiBDSD0ZRbX+yUQda
        1qWO9OH5yf/U1WIE16XOJNDbBnOqKk999A==
        -----END EC PRIVATE KEY-----
        """
}

/// Closes a connection at its first bytes.
private final class HangUp: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.close(promise: nil)
    }
}
