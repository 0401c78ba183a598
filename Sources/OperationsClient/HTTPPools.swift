package import OpwatchCore
import Synchronization
import WireFormat

/// The connections of all services: a pool for each way to reach one, made when it is needed.
package final class HTTPPools: Sendable {
    private struct Way: Hashable {
        let proxy: ProxyServer?
        let authorities: String?
    }

    private let longestInterval: Duration
    private let variable: @Sendable (String) -> String?
    private let pools = Mutex<[Way: HTTPPool]>([:])

    /// - Parameters:
    ///   - longestInterval: as for a pool.
    ///   - variable: a variable of the environment, nil where it is not set or empty.
    package init(
        longestInterval: Duration, variable: @escaping @Sendable (String) -> String?
    ) {
        self.longestInterval = longestInterval
        self.variable = variable
    }

    /// The pool for requests to a host.
    ///
    /// - Throws: `.notSent` where the environment names a proxy that cannot be used.
    package func pool(
        to host: String, isSecure: Bool, _ network: NetworkSettings
    ) throws(CallFailure) -> HTTPPool {
        let proxy: ProxyServer? =
            switch network.proxy {
            case .none: nil
            // What is meant for this machine leaves it by no proxy.
            case .server(let proxy, let port):
                LoopbackHost.isOne(host) ? nil : ProxyServer(host: proxy, port: port)
            case .environment: try .named(for: host, isSecure: isSecure, by: variable)
            }
        let way = Way(proxy: proxy, authorities: network.authorities)
        return pools.withLock { pools in
            if let pool = pools[way] { return pool }
            let pool = HTTPPool(
                longestInterval: longestInterval, proxy: proxy, authorities: network.authorities)
            pools[way] = pool
            return pool
        }
    }

    /// Closes all connections; calls made afterwards fail as not sent.
    package func shutdown() async {
        let all = pools.withLock { Array($0.values) }
        for pool in all { await pool.shutdown() }
    }
}
