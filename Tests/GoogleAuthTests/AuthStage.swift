import Foundation
import GoogleAuth
import OpwatchCore
import Synchronization
import WireFormat

/// A world with a clock that a test moves, a directory of its own, and somebody who answers.
final class AuthStage: Sendable {
    typealias Answer = @Sendable (TokenRequest) async throws(AuthFailure) -> TokenAnswer

    let directory: String
    private let clock = Mutex(ContinuousClock.now)
    private let start: ContinuousClock.Instant
    private let wall: Timestamp
    private let log = Mutex<[SentRequest]>([])
    private let transitions = Mutex<[TokenSource.Transition]>([])
    private let variables: [String: String]
    private let timeIsUp = AsyncStream.makeStream(of: Void.self)
    private let answer: Mutex<Answer>

    init(
        _ variables: [String: String] = [:], at wall: Timestamp = RecordedCase.now,
        answer: @escaping Answer = { request throws(AuthFailure) in
            throw .unavailable("\(request.place): nobody answers")
        }
    ) throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "opwatchd-auth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        directory = url.path
        self.variables = variables
        self.wall = wall
        start = clock.withLock { $0 }
        self.answer = Mutex(answer)
    }

    func remove() {
        do { try FileManager.default.removeItem(atPath: directory) } catch {}
    }

    /// The text under a new name and then in its place, as whoever rotates a credential does it.
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)"), options: .atomic)
    }

    /// Lets the time of the refresh under way run out.
    func endTime() { timeIsUp.continuation.yield() }

    func advance(by duration: Duration) {
        clock.withLock { $0 = $0.advanced(by: duration) }
    }

    func setAnswer(_ answer: @escaping Answer) {
        self.answer.withLock { $0 = answer }
    }

    var now: ContinuousClock.Instant { clock.withLock { $0 } }
    var sent: [SentRequest] { log.withLock { $0 } }
    var told: [TokenSource.Transition] { transitions.withLock { $0 } }

    var world: AuthWorld {
        AuthWorld(
            variable: { [self] name in
                name == "CREDENTIALS_DIRECTORY" ? directory : variables[name]
            },
            exchange: { [self] (request) async throws(AuthFailure) in
                log.withLock { $0.append(SentRequest(request: request)) }
                let answer = answer.withLock { $0 }
                return try await answer(request)
            },
            now: { [self] in wall.advanced(by: start.duration(to: now)) },
            instant: { [self] in now },
            sleep: { [self] duration in
                // A child runs in real time, and is looked at again at once.
                guard duration == Limits.tokenTimeout else { return await Task.yield() }
                // The limit of a refresh is over when the test says so, or the refresh is.
                for await _ in timeIsUp.stream { return }
                throw CancellationError()
            },
            jitter: { $0 })
    }

    func source(_ source: Credentials.Source, host: String = "127.0.0.1") -> TokenSource {
        self.source(Credentials(source), host: host)
    }

    func source(_ credentials: Credentials, host: String = "127.0.0.1") -> TokenSource {
        TokenSource(credentials, host: host, world: world) { [self] transition in
            transitions.withLock { $0.append(transition) }
        }
    }
}

extension TokenAnswer {
    static func json(_ status: Int, _ body: String) -> TokenAnswer {
        TokenAnswer(
            status: status, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
    }

    static func token(_ name: String, seconds: Int = 3_600) -> TokenAnswer {
        .json(200, #"{"access_token":"\#(name)","expires_in":\#(seconds),"token_type":"Bearer"}"#)
    }
}

extension TokenGrant {
    var text: String { String(token.headerValue.dropFirst("Bearer ".count)) }
}

/// The failure that asking for a token ends in; nil if one comes.
func failure(of source: TokenSource) async -> AuthFailure? {
    do throws(AuthFailure) {
        _ = try await source.token()
        return nil
    } catch {
        return error
    }
}
