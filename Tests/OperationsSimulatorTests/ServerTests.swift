import OperationsSimulator
import Testing
import WireFormat

@Suite("The server over loopback")
struct ServerTests {
    private static let x = ScriptedOperation("x")
    private static let list = "/v1/projects/acme/operations"
    private static let get = "/v1/projects/acme/operations/x"
    private static let cancel = "/v1/projects/acme/operations/x:cancel"

    @Test("list, get and cancel share one connection and one state")
    func conversation() async throws {
        try await Loopback.with([Self.x]) { loopback throws in
            let client = try loopback.client()
            try client.send("GET", Self.list + "?pageSize=5&filter=NOT+done%20%3D%20true")
            #expect(try client.receive()?.answer.page().ids == ["x"])
            try client.send("POST", Self.cancel, body: "{}")
            let asked = try client.receive()
            #expect(asked?.answer.status == 200)
            #expect(asked?.answer.text == "{}\n")
            loopback.clock.advance(by: .seconds(2))
            try client.send("GET", Self.get)
            let answer = try #require(try client.receive()).answer
            #expect(try answer.summary() == "done:1+flag")
            #expect(answer.header("Date") == "Sun, 01 Mar 2026 12:00:02 GMT")
            #expect(loopback.handle.cancelCount(Self.x.name) == 1)
            #expect(loopback.handle.state(Self.x.name)?.isDone == true)
        }
    }

    @Test("requests that were sent ahead are answered in order")
    func pipelining() async throws {
        try await Loopback.with([Self.x]) { loopback throws in
            let client = try loopback.client()
            for target in [Self.get, "/v1/nothing", Self.list] { try client.send("GET", target) }
            var statuses: [Int?] = []
            for _ in 0..<3 { statuses.append(try client.receive()?.answer.status) }
            #expect(statuses == [200, 404, 200])
        }
    }

    @Test("what is not HTTP gets 400 and the end of the connection")
    func garbage() async throws {
        try await Loopback.with([]) { loopback throws in
            let client = try loopback.client()
            try client.send("GET", "two words")
            #expect(try client.receive()?.answer.status == 400)
            #expect(try client.endsWithoutMore())
            #expect(loopback.handle.requestCount == 0)
        }
    }

    @Test(
        "what is no call of the API gets an error envelope",
        arguments: [
            ("GET", "/", 404), ("GET", "/v2/projects/acme/operations", 404),
            ("GET", "/v1/projects/acme/operations/y", 404), ("DELETE", "/v1/x", 404),
            ("GET", "/v1/projects/acme/operations/%zz", 400),
            ("GET", "/v1/projects/acme/operations/%FF", 400),
            ("GET", "/v1/projects/acme/operations?pageSize=many", 400),
            ("GET", "/v1/projects/acme/operations?pageSize=-1", 400),
            ("GET", "/v1/projects/acme/operations?pagesize=1", 400),
            ("GET", "/v1/projects/acme/operations?pageToken=made-up", 400),
            ("GET", "/v1/projects/acme/operations?filter=%", 400),
            ("GET", "/v1/projects/acme/operations?returnPartialSuccess=true", 501),
            ("GET", "/v1/projects/other/operations", 403),
            ("GET", "/v1/projects/acme/operations/x?filter=done%3Dtrue", 400),
        ])
    func noCall(method: String, target: String, status: Int) async throws {
        try await Loopback.with([Self.x]) { loopback throws in
            let answer = try #require(try loopback.ask(method, target)).answer
            #expect(answer.status == status)
            #expect(try answer.json("error.code") == String(status))
            #expect(answer.header("Date") != nil)
        }
    }

    @Test(
        "a cancel has a length and the empty message",
        arguments: [
            (nil, 411), ("", 200), ("{}", 200), (" { }\n", 200), ("{\"a\":1}", 400), ("x", 400),
        ])
    func cancelBody(body: String?, status: Int) async throws {
        try await Loopback.with([Self.x]) { loopback throws in
            let reply = try loopback.ask("POST", Self.cancel, body: body)
            #expect(reply?.answer.status == status)
            let asked = loopback.handle.withService { $0.cancelAsked(Self.x.name) }
            #expect((asked != nil) == (status == 200))
            #expect(loopback.handle.cancelCount(Self.x.name) == 1)
        }
    }

