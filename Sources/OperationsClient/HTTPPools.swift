package import OpwatchCore
import Synchronization
package import WireFormat

/// The connections of all services: a pool for each way to reach one, made when it is needed.
///
/// Files are read when a pool is made, and again when one of them has changed: connections made
/// from then on show the new certificate and believe the new authorities.
package final class HTTPPools: Sendable {
    private struct Way: Hashable {
        let proxy: ProxyServer?
        let proxyCredentials: String?
        /// Of the environment, in the place of what the machine trusts.
        let machineAuthorities: String?
        let authorities: String?
        let client: NetworkSettings.ClientCertificate?
        let compression: Bool

        var files: [String] {
            [proxyCredentials, machineAuthorities, authorities, client?.certificate, client?.key]
                .compactMap { $0 }
        }
    }

    private struct Entry {
        let pool: HTTPPool
        /// Of the way's files, as they were before they were read.
        let fingerprints: [FileFingerprint?]
    }

    private struct State {
        var entries: [Way: Entry] = [:]
        /// Pools whose files have changed since; requests may still be under way there.
        var retired: [HTTPPool] = []

        /// Nobody begins anything there any more; what is under way has time until the files have
        /// changed twice again.
        mutating func retire(_ pool: HTTPPool) {
            retired.append(pool)
            if retired.count > 2 { retired.removeFirst().beginShutdown() }
        }
    }

    private let longestInterval: Duration
    private let files: ConnectionFiles
    private let variable: @Sendable (String) -> String?
    private let room = DescriptorRoom()
    private let state = Mutex(State())

    /// - Parameters:
    ///   - longestInterval: as for a pool.
    ///   - files: how the files of the policy are read.
    ///   - variable: a variable of the environment, nil where it is not set or empty.
    package init(
        longestInterval: Duration, files: ConnectionFiles,
        variable: @escaping @Sendable (String) -> String?
    ) {
        self.longestInterval = longestInterval
        self.files = files
        self.variable = variable
    }

    /// The pool for requests to somebody.
    ///
    /// - Throws: `.notSent` where the environment names a proxy that cannot be used, or a file
    ///   cannot be read or does not hold what it should.
    package func pool(
        to origin: WebOrigin, _ network: NetworkSettings
    ) throws(CallFailure) -> HTTPPool {
        let way = try way(to: origin, network)
        // As they are before they are read: what changes meanwhile is read again.
        let fingerprints = way.files.map { files.fingerprint($0) }
        return try state.withLock { (state) throws(CallFailure) in
            let former = state.entries[way]
            if let former, former.fingerprints == fingerprints { return former.pool }
            let pool = try HTTPPool(settings(for: way))
            state.entries[way] = Entry(pool: pool, fingerprints: fingerprints)
            if let former { state.retire(former.pool) }
            return pool
        }
    }

    /// The proxy that stands between, and whether what the files hold can be used; nobody is asked.
    ///
    /// - Throws: as for `pool(to:)`.
    package func inspect(
        _ origin: WebOrigin, _ network: NetworkSettings
    ) throws(CallFailure) -> ProxyServer? {
        let settings = try settings(for: try way(to: origin, network))
        _ = try settings.security.configuration()
        return settings.proxy
    }

    private func way(to origin: WebOrigin, _ network: NetworkSettings) throws(CallFailure) -> Way {
        let isLoopback = LoopbackHost.isOne(origin.host)
        let proxy: ProxyServer?
        var proxyCredentials: String?
        switch network.proxy {
        // What is meant for this machine leaves it by no proxy.
        case .none: proxy = nil
        case .server where isLoopback: proxy = nil
        case .server(let host, let port, let credentials):
            proxy = ProxyServer(host: host, port: port)
            proxyCredentials = credentials
        case .environment: proxy = try .named(for: origin, by: variable)
        }
        return Way(
            proxy: proxy, proxyCredentials: proxyCredentials,
            machineAuthorities: origin.isSecure ? variable("SSL_CERT_FILE") : nil,
            authorities: origin.isSecure ? network.authorities : nil,
            client: origin.isSecure ? network.clientCertificate : nil,
            compression: network.compression && !isLoopback)
    }

    private func settings(for way: Way) throws(CallFailure) -> HTTPPool.Settings {
        var settings = HTTPPool.Settings(longestInterval: longestInterval)
        settings.room = room
        settings.compression = way.compression
        settings.proxy = way.proxy
        if let proxy = way.proxy, let name = way.proxyCredentials {
            let file = try pem("proxy_credentials", name)
            guard let user = file.flatMap({ ProxyUser(file: $0.bytes) }) else {
                throw .notSent(
                    reason:
                        "proxy_credentials \(RemoteText.clean(name)) must hold USER:PASSWORD in "
                        + "its first line")
            }
            settings.proxy = ProxyServer(host: proxy.host, port: proxy.port, user: user)
        }
        settings.security.machineAuthorities = try pem("$SSL_CERT_FILE", way.machineAuthorities)
        settings.security.authorities = try pem("ca_file", way.authorities)
        settings.security.certificate = try pem("client_certificate", way.client?.certificate)
        settings.security.key = try pem("client_key", way.client?.key)
        return settings
    }

    private func pem(
        _ key: String, _ name: String?
    ) throws(CallFailure) -> ConnectionSecurity.PEM? {
        guard let name else { return nil }
        let label = "\(key) \(RemoteText.clean(name))"
        do throws(CallFailure) {
            return ConnectionSecurity.PEM(label: label, bytes: try files.content(name))
        } catch {
            throw .notSent(reason: "\(key): \(error.cause)")
        }
    }

    /// Closes all connections; calls made afterwards fail as not sent.
    package func shutdown() async {
        let all = state.withLock { $0.entries.values.map(\.pool) + $0.retired }
        for pool in all { await pool.shutdown() }
    }
}

/// The connections for a request to one service.
package struct Connections: Sendable {
    /// Throws `.notSent` where there can be none.
    package var pool: @Sendable () throws(CallFailure) -> HTTPPool

    package init(_ pool: @escaping @Sendable () throws(CallFailure) -> HTTPPool) {
        self.pool = pool
    }
}
