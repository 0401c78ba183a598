import OpwatchCore
import Testing
import WireFormat

@testable import OperationsClient

/// What leaves, byte for byte.
@Suite("requests")
struct RequestTests {
    private let world = TestWorld()

    private func lines(_ request: String?) -> [String] {
        (request ?? "").split(separator: "\r\n").map(String.init)
    }

    @Test("a list asks for the parent's operations and nothing else")
    func list() async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer(200, #"{"operations":[]}"#) }) {
            server in
            let page = try await world.client(server.base + "/v1").list(.acme)
            #expect(page.body == Array(#"{"operations":[]}"#.utf8))
            #expect(page.time.date == Timestamp(rfc3339: "1994-11-06T08:49:37Z"))
            #expect(page.time.sentAt == world.now)
            let lines = lines(server.requests.first)
            #expect(lines.first == "GET /v1/projects/acme/operations?pageSize=500 HTTP/1.1")
            #expect(
                Set(lines.dropFirst()) == [
                    "Host: 127.0.0.1:\(server.port)", "User-Agent: opwatchd/1.2.3",
                    "Accept: application/json",
                ])
        }
    }

    @Test("filter and page token are encoded, the empty parent lists /operations")
    func query() async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            _ = try await world.client(server.base).list(
                ListRequest(
                    parent: "", filter: #"a = "b&c" AND d:é+%"#, pageSize: 10, pageToken: "x=/+y"))
            #expect(
                lines(server.requests.first).first
                    == "GET /operations?pageSize=10&filter=a%20%3D%20%22b%26c%22%20AND%20d%3A%C3%A9"
                    + "%2B%25&pageToken=x%3D%2F%2By HTTP/1.1")
        }
    }

    @Test(
        "a name is encoded segment by segment and arrives as it was",
        arguments: [
            ("projects/p/operations/x", "/v1/projects/p/operations/x"),
            ("operations/a b?c#d%e", "/v1/operations/a%20b%3Fc%23d%25e"),
            ("operations/é:z", "/v1/operations/%C3%A9%3Az"),
            ("operations/a%2Fb", "/v1/operations/a%252Fb"),
        ])
    func name(name: String, path: String) async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(server.base + "/v1")
            _ = try await client.get(name)
            _ = try await client.postCancel(of: name, expires: world.later)
            #expect(lines(server.requests.first).first == "GET \(path) HTTP/1.1")
            #expect(lines(server.requests.last).first == "POST \(path):cancel HTTP/1.1")
        }
    }

    @Test(
        "a name that cannot stand in a URL is not sent",
        arguments: [
            "", "a/../b", "a//b", "/a", "a/", ".", "a\nb", String(repeating: "a", count: 1_025),
        ]
    )
    func unaddressable(name: String) async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(server.base)
            #expect(
                await failure { () throws(CallFailure) in try await client.get(name) }?.kind
                    == "notSent")
            let posted = await failure { () throws(CallFailure) in
                try await client.postCancel(of: name, expires: world.later)
            }
            #expect(posted?.kind == "notSent")
            #expect(server.requests.isEmpty)
        }
    }

    @Test("a cancel is a POST with a JSON body of known length")
    func cancel() async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(server.base + "/v1")
            let asked = try await client.postCancel(of: "operations/x", expires: world.later)
            #expect(asked == Asked(httpStatus: 200))
            let text = try #require(server.requests.first)
            #expect(text.hasPrefix("POST /v1/operations/x:cancel HTTP/1.1\r\n"))
            #expect(text.hasSuffix("\r\n\r\n{}"))
            #expect(lines(text).contains("Content-Length: 2"))
            #expect(lines(text).contains("Content-Type: application/json"))
        }
    }

    @Test(
        "a date that is missing, double or unreadable is no date",
        arguments: [
            Reply.answer(date: nil), .answer(headers: ["Date: Sun, 06 Nov 1994 08:49:38 GMT"]),
            .answer(date: "yesterday"),
        ])
    func date(reply: Reply) async throws {
        try await ScriptedServer.run(reply: { _, _ in reply }) { server in
            let answer = try await world.client(server.base).get("operations/x")
            #expect(answer.time.date == nil)
        }
    }

    @Test("requests of one host wait for no connection, however many are under way")
    func manyAtOnce() async throws {
        let count = 100
        let (arrivals, arrived) = AsyncStream.makeStream(of: Int.self)
        try await ScriptedServer.run(
            reply: { number, _ in
                arrived.yield(number)
                return .silence
            }
        ) { server in
            let client = world.client(server.base)
            let haveAllArrived = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        _ = await failure { () throws(CallFailure) in
                            try await client.getOnce("operations/x")
                        }
                        return false
                    }
                }
                group.addTask {
                    for await number in arrivals where number == count { return true }
                    return false
                }
                // A request that waits in vain ends before all have arrived.
                let first = await group.next()
                group.cancelAll()
                return first
            }
            #expect(haveAllArrived == true)
        }
    }
}
