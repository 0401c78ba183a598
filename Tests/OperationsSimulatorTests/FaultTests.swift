import OperationsSimulator
import Testing
import WireFormat

@Suite("Faults over loopback")
struct FaultTests {
    private static let x = ScriptedOperation("x")
    private static let list = "/v1/projects/acme/operations"
    private static let get = "/v1/projects/acme/operations/x"
    private static let cancel = "/v1/projects/acme/operations/x:cancel"

    private static func faults(_ effect: Fault.Effect) -> Faults {
        var faults = Faults()
        faults.add(effect)
        return faults
    }

    @Test(
        "a failure replaces the answer, once, and the request has no effect",
        arguments: [
            (SimulatedAnswer.unavailable, 503), (.throttled(retryAfterSeconds: 7), 429),
            (.html(), 500), (.unauthenticated, 401), (SimulatedAnswer(status: 502), 502),
        ])
    func failures(failure: SimulatedAnswer, status: Int) async throws {
        try await Loopback.with([Self.x], faults: Self.faults(.answer(failure))) {
            loopback throws in
            let first = try #require(try loopback.ask("POST", Self.cancel, body: "{}")).answer
            #expect(first.status == status)
            #expect(first.body == failure.body)
            #expect(first.header("Retry-After") == (status == 429 ? "7" : nil))
            #expect(loopback.handle.withService { $0.cancelAsked(Self.x.name) } == nil)
            #expect(try loopback.ask("POST", Self.cancel, body: "{}")?.answer.status == 200)
            #expect(loopback.handle.cancelCount(Self.x.name) == 2)
            #expect(loopback.handle.requests.map(\.status) == [status, 200])
        }
    }

    @Test("a fault meets only the calls and names it fits, so often, after those it lets pass")
    func matching() async throws {
        var faults = Faults()
        faults.failNext(2, [.get], with: .unavailable)
        faults.waiting.append(
            Fault(.answer(.html(status: 502)), on: [.list], skipping: 1, times: Int.max))
        faults.waiting.append(
            Fault(.answer(.unauthenticated), resource: "projects/acme/operations/y"))
        let operations = [Self.x, ScriptedOperation("y")]
        try await Loopback.with(operations, faults: faults) { loopback throws in
            #expect(try (0..<3).map { _ in try loopback.get(Self.list).status } == [200, 502, 502])
            #expect(try (0..<3).map { _ in try loopback.get(Self.get).status } == [503, 503, 200])
            let other = Self.list + "/y"
            #expect(try (0..<2).map { _ in try loopback.get(other).status } == [401, 200])
            loopback.handle.withFaults { $0 = Faults() }
            #expect(try loopback.get(Self.list).status == 200)
        }
    }

    @Test(
        "a connection drops before or after the cancel took effect",
        arguments: [(Fault.Effect.dropBeforeEffect, false), (.dropAfterEffect, true)])
    func drops(effect: Fault.Effect, hasEffect: Bool) async throws {
        try await Loopback.with([Self.x], faults: Self.faults(effect)) { loopback throws in
            #expect(try loopback.ask("POST", Self.cancel, body: "{}") == nil)
            let asked = loopback.handle.withService { $0.cancelAsked(Self.x.name) }
            #expect((asked != nil) == hasEffect)
            #expect(loopback.handle.cancelCount(Self.x.name) == 1)
            #expect(loopback.handle.requests.map(\.status) == [nil])
        }
    }

