import Foundation
import Testing

/// The binary against nginx and tinyproxy: TLS, HTTP/2, gzip and tunnels as others speak them.
@Suite(
    "The network with servers of other people",
    .enabled(if: SystemTest.isWhole && NetworkStage.isPossible), .serialized)
struct NetworkTests {
    /// What `auth --try` says of the list.
    private func list(
        _ policy: String, environment: [String: String] = [:]
    ) throws -> (code: Int32, text: String) {
        let outcome = try Program.run(
            "auth", "--try", "--policy", policy, environment: environment)
        let lines = outcome.lines.filter { $0.contains("  list") || $0.contains("  connects") }
        return (outcome.code, lines.joined(separator: "\n") + outcome.errors)
    }

    @Test("TLS through nginx: right, and each way to be wrong, told with host and step")
    func tls() async throws {
        try await NetworkStage.run { stage in
            let right = try list(try stage.policy(.right, host: "localhost"))
            #expect(right.code == 0, "\(right.text)")
            let untrusted = "certificate not trusted: expired, or of an issuer not known here"
            let wrong: [(NetworkStage.Site, String)] = [
                (.expired, untrusted), (.unknownAuthority, untrusted),
                (.wrongName, "the certificate is for another host name"),
                (.oldTLS, "no version of TLS that both sides speak"),
                (.plainText, "no TLS at this port"),
            ]
            for (site, words) in wrong {
                let got = try list(try stage.policy(site, host: "localhost"))
                #expect(got.code == 69)
                let text = "TLS with localhost:\(stage.port(site)): \(words)"
                #expect(got.text.contains(text), "\(got.text)")
            }
            #expect(!stage.accessLog.contains("\(stage.port(.expired)) "), "nothing had left")
        }
    }

    @Test("a private authority is trusted beside the machine's, SSL_CERT_FILE in its place")
    func authorities() async throws {
        try await NetworkStage.run { stage in
            let policy = try stage.policy(.right, host: "localhost")
            let text = try String(contentsOfFile: policy, encoding: .utf8)
            let bare = text.split(separator: "\n").filter { !$0.contains("ca_file") }
                .joined(separator: "\n")
            let without = try stage.folder.write(bare, to: "bare.yaml")
            #expect(try list(without).code == 69)
            let named = ["SSL_CERT_FILE": stage.folder.path("ca.pem")]
            #expect(try list(without, environment: named).code == 0)
            let other = ["SSL_CERT_FILE": stage.folder.path("other-ca.pem")]
            #expect(try list(without, environment: other).code == 69)
            #expect(try list(policy, environment: other).code == 0)
        }
    }

    @Test("a service that asks for a certificate gets it")
    func mutual() async throws {
        try await NetworkStage.run { stage in
            let without = try list(try stage.policy(.mutual, host: "localhost"))
            #expect(without.code == 69)
            #expect(without.text.contains("HTTP 400, not the service's own answer"))
            let lines = [
                "client_certificate: \(stage.folder.path("client.pem"))",
                "client_key: \(stage.folder.path("client.key"))",
            ]
            let shown = try list(try stage.policy(.mutual, host: "localhost", lines))
            #expect(shown.code == 0, "\(shown.text)")
            #expect(stage.accessLog.contains("CN=client"))
            let wrong = try list(
                try stage.policy(
                    .mutual, host: "localhost",
                    [lines[0], "client_key: \(stage.folder.path("right.key"))"]))
            #expect(wrong.code == 78)
            #expect(wrong.text.contains("the key is that of another certificate"))
        }
    }

