import AsyncHTTPClient
import NIOCore
import OpwatchCore

/// The connections of all services' clients; made once, shut down once.
///
/// Follows no redirects, decompresses nothing, repeats nothing, reads no proxy variables.
package struct HTTPPool: Sendable {
    let client: HTTPClient

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
    package init(longestInterval: Duration, connectTimeout: Duration = Limits.connectTimeout) {
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
        client = HTTPClient(configuration: configuration)
    }

    /// Closes all connections; calls made afterwards fail as not sent.
    package func shutdown() async {
        do {
            try await client.shutdown()
        } catch {
            // Only a second shutdown fails, and then there is nothing left to close.
        }
    }
}
