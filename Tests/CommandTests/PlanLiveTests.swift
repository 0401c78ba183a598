import Foundation
import Glibc
import OperationsSimulator
import Testing
import WireFormat

@Suite("opwatchd plan, listing live")
struct PlanLiveTests {
    /// What a plan printed and how it ended, of a service with these operations.
    private func plan(
        _ operations: [ScriptedOperation], service lines: String = "",
        parents: String = "projects/acme", prepare: (SimulatorHandle) -> Void = { _ in }
    ) async throws -> Outcome {
        let service = SimulatedService(
            start: now, operations: operations, parents: ["projects/acme", "projects/b"])
        let server = try await OperationsSimulator.serve(service, clock: SimulatorClock { now })
        prepare(server)
        let result = Result {
            let folder = Folder()
            let policy = PolicyText.watching(port: server.port)
                .replacing("    credentials: none\n", with: "    credentials: none\n\(lines)")
                .replacing("[projects/acme]", with: "[\(parents)]")
            let file = try folder.write(policy, to: "policy.yaml")
            try FileManager.default.createDirectory(
                atPath: folder.path("state"), withIntermediateDirectories: true)
            return try Program.run(
                "plan", "--policy", file, "--state", folder.path("state"), "--json")
        }
        await server.shutdown()
        return try result.get()
    }

    private var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec)) ?? .earliest
    }

    private func rows(_ outcome: Outcome) throws -> [[String: Any]] {
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require((json as? [String: Any])?["operations"] as? [[String: Any]])
    }

    private func old(_ id: String, under parent: String = "projects/acme") -> ScriptedOperation {
        ScriptedOperation(id, under: parent, created: .seconds(-7_200))
    }

    @Test("a whole list of a service with the right time: exit 0 and not a word beside it")
    func whole() async throws {
        let outcome = try await plan([old("a")])
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        #expect(try rows(outcome).count == 1)
    }

    @Test("places that were unreachable are named, ten of many, and the plan is not complete")
    func unreachable() async throws {
        let places = (0..<12).map { "projects/acme/locations/l\($0)" }
        let outcome = try await plan([old("a")]) { server in
            server.withFaults { $0.unreachable = places }
        }
        #expect(outcome.code == 69)
        #expect(try rows(outcome).count == 1)
        let words = places.prefix(10).joined(separator: ", ")
        #expect(
            outcome.errors == "ml projects/acme: warning: unreachable, so that their operations "
                + "are missing: \(words) and 2 more\n"
                + "the plan is not complete: operations are missing from it\n")
    }

    @Test(
        "a service without the right time gets no cancels, and the plan says so",
        arguments: [
            (Faults.DateFault.missing, "the service tells no time (Date)"),
            (.skewed(.seconds(600)), "the clock of the service and the local one are "),
            (.skewed(.seconds(-600)), "the clock of the service and the local one are "),
        ])
    func clocks(fault: Faults.DateFault, words: String) async throws {
        let outcome = try await plan([old("a")]) { server in
            server.withFaults { $0.date = fault }
        }
        #expect(outcome.code == 0)
        #expect(outcome.errors.hasPrefix("ml: warning: \(words)"))
        #expect(outcome.errors.hasSuffix(": it gets no cancels\n"))
    }

    @Test("a filter that the service refuses is checked here, as the daemon does")
    func refusedFilter() async throws {
        let outcome = try await plan(
            [old("a"), old("b")], service: "    filter: 'name:operations/a'\n"
        ) { server in
            server.withService { $0.filtering = .refused(.invalidArgument) }
        }
        #expect(outcome.code == 0)
        #expect(
            outcome.errors.hasPrefix(
                "ml: warning: the service refuses the filter, which is checked here instead: "))
        let rows = try rows(outcome)
        #expect(rows.map { $0["decision"] as? String } == ["warn", "keep"])
        #expect(rows.last?["reason"] as? String == "the service's filter does not hold for it")
    }

    @Test("a page_size that is out of range is halved until the service takes it")
    func pageSize() async throws {
        let outcome = try await plan([old("a")]) { server in
            server.withFaults {
                let envelope = #"{"error":{"code":400,"message":"","status":"OUT_OF_RANGE"}}"#
                $0.failNext(2, [.list], with: .json(Array(envelope.utf8), status: 400))
            }
        }
        #expect(outcome.code == 0)
        #expect(try rows(outcome).count == 1)
        #expect(
            outcome.errors == "ml: warning: page_size 500 is too much for the service; listed 125 "
                + "at a time\n")
    }

    @Test("a page token that is refused in mid-walk as out of range begins the list anew, as large")
    func expiredToken() async throws {
        let operations = (0..<15).map { old("o\($0)") }
        let outcome = try await plan(operations, service: "    page_size: 12\n") { server in
            server.withFaults { faults in
                let envelope = #"{"error":{"code":400,"message":"","status":"OUT_OF_RANGE"}}"#
                faults.waiting = [
                    Fault(
                        .answer(.json(Array(envelope.utf8), status: 400)), on: [.list], skipping: 1)
                ]
            }
        }
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        #expect(try rows(outcome).count == 15)
    }

    @Test("a list that fails is told with its parent, the others are in the plan")
    func failedParent() async throws {
        let outcome = try await plan(
            [old("a"), old("c", under: "projects/b")],
            parents: "projects/nope, projects/b")
        #expect(outcome.code == 69)
        #expect(outcome.errors.hasPrefix("ml projects/nope: permission denied"))
        #expect(outcome.errors.contains("the plan is not complete"))
        #expect(try rows(outcome).map { $0["name"] as? String } == ["projects/b/operations/c"])
    }
}