    @Test("answers come over HTTP/2, as gzip from elsewhere and as they are from this machine")
    func protocols() async throws {
        try await NetworkStage.run { stage in
            func lines(_ host: String, _ more: [String] = []) throws -> [Substring] {
                let before = stage.accessLog.count
                let policy = try stage.policy(.right, host: host, more)
                let outcome = try Program.run("plan", "--policy", policy)
                #expect(outcome.code == 0, "\(outcome.errors)")
                return stage.accessLog.dropFirst(before).split(separator: "\n")
            }
            for line in try lines("localhost") {
                #expect(line.contains(" HTTP/2.0 200 - "), "\(line)")
            }
            for line in try lines(stage.address, ["compression: false", "proxy: none"]) {
                #expect(line.contains(" HTTP/2.0 200 - "), "\(line)")
            }
            for line in try lines(stage.address, ["proxy: none"]) {
                let ratio = line.split(separator: " ").dropFirst(3).first.flatMap { Double($0) }
                #expect(line.contains(" HTTP/2.0 200 ") && ratio ?? 0 > 2, "\(line)")
            }
        }
    }

    @Test("tunnels through tinyproxy: open, with a user and password, and refused")
    func proxies() async throws {
        try await NetworkStage.run { stage in
            let secret = try stage.folder.write("watcher:PLANTED-pw\n", to: "proxy.txt")
            let wrong = try stage.folder.write("watcher:PLANTED-other\n", to: "wrong.txt")
            func proxied(_ port: UInt16, _ more: [String] = []) throws -> (Int32, String) {
                let line = "proxy: http://\(stage.address):\(port)"
                let policy = try stage.policy(.right, host: stage.address, [line] + more)
                let got = try list(policy)
                #expect(!got.text.contains("PLANTED"))
                return (got.code, got.text)
            }
            let open = try stage.startProxy()
            let through = try proxied(open)
            #expect(through.0 == 0, "\(through.1)")
            #expect(through.1.contains("through the proxy \(stage.address):\(open)"))
            #expect(stage.proxyLog.contains("CONNECT \(stage.address):\(stage.port(.right))"))
            stage.endProxies()

            let closed = try stage.startProxy(user: "watcher PLANTED-pw")
            let start = "the proxy \(stage.address):\(closed)"
            let unknown = [
                ([], "\(start) wants a user and password that it knows"),
                (["proxy_credentials: \(wrong)"], "or does not know the user and password"),
            ]
            for (more, words) in unknown {
                let got = try proxied(closed, more)
                #expect(got.0 == 69 && got.1.contains(words), "\(got.1)")
            }
            let known = try proxied(closed, ["proxy_credentials: \(secret)"])
            #expect(known.0 == 0, "\(known.1)")
            stage.endProxies()

            let strict = try stage.startProxy(letsThrough: false)
            let refused = try proxied(strict)
            #expect(refused.0 == 69)
            let site = "\(stage.address):\(stage.port(.right))"
            let words = "the proxy \(stage.address):\(strict) refuses a tunnel to \(site)"
            #expect(refused.1.contains(words), "\(refused.1)")
            stage.endProxies()

            let gone = try proxied(strict)
            #expect(gone.1.contains("cannot connect to the proxy \(stage.address):\(strict)"))
        }
    }

    @Test("the environment names proxy, user and whom to reach without it")
    func environment() async throws {
        try await NetworkStage.run { stage in
            let policy = try stage.policy(.right, host: stage.address)
            let proxy = try stage.startProxy(user: "watcher PLANTED-pw")
            let named = "http://watcher:PLANTED-pw@\(stage.address):\(proxy)"
            let through = try list(policy, environment: ["HTTPS_PROXY": named])
            #expect(through.code == 0, "\(through.text)")
            #expect(through.text.contains("through the proxy") && !through.text.contains("PLANTED"))
            stage.endProxies()
            #expect(try list(policy, environment: ["HTTPS_PROXY": named]).code == 69)
            for exempt in [stage.address, "\(stage.address)/32", "0.0.0.0/0"] {
                let around = ["HTTPS_PROXY": named, "NO_PROXY": exempt]
                #expect(try list(policy, environment: around).code == 0)
            }
        }
    }
}
