import AsyncHTTPClient
import Glibc
import NIOCore
import OpwatchCore
import Testing

@testable import OperationsClient

@Suite("failures below HTTP")
struct WireFailureTests {
    @Test(
        "a socket that could not be had, or connected, has sent nothing",
        arguments: [
            (EMFILE, CallFailure.Sent.no), (ENFILE, .no), (ECONNREFUSED, .no),
            (ECONNRESET, .maybe), (EPIPE, .maybe), (EIO, .maybe),
        ])
    func sockets(code: CInt, sent: CallFailure.Sent) {
        let wire = WireFailure(IOError(errnoCode: code, reason: "x"), on: .test, hasHead: false)
        let words = String(cString: strerror(code))
        let reason = sent == .no ? "cannot connect to ml.test: \(words)" : words
        #expect(wire.failure == .unavailable(reason: reason, retryAfter: nil, sent: sent))
    }

    @Test(
        "a message names the step that failed and whom it was about",
        arguments: [
            ("http://127.0.0.1:1", "cannot connect to 127.0.0.1:1: Connection refused"),
            ("https://127.0.0.1:1", "cannot connect to 127.0.0.1:1: Connection refused"),
            ("http://[::1]:1", "cannot connect to [::1]:1: "),
            ("http://localhost:1", "cannot connect to localhost:1: Connection refused"),
            // No resolver looks a label of 64 letters up.
            (
                "https://\(String(repeating: "a", count: 64)).test/v1",
                "cannot resolve \(String(repeating: "a", count: 64)).test: "
            ),
        ])
    func steps(endpoint: String, words: String) async {
        let got = await failure { () throws(CallFailure) in
            try await TestWorld().client(endpoint).getOnce("operations/x")
        }
        guard case .unavailable(let reason, retryAfter: nil, sent: .no) = got else {
            Issue.record("\(got as Any)")
            return
        }
        #expect(reason.hasPrefix(words), "\(reason)")
    }

    @Test("behind a proxy it is the proxy that cannot be reached")
    func proxy() async throws {
        for (host, words) in [
            ("127.0.0.1", "cannot connect to the proxy 127.0.0.1:1: Connection refused"),
            (String(repeating: "a", count: 64), "cannot resolve the proxy aaaa"),
        ] {
            var settings = HTTPPool.Settings(longestInterval: .seconds(60))
            settings.proxy = ProxyServer(host: host, port: 1)
            let pool = try HTTPPool(settings)
            let got = await failure { () throws(CallFailure) in
                try await TestWorld().client("https://ml.test", pool: pool).getOnce("operations/x")
            }
            await pool.shutdown()
            #expect(
                got?.isUnsent == true && got?.description.contains(words) == true, "\(got as Any)")
        }
    }

    @Test("what takes too long is told with its limit")
    func late() {
        let connect = WireFailure(HTTPClientError.connectTimeout, on: .test, hasHead: false)
        #expect(
            connect.failure.description
                == "unavailable: cannot connect to ml.test: its name was not resolved, or nothing "
                + "answered there, within 5s")
        let handshake = WireFailure(HTTPClientError.tlsHandshakeTimeout, on: .test, hasHead: false)
        #expect(
            handshake.failure.description
                == "unavailable: TLS with ml.test: no handshake within 5s")
        #expect(connect.failure.isUnsent && handshake.failure.isUnsent)
    }
}

extension Route {
    static let test = Route(
        service: "ml.test", proxy: nil, isUserShown: false, connectTime: .seconds(5),
        isTrustNamed: false)
}