    @Test("an error may be answered to a cancel that took effect")
    func errorAfterEffect() async throws {
        let faults = Self.faults(.answerAfterEffect(.unavailable))
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            #expect(try loopback.ask("POST", Self.cancel, body: "{}")?.answer.status == 503)
            #expect(loopback.handle.withService { $0.cancelAsked(Self.x.name) } == start)
        }
    }

    @Test("a connection ends inside the body")
    func dropInBody() async throws {
        let faults = Self.faults(.dropInBody(after: 10))
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            let reply = try #require(try loopback.ask("GET", Self.get))
            #expect(!reply.isWhole)
            #expect(reply.answer.status == 200)
            #expect(reply.answer.text == #"{"name":"p"#)
        }
    }

    @Test("a connection ends behind a whole answer that did not announce it")
    func closeAfterAnswer() async throws {
        try await Loopback.with([Self.x], faults: Self.faults(.closeAfterAnswer)) {
            loopback throws in
            let client = try loopback.client()
            try client.send("GET", Self.get)
            let reply = try #require(try client.receive())
            #expect(reply.isWhole)
            #expect(reply.answer.header("Connection") == nil)
            #expect(try client.endsWithoutMore())
        }
    }

    @Test("a client that asks for the connection's end gets it")
    func connectionClose() async throws {
        try await Loopback.with([Self.x]) { loopback throws in
            let client = try loopback.client()
            try client.send("GET", Self.get, headers: ["Connection: close"])
            #expect(try client.receive()?.answer.header("Connection") == "close")
            #expect(try client.endsWithoutMore())
        }
    }

    @Test("a dripped body arrives whole")
    func drip() async throws {
        let faults = Self.faults(.drip(bytes: 100, every: .milliseconds(1)))
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            let dripped = try loopback.get(Self.get)
            let plain = try loopback.get(Self.get)
            #expect(dripped == plain)
            #expect(dripped.body.count > 200)
        }
    }

    @Test("latency and delays hold an answer back, and a shutdown does not wait for them")
    func delays() async throws {
        var faults = Faults()
        faults.latency = .milliseconds(20)
        faults.add(.delay(.milliseconds(20)))
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            let took = try ContinuousClock().measure { _ = try loopback.get(Self.get) }
            #expect(took >= .milliseconds(40))
            loopback.handle.withFaults { $0.add(.delay(.seconds(86_400))) }
            let client = try loopback.client()
            try client.send("GET", Self.get)
        }
    }

    @Test("a malformed body is half a body that tells its own length")
    func malformed() async throws {
        try await Loopback.with([Self.x], faults: Self.faults(.malformedBody)) { loopback throws in
            let half = try loopback.get(Self.get)
            let whole = try loopback.get(Self.get)
            #expect(half.status == 200)
            #expect(half.body == Array(whole.body.prefix(whole.body.count / 2)))
            #expect(throws: WireError.self) { try half.page() }
        }
    }

    @Test("a huge body is valid JSON of that size", arguments: [false, true])
    func huge(chunked: Bool) async throws {
        let faults = Self.faults(.hugeBody(bytes: 2 << 20, chunked: chunked))
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            let reply = try #require(
                try loopback.ask("GET", Self.list, headers: ["Connection: close"]))
            #expect(reply.isWhole)
            #expect(reply.answer.body.count == 2 << 20)
            #expect((reply.answer.header("Content-Length") == nil) == chunked)
            #expect(try reply.answer.page().ids == ["x"])
        }
    }

    @Test("a redirect names its place and has no effect")
    func redirect() async throws {
        let faults = Self.faults(.redirect(to: "http://127.0.0.1:9/elsewhere"))
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            let answer = try #require(try loopback.ask("POST", Self.cancel, body: "{}")).answer
            #expect(answer.status == 302)
            #expect(answer.header("Location") == "http://127.0.0.1:9/elsewhere")
            #expect(loopback.handle.withService { $0.cancelAsked(Self.x.name) } == nil)
        }
    }

    @Test("a page may repeat its token")
    func repeatedToken() async throws {
        try await Loopback.with(Self.x.series(count: 4)) { loopback throws in
            let target = Self.list + "?pageSize=1&pageToken="
            let token = try #require(try loopback.get(target).page().token)
            loopback.handle.withFaults { $0.add(.repeatedPageToken, on: [.list]) }
            let bent = try loopback.get(target + token).page()
            #expect(bent.ids == ["x-2"])
            #expect(bent.token == token)
            #expect(try loopback.get(target + token).page().token != token)
        }
    }

    @Test("a page may be empty and yet have a token, which is a new one each time")
    func emptyPage() async throws {
        var faults = Faults()
        faults.waiting.append(Fault(.emptyPageWithToken, on: [.list], times: 2))
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            let first = try loopback.get(Self.list).page()
            #expect(first.ids.isEmpty)
            let token = try #require(first.token)
            let second = try loopback.get(Self.list + "?pageToken=\(token)").page()
            #expect(second.ids.isEmpty)
            let next = try #require(second.token)
            #expect(next != token)
            let third = try loopback.get(Self.list + "?pageToken=\(next)").page()
            #expect(third.ids == ["x"])
            #expect(third.token == nil)
        }
    }

    @Test("pages name what is unreachable, once or always")
    func unreachable() async throws {
        var faults = Faults()
        faults.unreachable = ["locations/a"]
        faults.add(.unreachable(["locations/b"]), on: [.list])
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            #expect(
                try loopback.get(Self.list).page().unreachable == ["locations/a", "locations/b"])
            let page = try loopback.get(Self.list).page()
            #expect(page.unreachable == ["locations/a"])
            #expect(page.ids == ["x"])
        }
    }

    @Test(
        "the Date may be missing, skewed or garbled",
        arguments: [
            (Faults.DateFault.none, "Sun, 01 Mar 2026 12:00:00 GMT"), (.missing, nil),
            (.skewed(.seconds(301)), "Sun, 01 Mar 2026 12:05:01 GMT"),
            (.skewed(.seconds(-43_201)), "Sat, 28 Feb 2026 23:59:59 GMT"),
            (.garbled("yesterday"), "yesterday"),
        ] as [(Faults.DateFault, String?)])
    func dates(fault: Faults.DateFault, expected: String?) async throws {
        var faults = Faults()
        faults.date = fault
        try await Loopback.with([Self.x], faults: faults) { loopback throws in
            for target in [Self.list, Self.get, "/v1/nothing"] {
                #expect(try loopback.get(target).header("Date") == expected)
            }
        }
    }
}
