import AsyncHTTPClient
import NIOCore
import NIOHTTPCompression
package import OpwatchCore
import WireFormat

/// The connections of clients that are reached in the same way; made once, shut down once.
///
/// HTTP/2 where the server offers it. Follows no redirects, repeats nothing, reads no variables.
package struct HTTPPool: Sendable {
    /// What distinguishes the connections of one pool from those of another.
    package struct Settings: Sendable {
        /// The longest `interval` of the policy; idle connections outlive it, so that one poll
        /// finds the connections of the last.
        package var longestInterval: Duration
        /// For DNS, TCP and TLS together.
        package var connectTimeout = Limits.connectTimeout
        /// What all connections are asked of; nil: none.
        package var proxy: ProxyServer?
        package var security = ConnectionSecurity()
        /// Shared by all pools of a process.
        package var room = DescriptorRoom()
        /// Whether answers may come compressed; a body over `ratioMax` fails the call.
        package var compression = false

        package init(longestInterval: Duration) {
            self.longestInterval = longestInterval
        }
    }

    let client: HTTPClient
    let settings: Settings

    /// So many times of what came may a body be unpacked. Lists whose operations differ in their
    /// names alone came to 140 at most, others to 100.
    static let ratioMax = 200

    /// Connections to one host: more than there can be requests under way.
    ///
    /// Each service's lane bounds its requests; a second bound here would let the services of one
    /// host wait for one another. The lanes bound the descriptors too: 20 for each service, so
    /// that `LimitNOFILE=4096` of the unit is enough for 200 services, and up to four times as many
    /// where requests hang. Beyond, `DescriptorRoom` fails a request before anything is sent.
    private static let connectionsPerHost = 1 << 16

    /// - Throws: `.notSent` where what the files hold cannot be used.
    package init(_ settings: Settings) throws(CallFailure) {
        let idle = min(settings.longestInterval, .seconds(86_400)) + .seconds(60)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(
                connect: TimeAmount(settings.connectTimeout)),
            connectionPool: HTTPClient.Configuration.ConnectionPool(
                idleTimeout: TimeAmount(idle),
                concurrentHTTP1ConnectionsPerHostSoftLimit: Self.connectionsPerHost),
            decompression: settings.compression
                ? .enabled(limit: .ratio(Self.ratioMax)) : .disabled)
        // The client has its own backoff, and a cancel must not leave late.
        configuration.connectionPool.retryConnectionEstablishment = false
        // The only way to the pipeline of a connection; it runs on its event loop.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                try OverheadMeter.add(to: channel.pipeline.syncOperations)
            }
        }
        configuration.http2ConnectionDebugInitializer = { SilentPeer.giveUp(on: $0) }
        configuration.http2StreamChannelDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    StreamMeter(), position: .first)
            }
        }
        configuration.proxy = settings.proxy.map { proxy in
            .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.user.map {
                    .basic(username: $0.name, password: $0.password)
                })
        }
        configuration.tlsConfiguration = try settings.security.configuration()
        self.settings = settings
        client = HTTPClient(configuration: configuration)
    }

    /// Closes all connections, without waiting for that.
    func beginShutdown() {
        let _: EventLoopFuture<Void> = client.shutdown()
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
