import AsyncHTTPClient
import NIOCore
import OpwatchCore

/// The connections of all services' clients; made once, shut down once.
///
/// Follows no redirects, decompresses nothing, repeats nothing, reads no proxy variables.
package struct HTTPPool: Sendable {
    let client: HTTPClient

    /// - Parameters:
    ///   - longestInterval: the longest `interval` of the policy; idle connections outlive it, so
    ///     that one poll finds the connections of the last.
    ///   - connectTimeout: for DNS, TCP and TLS, and for the wait for a free connection.
    package init(longestInterval: Duration, connectTimeout: Duration = Limits.connectTimeout) {
        let idle = min(longestInterval, .seconds(86_400)) + .seconds(60)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: TimeAmount(connectTimeout)),
            connectionPool: HTTPClient.Configuration.ConnectionPool(
                idleTimeout: TimeAmount(idle), concurrentHTTP1ConnectionsPerHostSoftLimit: 16),
            decompression: .disabled)
        // The client has its own backoff, and a cancel must not leave late.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A server that closes an HTTP/2 connection may have it repeated elsewhere; here no
        // request has a second life.
        configuration.httpVersion = .http1Only
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