    @Test(
        "names are decoded segment by segment, behind the routing",
        arguments: [
            ("a b", "/v1/projects/acme/operations/a%20b"),
            ("a+b", "/v1/projects/acme/operations/a+b"),
            ("é?#%", "/v1/projects/acme/operations/%C3%A9%3F%23%25"),
            ("x/y", "/v1/projects/acme/operations/x/y"),
            ("x:cancel", "/v1/projects/acme/operations/x%3Acancel"),
            ("x:cancel", "/v1/projects/acme/operations/x:cancel"),
        ])
    func encodedNames(id: String, target: String) async throws {
        try await Loopback.with([ScriptedOperation(id)]) { loopback throws in
            #expect(try loopback.get(target).status == 200)
            #expect(loopback.handle.requests.first?.resource == "projects/acme/operations/\(id)")
        }
    }

    @Test("a service without parents lists at /operations")
    func noParent() async throws {
        try await Loopback.with([ScriptedOperation("x", under: "")]) { loopback throws in
            #expect(try loopback.get("/v1/operations").page().ids == ["x"])
            #expect(try loopback.get("/v1/operations/x").status == 200)
        }
    }

    @Test("a list over several pages shows each operation once")
    func paging() async throws {
        try await Loopback.with(Self.x.series(count: 5)) { loopback throws in
            var ids: [String] = []
            var token: String? = ""
            while let current = token {
                let page = try loopback.get(Self.list + "?pageSize=2&pageToken=\(current)").page()
                ids += page.ids
                token = page.token
            }
            #expect(ids == (1...5).map { "x-\($0)" })
            #expect(loopback.handle.requestCount == 3)
        }
    }

    @Test("every request is recorded, its secrets only as a hash")
    func records() async throws {
        try await Loopback.with([Self.x]) { loopback throws in
            _ = try loopback.ask(
                "POST", Self.cancel,
                headers: [
                    "Authorization: Bearer secret", "User-Agent: test/1",
                    "Content-Type: application/json",
                ], body: "{}")
            loopback.clock.advance(by: .seconds(7))
            _ = try loopback.ask("GET", "/nowhere")
            let records = loopback.handle.requests
            try #require(records.count == 2)
            #expect(records[0].method == "POST")
            #expect(records[0].target == Self.cancel)
            #expect(records[0].call == .cancel)
            #expect(records[0].resource == Self.x.name)
            #expect(records[0].time == start)
            #expect(records[0].userAgent == "test/1")
            #expect(records[0].contentType == "application/json")
            #expect(records[0].body == Array("{}".utf8))
            #expect(records[0].status == 200)
            let hash = RequestRecord.hash(ofAuthorization: "Bearer secret")
            #expect(records[0].authorizationHash == hash)
            #expect(hash != RequestRecord.hash(ofAuthorization: "Bearer secreu"))
            #expect(records[1].authorizationHash == nil)
            #expect(records[1].call == nil)
            #expect(records[1].time == seconds(7))
            #expect(records[1].status == 404)
        }
    }

    @Test("the handle changes a running service at the clock's time")
    func handleChanges() async throws {
        try await Loopback.with([]) { loopback throws in
            loopback.clock.advance(by: .seconds(5))
            loopback.handle.withService { $0.insert(Self.x) }
            #expect(loopback.handle.now == seconds(5))
            let answer = try loopback.get(Self.get)
            #expect(try answer.json("metadata.createTime") == "\"2026-03-01T12:00:05Z\"")
            #expect(loopback.handle.baseURL == "http://127.0.0.1:\(loopback.handle.port)/v1")
        }
    }

    @Test("a port that is taken is told, and a second shutdown is no harm")
    func ports() async throws {
        let service = SimulatedService(start: start)
        let clock = ManualClock(start).simulatorClock
        let first = try await OperationsSimulator.serve(service, clock: clock)
        do {
            let second = try await OperationsSimulator.serve(service, clock: clock, on: first.port)
            await second.shutdown()
            Issue.record("two servers on port \(first.port)")
        } catch {
            #expect(error.description.hasPrefix("cannot listen on 127.0.0.1:\(first.port): "))
        }
        await first.shutdown()
        await first.shutdown()
    }

    @Test("after the shutdown nobody listens")
    func shutdownFreesThePort() async throws {
        let service = SimulatedService(start: start)
        let clock = ManualClock(start).simulatorClock
        // A test beside this one may be given the port that has just become free, but not always.
        for _ in 0..<50 {
            let server = try await OperationsSimulator.serve(service, clock: clock)
            await server.shutdown()
            do {
                _ = try LoopbackClient(port: server.port)
            } catch is LoopbackClient.Failure {
                return
            }
        }
        Issue.record("each of 50 ports still answers after its shutdown")
    }

    @Test("a running clock multiplies the real time that passed")
    func runningClock() {
        let clock = SimulatorClock.running(from: start, speed: 60) { .milliseconds(1_500) }
        #expect(clock.now() == seconds(90))
        let real = SimulatorClock.running(from: start)
        #expect(real.now() >= start)
        #expect(real.now() <= seconds(3_600))
    }
}
