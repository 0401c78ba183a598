import OperationsSimulator
import Testing
import WireFormat

@Suite("The pure service")
struct ServiceTests {
    private let acme = "projects/acme"

    @Test("an operation has the members of ML Engine v1 and no defaults")
    func document() throws {
        let script = ScriptedOperation(
            "deploy", labels: ["team": "a\"b", "env": "prod"], created: .seconds(-90),
            queuedFor: .milliseconds(1_500))
        let answer = SimulatedService(start: start, operations: [script]).get(script.name)
        #expect(
            answer.text == """
                {"name":"projects/acme/operations/deploy","metadata":{\
                "@type":"type.googleapis.com/google.cloud.ml.v1.OperationMetadata",\
                "createTime":"2026-03-01T11:58:30Z","startTime":"2026-03-01T11:58:31.500Z",\
                "operationType":"CREATE_VERSION","modelName":"projects/acme/models/churn",\
                "labels":{"env":"prod","team":"a\\"b"},"projectNumber":"123456789012",\
                "version":{"name":"projects/acme/models/churn/versions/v1",\
                "createTime":"2025-12-01T11:58:30Z","deploymentUri":"gs://models/churn/v1",\
                "runtimeVersion":"2.11"}}}
                """)
        #expect(answer.header("date") == "Sun, 01 Mar 2026 12:00:00 GMT")
        #expect(answer.header("content-type") == "application/json; charset=UTF-8")
    }

    @Test(
        "the response suits the operation's type",
        arguments: [
            ("CREATE_VERSION", "google.cloud.ml.v1.Version"),
            ("UPDATE_VERSION", "google.cloud.ml.v1.Version"),
            ("DELETE_VERSION", "google.protobuf.Empty"), ("DELETE_MODEL", "google.protobuf.Empty"),
        ])
    func response(type: String, expected: String) throws {
        let script = ScriptedOperation("x", type: type, life: .normal(after: .zero))
        let answer = SimulatedService(start: start, operations: [script]).get(script.name)
        #expect(try answer.json("response.\"@type\"") == "\"type.googleapis.com/\(expected)\"")
    }

    @Test("kept operations are labelled keep")
    func kept() throws {
        let script = ScriptedOperation("x", labels: ["team": "a"], life: .kept)
        let answer = SimulatedService(start: start, operations: [script]).get(script.name)
        #expect(try answer.json("metadata.labels") == #"{"keep":"true","team":"a"}"#)
    }

    @Test(
        "pages hold what was asked for and the last one has no token",
        arguments: [1, 2, 3, 6, 7, 8])
    func paging(size: Int) throws {
        let all = ScriptedOperation("x").series(count: 7)
        let service = SimulatedService(
            start: start, operations: all + [ScriptedOperation("other", under: "projects/b")])
        var ids: [String] = []
        var token: String?
        var pages = 0
        repeat {
            let page = try service.list(acme, pageSize: size, pageToken: token ?? "").page()
            ids += page.ids
            token = page.token
            pages += 1
            #expect(page.ids.count <= size)
            #expect((page.ids.count == size) || token == nil)
        } while token != nil
        #expect(ids == (1...7).map { "x-\($0)" })
        #expect(pages == (7 + size - 1) / size)
    }

    @Test("page size 0 is the service's own, and large ones are cut")
    func pageSizes() throws {
        var service = SimulatedService(
            start: start, operations: ScriptedOperation("x").series(count: 10))
        service.pageSizeDefault = 3
        service.pageSizeMax = 5
        #expect(try service.list(acme).page().ids.count == 3)
        #expect(try service.list(acme, pageSize: 5).page().ids.count == 5)
        #expect(try service.list(acme, pageSize: 6).page().ids.count == 5)
        #expect(service.list(acme, pageSize: -1).status == 400)
    }

    @Test("a token is good only for the list it came from")
    func foreignTokens() throws {
        let service = SimulatedService(
            start: start, operations: ScriptedOperation("x").series(count: 3),
            parents: ["projects/b"])
        let token = try #require(try service.list(acme, pageSize: 1).page().token)
        #expect(service.list(acme, pageSize: 2, pageToken: token).status == 200)
        #expect(service.list(acme, filter: "done = false", pageToken: token).status == 400)
        #expect(service.list("projects/b", pageToken: token).status == 400)
        for broken in ["x", "1-0-0", "-1-0-0", token + "0", String(token.dropLast()), "1-0"] {
            #expect(service.list(acme, pageToken: broken).status == 400, "\(broken)")
        }
    }

    @Test(
        "filters on done are understood",
        arguments: [
            ("", ["a", "b", "c"]), ("  ", ["a", "b", "c"]),
            ("NOT done = true", ["b", "c"]), ("NOT done=true", ["b", "c"]),
            ("done = false", ["b", "c"]), ("done:false", ["b", "c"]), ("-done:true", ["b", "c"]),
            ("done = true", ["a"]), ("done:true", ["a"]), ("NOT done:false", ["a"]),
        ])
    func filters(filter: String, expected: [String]) throws {
        let service = Self.mixed
        #expect(try service.list(acme, filter: filter).page().ids == expected)
    }

    @Test(
        "other filters are answered INVALID_ARGUMENT",
        arguments: ["done", "done = 1", "NOT NOT done = true", "NOT -done = true", "name:*", "x"])
    func foreignFilters(filter: String) throws {
        let answer = Self.mixed.list(acme, filter: filter)
        #expect(answer.status == 400)
        #expect(try answer.json("error.code") == "400")
        #expect(try answer.json("error.status") == "\"INVALID_ARGUMENT\"")
    }

    @Test("a service may ignore filters or refuse them all")
    func filtering() throws {
        var service = Self.mixed
        service.filtering = .ignored
        #expect(try service.list(acme, filter: "a.b = 1").page().ids == ["a", "b", "c"])
        service.filtering = .refused(.unimplemented)
        #expect(service.list(acme, filter: "done = true").status == 501)
        #expect(service.list(acme).status == 200)
    }

    @Test("an empty page is an empty object, an unknown parent is denied")
    func parents() throws {
        let service = SimulatedService(start: start, parents: ["projects/empty"])
        #expect(service.list("projects/empty").text == "{}")
        let denied = service.list("projects/nobody")
        #expect(denied.status == 403)
        #expect(try denied.json("error.status") == "\"PERMISSION_DENIED\"")
    }

    @Test(
        "a refused cancel says why in the envelope",
        arguments: [
            (Life.refusesUnimplemented, "501", "UNIMPLEMENTED"),
            (.refusesPrecondition, "400", "FAILED_PRECONDITION"),
            (.deniedCancel, "403", "PERMISSION_DENIED"),
        ])
    func refusals(life: Life, code: String, status: String) throws {
        let script = ScriptedOperation("x", life: life)
        var service = SimulatedService(start: start, operations: [script])
        let answer = service.cancel(script.name)
        #expect(String(answer.status) == code)
        #expect(try answer.json("error.code") == code)
        #expect(try answer.json("error.status") == "\"\(status)\"")
        #expect(service.cancelAsked(script.name) == nil)
        if life == .deniedCancel { #expect(answer.text.contains("ml.operations.cancel")) }
    }

    @Test("its owner can end, hide, remove and replace operations")
    func ownerChanges() throws {
        var service = Self.mixed
        let name = "projects/acme/operations/b"
        service.setListed(false, name)
        #expect(try service.list(acme).page().ids == ["a", "c"])
        #expect(service.get(name).status == 200)
        service.setListed(true, name)
        service.advance(to: seconds(10))
        service.end(name, with: .error(.unavailable, message: "moved"))
        #expect(try service.get(name).summary() == "done:14")
        service.remove(name)
        #expect(service.get(name).status == 404)
        #expect(service.cancel(name).status == 404)
        service.insert(ScriptedOperation("b"))
        #expect(try service.get(name).json("metadata.createTime") == "\"2026-03-01T12:00:10Z\"")
        #expect(service.names.map { $0.suffix(1) } == ["a", "c", "b"])
    }

    @Test("series differ in name and creation")
    func series() {
        let series = ScriptedOperation("x", created: .seconds(-10)).series(
            count: 3, spacing: .seconds(5))
        #expect(series.map(\.id) == ["x-1", "x-2", "x-3"])
        #expect(series.map(\.created) == [.seconds(-10), .seconds(-5), .zero])
        #expect(ScriptedOperation("x").series(count: 0).isEmpty)
    }

    /// `a` is done, `b` runs, `c` is queued.
    private static var mixed: SimulatedService {
        SimulatedService(
            start: start,
            operations: [
                ScriptedOperation("a", created: .seconds(-60), life: .normal(after: .seconds(60))),
                ScriptedOperation("b"), ScriptedOperation("c", life: .queuedForEver),
            ])
    }
}
