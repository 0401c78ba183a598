import AsyncHTTPClient
import NIOCore
import NIOSSL
package import OpwatchCore
import WireFormat

/// The connections of clients that are reached in the same way; made once, shut down once.
///
/// Follows no redirects, decompresses nothing, repeats nothing, reads no proxy variables.
package struct HTTPPool: Sendable {
    /// The library's client, or why there is none: each call fails with that, and nothing is sent.
    let client: Result<HTTPClient, CallFailure>

    /// Connections to one host: more than there can be requests under way.
    ///
    /// Each service's lane bounds its requests; a second bound here would let the services of one
    /// host wait for one another. The lanes bound the descriptors too: 20 for each service, so
    /// that `LimitNOFILE=4096` of the unit is enough for 200 services. Beyond, a request fails
    /// before anything is sent.
    private static let connectionsPerHost = 1 << 16

    /// - Parameters:
    ///   - longestInterval: the longest `interval` of the policy; idle connections outlive it, so
    ///     that one poll finds the connections of the last.
    ///   - connectTimeout: for DNS, TCP and TLS.
    ///   - proxy: what all connections are asked of; nil: none.
    ///   - authorities: a PEM file, trusted beside what the machine trusts.
    package init(
        longestInterval: Duration, connectTimeout: Duration = Limits.connectTimeout,
        proxy: ProxyServer? = nil, authorities: String? = nil
    ) {
        let idle = min(longestInterval, .seconds(86_400)) + .seconds(60)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: TimeAmount(connectTimeout)),
            connectionPool: HTTPClient.Configuration.ConnectionPool(
                idleTimeout: TimeAmount(idle),
                concurrentHTTP1ConnectionsPerHostSoftLimit: Self.connectionsPerHost),
            decompression: .disabled)
        // The client has its own backoff, and a cancel must not leave late.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A server that closes an HTTP/2 connection may have it repeated elsewhere; here no
        // request has a second life.
        configuration.httpVersion = .http1Only
        // The only way to the pipeline of a connection; it runs on its event loop.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                try OverheadMeter.add(to: channel.pipeline.syncOperations)
            }
        }
        configuration.proxy = proxy.map { proxy in
            .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.user.map {
                    .basic(username: $0, password: proxy.password)
                })
        }
        do throws(CallFailure) {
            configuration.tlsConfiguration = try Self.security(authorities)
            client = .success(HTTPClient(configuration: configuration))
        } catch {
            client = .failure(error)
        }
    }

    /// A pool of no connections: each call fails with this.
    package init(unusable failure: CallFailure) {
        client = .failure(failure)
    }

    /// What both sides must speak, and whom to believe.
    private static func security(_ authorities: String?) throws(CallFailure) -> TLSConfiguration {
        var security = TLSConfiguration.makeClientConfiguration()
        security.minimumTLSVersion = .tlsv12
        guard let authorities else { return security }
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(authorities)
            guard !certificates.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            security.additionalTrustRoots = [.certificates(certificates)]
            return security
        } catch {
            throw .notSent(
                reason: "ca_file \(RemoteText.clean(authorities)) cannot be read, or holds no "
                    + "certificate in PEM form")
        }
    }

    /// Closes all connections; calls made afterwards fail as not sent.
    package func shutdown() async {
        guard case .success(let client) = client else { return }
        do {
            try await client.shutdown()
        } catch {
            // Only a second shutdown fails, and then there is nothing left to close.
        }
    }
}
