import Glibc
package import GoogleAuth
package import OperationsClient
package import OpwatchCore
package import OpwatchDaemon
import OpwatchEngine
package import WireFormat

/// The machine's wall clock.
package struct LiveClock: Sendable {
    package init() {}

    /// UTC.
    package var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Timestamp(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
        return now ?? Timestamp.earliest
    }
}

extension World {
    /// The outside world as it is.
    package static func live(pools: HTTPPools) -> World {
        let world = AuthWorld.live(pools: pools)
        return World(
            now: { LiveClock().now },
            instant: { ContinuousClock.now },
            sleep: { try await Task.sleep(until: $0, clock: .continuous) },
            jitter: Jitter(seed: .random(in: .min ... .max)),
            client: { service, tell in
                service.client(
                    Authorization(service.tokenSource(in: world, tell: tell)), pools)
            })
    }
}

extension WatchedService {
    /// A client that reaches the service as its policy and the environment say.
    package func client(
        _ authorization: Authorization, _ pools: HTTPPools,
        _ dependencies: OperationsClient.Dependencies = .live
    ) -> OperationsClient {
        let (endpoint, network) = (endpoint, network)
        return OperationsClient(
            endpoint: endpoint, authorization: authorization, version: Build.version,
            dependencies: dependencies,
            connections: Connections { () throws(CallFailure) in
                try pools.pool(to: try ServiceURL(endpoint).origin, network)
            })
    }

    /// The tokens of the service.
    package func tokenSource(
        in world: AuthWorld,
        tell: @escaping @Sendable (TokenSource.Transition) -> Void = { _ in }
    ) -> TokenSource {
        let host: String
        do throws(CallFailure) {
            host = try ServiceURL(endpoint).origin.host
        } catch {
            // The client says at each call why this endpoint cannot be used.
            host = ""
        }
        return TokenSource(credentials, host: host, world: world, tell: tell)
    }
}

extension AuthWorld {
    /// The machine alone.
    package static let withoutNetwork = AuthWorld(
        variable: { Environment.variable($0) },
        exchange: { (request) async throws(AuthFailure) in
            throw .unavailable("\(request.place): not asked")
        },
        now: { LiveClock().now }, instant: { ContinuousClock.now }, sleep: { _ in },
        jitter: { $0 })

    /// The outside world as it is.
    package static func live(pools: HTTPPools) -> AuthWorld {
        AuthWorld(
            variable: { Environment.variable($0) },
            exchange: { (request) async throws(AuthFailure) in
                var plain = PlainRequest(
                    method: request.method.rawValue, url: request.url, timeout: request.timeout)
                plain.headers = request.headers
                plain.body = request.body
                var network = NetworkSettings()
                if request.route == .direct { network.proxy = .none }
                // A few hundred bytes, and secret: nobody learns anything from their length.
                network.compression = false
                guard let origin = WebOrigin(request.url) else {
                    throw .setup("\(request.place): no URL of a plain host")
                }
                do throws(CallFailure) {
                    let pool = try pools.pool(to: origin, network)
                    let answer = try await pool.send(
                        plain, userAgent: "opwatchd/\(Build.version)", dependencies: .live)
                    return TokenAnswer(
                        status: answer.status, headers: answer.headers, body: answer.body)
                } catch {
                    if Task.isCancelled { throw .stopped }
                    throw .unavailable("\(request.place): \(error)")
                }
            },
            now: { LiveClock().now }, instant: { ContinuousClock.now },
            sleep: { try await Task.sleep(for: $0) },
            jitter: OperationsClient.Dependencies.live.jitter)
    }
}

extension HTTPPools {
    /// The connections of the machine as it is, its files and its environment.
    package static func live(longestInterval: Duration) -> HTTPPools {
        HTTPPools(
            longestInterval: longestInterval,
            files: ConnectionFiles(
                fingerprint: { name in
                    do throws(AuthFailure) {
                        return try file(name).fingerprint
                    } catch {
                        return nil
                    }
                },
                content: { (name) throws(CallFailure) in
                    do throws(AuthFailure) {
                        return try file(name).read().bytes
                    } catch {
                        throw .notSent(reason: "\(error)")
                    }
                }),
            variable: { Environment.variable($0) })
    }

    /// The file that a name of the policy stands for.
    package static func file(_ name: String) throws(AuthFailure) -> CredentialFile {
        try CredentialFile(named: name, in: Environment.variable("CREDENTIALS_DIRECTORY"))
    }
}
