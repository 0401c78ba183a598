import OpwatchCore
import Testing

@testable import OperationsClient

@Suite("cancel")
struct CancelTests {
    private let world = TestWorld()

    private func cancel(
        _ reply: Reply, endsTime: Bool = false
    ) async throws -> (asked: Asked?, failure: CallFailure?, requests: Int) {
        try await ScriptedServer.run(
            reply: { [world] _, _ in
                if endsTime { world.endTime() }
                return reply
            }
        ) { server in
            let client = world.client(server.base, bodyBytesMax: 100)
            do throws(CallFailure) {
                let asked = try await client.postCancel(of: "operations/x", expires: world.later)
                return (asked, nil, server.requests.count)
            } catch {
                return (nil, error, server.requests.count)
            }
        }
    }

    @Test(
        "any 2xx is asked, whatever its body",
        arguments: [
            (Reply.answer(200, "{}"), 200), (.answer(200, ""), 200), (.answer(204), 204),
            (.answer(202, "<html>"), 202), (.answer(200, String(repeating: "x", count: 101)), 200),
            (.raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", .close), 200),
        ])
    func asked(reply: Reply, status: Int) async throws {
        let got = try await cancel(reply)
        #expect(got.asked == Asked(httpStatus: status))
        #expect(got.requests == 1)
    }

    @Test("a 2xx whose body never ends is asked when the time is up")
    func endless() async throws {
        let got = try await cancel(
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), endsTime: true)
        #expect(got.asked == Asked(httpStatus: 200))
    }

    @Test(
        "a failed cancel is sent exactly once",
        arguments: [
            (Reply.answer(400), "refused"), (.answer(401), "unauthenticated"),
            (.answer(403, "no"), "denied"), (.answer(404, "no"), "notFound"),
            (.answer(404, ""), "wordless"), (.answer(404, "<html>"), "foreign"),
            (.answer(409), "refused"), (.answer(429), "throttled"),
            (.answer(500), "unavailable, sent: maybe"), (.answer(501, "no"), "unsupported"),
            (.answer(503), "unavailable, sent: maybe"),
            (.answer(307, "", headers: ["Location: /elsewhere"]), "malformed"),
            (.answer(308, "", headers: ["Location: /elsewhere"]), "malformed"),
            (.close, "unavailable, sent: maybe"), (.raw("nonsense\r\n"), "malformed"),
            (
                .raw("HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\n{", .close),
                "unavailable, sent: maybe"
            ),
        ])
    func once(reply: Reply, kind: String) async throws {
        let got = try await cancel(reply)
        #expect(got.failure?.kind == kind)
        #expect(got.requests == 1)
        #expect(world.pauses.isEmpty)
    }

    @Test("a cancel that is not answered in time was perhaps sent, and once")
    func silence() async throws {
        let got = try await cancel(.silence, endsTime: true)
        #expect(got.failure == .timedOut(after: TestWorld.requestTime, sent: .maybe))
        #expect(got.requests == 1)
    }

    @Test("a pooled connection that the server closes does not repeat the POST")
    func pooled() async throws {
        try await ScriptedServer.run(reply: { number, _ in number == 1 ? .answer() : .close }) {
            server in
            let client = world.client(server.base)
            _ = try await client.getOnce("operations/x")
            let got = await failure { () throws(CallFailure) in
                try await client.postCancel(of: "operations/x", expires: world.later)
            }
            #expect(got?.kind == "unavailable, sent: maybe")
            #expect(server.requests.count == 2)
        }
    }

    @Test("a connection that is closed at once is not tried again")
    func closedAtOnce() async throws {
        try await ScriptedServer.run(greeting: .close, reply: { _, _ in .answer() }) { server in
            let client = world.client(server.base)
            let got = await failure { () throws(CallFailure) in
                try await client.postCancel(of: "operations/x", expires: world.later)
            }
            #expect(got?.kind == "unavailable, sent: maybe")
            #expect(server.connections == 1)
        }
    }

    @Test(
        "a permit is good until the very instant of its end", arguments: [(1, 1), (0, 0), (-1, 0)])
    func permit(nanoseconds: Int, requests: Int) async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(server.base)
            let got = await failure { () throws(CallFailure) in
                try await client.postCancel(
                    of: "operations/x", expires: world.now + .nanoseconds(nanoseconds))
            }
            #expect(got == (requests == 1 ? nil : .notSent(reason: "the permit expired")))
            #expect(server.requests.count == requests)
        }
    }

    @Test("a task that is already stopped sends nothing")
    func stopped() async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(server.base)
            let later = world.later
            let got = await withTaskGroup(of: CallFailure?.self) { group in
                group.cancelAll()
                group.addTask {
                    await failure { () throws(CallFailure) in
                        try await client.postCancel(of: "operations/x", expires: later)
                    }
                }
                return await group.next() ?? nil
            }
            #expect(got == .notSent(reason: "stopping"))
            #expect(server.requests.isEmpty)
        }
    }
}
