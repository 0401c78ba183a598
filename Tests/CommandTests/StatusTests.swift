import Foundation
import Glibc
import OperationsSimulator
import Testing
import WireFormat

@Suite("opwatchd status: what is remembered")
struct StatusTests {
    @Test("collections that do not implement cancel, until when, in words and as JSON")
    func unsupported() async throws {
        try await look(
            at: .refusesUnimplemented, once: "cancel is not implemented here"
        ) { lines, json, server in
            let words = "no cancel is implemented for projects/acme/operations of type "
            let line = try #require(lines.first { $0.hasPrefix(words) })
            #expect(line.contains(" at \(server.baseURL), asked again from "))
            let known = try #require((json["unsupported"] as? [[String: String]])?.first)
            #expect(known["collection"] == "projects/acme/operations")
            #expect(known["endpoint"] == server.baseURL)
            let until = try #require(known["until"].flatMap { Timestamp(rfc3339: $0) })
            let days = until.duration(since: now) / Duration.seconds(86_400)
            #expect((6.9...7.1).contains(days))
            #expect(json["breakers"] == nil && json["damage"] == nil)
            #expect(json["failed_cancels"] == nil)
        }
    }

    @Test("cancels that failed in a row, in words and as JSON")
    func failedCancels() async throws {
        try await look(
            at: .refusesPrecondition, once: "refused to cancel it and it still runs"
        ) { lines, json, _ in
            #expect(lines.contains("1 cancels of ml in a row were refused or defied"))
            let failed = try #require((json["failed_cancels"] as? [[String: Any]])?.first)
            #expect(failed["service"] as? String == "ml")
            #expect(failed["count"] as? Int == 1)
            #expect(json["unsupported"] == nil)
        }
    }

    /// What `status` says of a daemon that has cancelled an operation of that life.
    private func look(
        at life: Life, once words: String,
        _ body: ([String], [String: Any], SimulatorHandle) throws -> Void
    ) async throws {
        let service = SimulatedService(
            start: now,
            operations: [ScriptedOperation("a", created: .seconds(-7_200), life: life)])
        let server = try await OperationsSimulator.serve(service, clock: SimulatorClock { now })
        let result = Result { try look(at: server, once: words, body) }
        await server.shutdown()
        try result.get()
    }

    private func look(
        at server: SimulatorHandle, once words: String,
        _ body: ([String], [String: Any], SimulatorHandle) throws -> Void
    ) throws {
        let folder = Folder()
        let policy = PolicyText.watching(port: server.port, action: "cancel")
            .replacing("version: 1", with: "version: 1\nmode: enforce")
            .replacing("credentials: none", with: "credentials: none\n    interval: 1s")
        let file = try folder.write(
            policy + "safety: { confirmations: 1, canary: false }\nverify: { attempts: 1 }\n",
            to: "policy.yaml")
        let daemon = try RunningProgram(
            ["run", "--policy", file, "--state", folder.path("state")])
        _ = try daemon.waitForError(words)
        let text = try Program.run("status", "--state", folder.path("state"))
        let output = try Program.run("status", "--state", folder.path("state"), "--json").output
        let json = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        try body(text.lines, try #require(json), server)
        daemon.signal(SIGTERM)
        _ = try daemon.finish(within: .seconds(10))
    }

    private var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec)) ?? .earliest
    }
}
