import GoogleAuth
import OperationsClient
import OpwatchCore
import OpwatchDaemon
import Synchronization
import WireFormat

/// The world of one test: a real pool, a clock that stands still, pauses that are only noted.
final class TestWorld: Sendable {
    /// Shared by all tests; each has a server, and so connections, of its own.
    private static let pool: Result<HTTPPool, CallFailure> = {
        do throws(CallFailure) {
            return .success(try HTTPPool(HTTPPool.Settings(longestInterval: .seconds(60))))
        } catch {
            return .failure(error)
        }
    }()

    /// The time limit of a request; over only when the test says so.
    static let requestTime = Duration.seconds(30)

    /// Stands still unless a test says otherwise.
    let now: ContinuousClock.Instant
    private let log = Mutex<[Duration]>([])
    private let timeIsUp = AsyncStream.makeStream(of: Void.self)

    init() {
        now = ContinuousClock.now
    }

    /// Lets the time of the test's first request run out, once the answer so far has arrived.
    func endTime() {
        timeIsUp.continuation.yield()
    }

    private func requestTimePasses() async throws {
        for await _ in timeIsUp.stream { return try await Task.sleep(for: .milliseconds(300)) }
        // The stream ended with the first request of the test; the others have the whole time.
        try await Task.sleep(for: Self.requestTime)
    }

    /// The pauses between tries, in order.
    var pauses: [Duration] { log.withLock { $0 } }

    /// - Parameter pool: nil for the one that all tests share.
    func client(
        _ endpoint: String, credentials: Credentials = .none, directory: String? = nil,
        bodyBytesMax: Int = 1 << 20, pool: HTTPPool? = nil
    ) -> OperationsClient {
        var bounds = OperationsClient.Bounds()
        bounds.requestTime = Self.requestTime
        bounds.bodyBytesMax = bodyBytesMax
        bounds.pageBytesMax = bodyBytesMax
        return OperationsClient(
            endpoint: Endpoint(endpoint),
            authorization: Authorization(source(credentials, directory: directory)),
            version: "1.2.3", bounds: bounds,
            dependencies: OperationsClient.Dependencies(
                now: { [now] in now },
                sleep: { [self] duration in
                    if duration == Self.requestTime { return try await requestTimePasses() }
                    log.withLock { $0.append(duration) }
                },
                jitter: { $0 }),
            connections: Connections { () throws(CallFailure) in
                if let pool { return pool }
                return try Self.pool.get()
            })
    }

    /// Tokens of a file: nobody else is asked.
    private func source(_ credentials: Credentials, directory: String?) -> TokenSource {
        TokenSource(
            credentials, host: "127.0.0.1",
            world: AuthWorld(
                variable: { $0 == "CREDENTIALS_DIRECTORY" ? directory : nil },
                exchange: { (request) async throws(AuthFailure) in
                    throw .unavailable("\(request.place): nobody is asked here")
                },
                now: { Timestamp.earliest }, instant: { [now] in now },
                sleep: { try await Task.sleep(for: $0) },
                jitter: { $0 }))
    }

    /// A permit's end that is still ahead.
    var later: ContinuousClock.Instant { now + .seconds(5) }
}

/// The failure that a call ends in; nil if it succeeds.
func failure<Value>(
    of call: () async throws(CallFailure) -> Value
) async -> CallFailure? {
    do throws(CallFailure) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

extension ListRequest {
    static let acme = ListRequest(parent: "projects/acme", pageSize: 500)
}

extension CallFailure {
    /// The failure without its words, for tables.
    var kind: String {
        switch self {
        case .throttled: "throttled"
        case .unauthenticated: "unauthenticated"
        case .denied: "denied"
        case .notFound: "notFound"
        case .unsupported: "unsupported"
        case .refused: "refused"
        case .wordless: "wordless"
        case .foreign: "foreign"
        case .unavailable(_, _, let sent): "unavailable, sent: \(sent)"
        case .malformed: "malformed"
        case .tooLarge: "tooLarge"
        case .timedOut(_, let sent): "timedOut, sent: \(sent)"
        case .notSent: "notSent"
        }
    }
}
