import OperationsClient
import OpwatchCore
import Synchronization
import Testing

@Suite("retries")
struct RetryTests {
    private let world = TestWorld()

    @Test("a list is tried four times with doubling pauses, then fails")
    func four() async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer(503) }) { server in
            let client = world.client(server.base)
            let got = await failure { () throws(CallFailure) in try await client.list(.acme) }
            #expect(got?.kind == "unavailable, sent: maybe")
            #expect(server.requests.count == 4)
            #expect(world.pauses == [.milliseconds(500), .seconds(1), .seconds(2)])
        }
    }

    @Test("each failure that is tried again is told before its pause, the last one thrown")
    func noticed() async throws {
        let reply: @Sendable (Int, String) -> Reply = { number, _ in
            .answer([500, 502, 503, 504][number - 1])
        }
        for isList in [true, false] {
            let world = TestWorld()
            try await ScriptedServer.run(reply: reply) { server in
                let client = world.client(server.base)
                let told = Mutex<[(String, pauses: Int)]>([])
                let note: @Sendable (CallFailure) -> Void = { failure in
                    told.withLock { $0.append((failure.description, world.pauses.count)) }
                }
                let got = await failure { () throws(CallFailure) in
                    if isList {
                        _ = try await client.list(.acme, noticing: note)
                    } else {
                        _ = try await client.get("operations/x", noticing: note)
                    }
                }
                #expect(got?.description.contains("504") == true)
                told.withLock { told in
                    #expect(told.map(\.pauses) == [0, 1, 2])
                    #expect(told.map { $0.0.filter(\.isNumber) } == ["500", "502", "503"])
                }
            }
        }
    }

    @Test("a get that succeeds at last is a success")
    func atLast() async throws {
        try await ScriptedServer.run(reply: { number, _ in .answer(number < 4 ? 429 : 200) }) {
            server in
            let answer = try await world.client(server.base).get("operations/x")
            #expect(answer.body == Array("{}".utf8))
            #expect(server.requests.count == 4)
        }
    }

    @Test(
        "getOnce sends one request",
        arguments: [Reply.answer(503), .answer(429), .answer(401), .close])
    func once(reply: Reply) async throws {
        try await ScriptedServer.run(reply: { _, _ in reply }) { server in
            let client = world.client(server.base)
            let got = await failure { () throws(CallFailure) in
                try await client.getOnce("operations/x")
            }
            #expect(got != nil)
            #expect(server.requests.count == 1)
            #expect(world.pauses.isEmpty)
        }
    }

    @Test("what cannot get better is not tried again", arguments: [400, 401, 403, 404, 409, 501])
    func final(status: Int) async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer(status) }) { server in
            let client = world.client(server.base)
            _ = await failure { () throws(CallFailure) in try await client.list(.acme) }
            #expect(server.requests.count == 1)
        }
    }

    @Test("a pooled connection that the server closed is replaced at once")
    func pooled() async throws {
        try await ScriptedServer.run(reply: { number, _ in number == 2 ? .close : .answer() }) {
            server in
            let client = world.client(server.base)
            _ = try await client.get("operations/x")
            _ = try await client.get("operations/x")
            #expect(server.requests.count == 3)
            #expect(world.pauses == [.zero])
        }
    }

    @Test("Retry-After is waited for up to ten seconds, and given to the caller beyond")
    func retryAfter() async throws {
        try await ScriptedServer.run(
            reply: { number, _ in
                switch number {
                case 1: .answer(503, headers: ["Retry-After: 10"])
                default: .answer(503, headers: ["Retry-After: 11"])
                }
            }
        ) { server in
            let client = world.client(server.base)
            let got = await failure { () throws(CallFailure) in try await client.list(.acme) }
            #expect(got?.retryAfter == .seconds(11))
            #expect(world.pauses == [.seconds(10)])
            #expect(server.requests.count == 2)
        }
    }
}

@Suite("stopping")
struct StoppingTests {
    @Test("a call whose task is stopped ends at once and is not tried again")
    func stopped() async throws {
        let world = TestWorld()
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedServer.run(
            reply: { _, _ in
                arrived.yield()
                return .silence
            }
        ) { server in
            let client = world.client(server.base)
            let got = await withTaskGroup(of: CallFailure?.self) { group in
                group.addTask {
                    await failure { () throws(CallFailure) in try await client.list(.acme) }
                }
                for await _ in arrivals { break }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(got?.kind == "unavailable, sent: maybe")
            #expect(server.requests.count == 1)
            #expect(world.pauses.isEmpty)
        }
    }
}

@Suite("backoff")
struct BackoffTests {
    private let down = CallFailure.unavailable(reason: "", retryAfter: nil, sent: .maybe)

    @Test("the pauses double from half a second to ten seconds")
    func doubling() {
        var backoff = Backoff(triesMax: 9)
        let pauses = (1...9).map { _ in
            backoff.pause(after: down, closedUnanswered: false, jitter: { $0 })
        }
        #expect(
            pauses == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8),
                .seconds(10), .seconds(10), .seconds(10), nil,
            ])
    }

    @Test("jitter may shorten a pause to nothing, but not below what the server asked for")
    func jitter() {
        var backoff = Backoff()
        #expect(
            backoff.pause(after: down, closedUnanswered: false, jitter: { _ in .zero }) == .zero)
        let asked = CallFailure.throttled(
            ServiceError(http: 429, code: .resourceExhausted, retryAfter: .seconds(3)))
        #expect(
            backoff.pause(after: asked, closedUnanswered: false, jitter: { _ in .zero })
                == .seconds(3))
    }

    @Test("a connection closed without an answer is forgiven once")
    func closed() {
        var backoff = Backoff()
        #expect(backoff.pause(after: down, closedUnanswered: true, jitter: { $0 }) == .zero)
        #expect(backoff.pause(after: down, closedUnanswered: true, jitter: { $0 }) == .seconds(1))
    }

    @Test("a failure that does not pass by itself ends the tries")
    func final() {
        var backoff = Backoff()
        #expect(
            backoff.pause(after: .wordless(http: 404), closedUnanswered: true, jitter: { $0 })
                == nil)
    }
}
