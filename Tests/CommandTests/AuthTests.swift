import Foundation
import Glibc
import OperationsSimulator
import Testing
import WireFormat

@Suite("opwatchd auth, and what the daemon does with secrets")
struct AuthTests {
    private static let token = "PLANTED-access-token"
    private static let answer =
        #"{"access_token":"PLANTED-access-token","expires_in":3599,"token_type":"Bearer"}"#

    /// A simulated service, a token endpoint, and a folder with a key for it.
    private struct Stage {
        let folder = Folder()
        let endpoint = TokenEndpoint(answer: AuthTests.answer)
        let server: SimulatorHandle
        let policy: String
        /// Lines of the key that must stand nowhere.
        let planted: [String]

        init(server: SimulatorHandle) throws {
            self.server = server
            let fixture = Shipped.root.appending(
                path: "Tests/Fixtures/google-auth/service_account.json")
            let object = try JSONSerialization.jsonObject(with: Data(contentsOf: fixture))
            var key = try #require(object as? [String: Any])
            key["token_uri"] = endpoint.url
            try JSONSerialization.data(withJSONObject: key)
                .write(to: URL(filePath: folder.path("key.json")))
            planted = (key["private_key"] as? String ?? "").split(separator: "\n")
                .map(String.init).filter { $0.count > 40 }
            policy = try folder.write(
                PolicyText.watching(port: server.port)
                    .replacing(
                        "credentials: none", with: "credentials: key:key.json\n    interval: 1s"),
                to: "policy.yaml")
            try FileManager.default.createDirectory(
                atPath: folder.path("state"), withIntermediateDirectories: true)
        }

        var environment: [String: String] { ["CREDENTIALS_DIRECTORY": folder.path] }

        /// Whether nothing of the key, the token or an assertion stands in the text.
        func isClean(_ text: String) -> Bool {
            let assertion = endpoint.requests.first.map {
                $0.dropFirst("assertion=".count).prefix(80)
            }
            return !text.contains("PLANTED") && !planted.contains { text.contains($0) }
                && !(assertion.map { text.contains($0) } ?? false)
        }
    }

    private func run(_ body: (Stage) async throws -> Void) async throws {
        let service = SimulatedService(
            start: now, operations: [ScriptedOperation("a", created: .seconds(-7_200))],
            parents: ["projects/acme"])
        let server = try await OperationsSimulator.serve(service, clock: SimulatorClock { now })
        let stage = try Stage(server: server)
        var failure: (any Error)?
        do { try await body(stage) } catch { failure = error }
        stage.endpoint.close()
        await server.shutdown()
        if let failure { throw failure }
    }

    private var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec)) ?? .earliest
    }

    @Test(
        "a key is shown by its place and account; its token is tried on the service and not shown")
    func tried() async throws {
        try await run { stage in
            let outcome = try Program.run(
                "auth", "--try", "--policy", stage.policy, environment: stage.environment)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("\(stage.folder.path)/key.json: read"))
            #expect(outcome.output.contains("key of service account watcher@acme"))
            #expect(outcome.output.contains("token        comes, good for 59m"))
            #expect(outcome.output.contains("list         projects/acme: ok"))
            #expect(stage.isClean(outcome.output + outcome.errors))
            #expect(
                stage.server.requests.map(\.authorizationHash)
                    == [RequestRecord.hash(ofAuthorization: "Bearer \(Self.token)")])
            #expect(stage.endpoint.requests.count == 1)
        }
    }

    @Test("a service that the policy does not have, and a token that does not come, are errors")
    func errors() async throws {
        try await run { stage in
            let wrong = try Program.run(
                "auth", "other", "--policy", stage.policy, environment: stage.environment)
            #expect(wrong.code == 64)
            #expect(wrong.errors.contains("other: the policy has no such service, only: ml"))
            let none = try Program.run("auth", "ml", "--policy", stage.policy)
            #expect(none.code == 77)
            #expect(none.output.contains("which is not set"))
        }
    }

    @Test("check looks at the file that it can read")
    func check() async throws {
        try await run { stage in
            let good = try Program.run("check", stage.policy, environment: stage.environment)
            #expect(good.code == 0, "\(good.errors)")
            try stage.folder.write(#"{"type":"service_account"}"#, to: "key.json")
            let bad = try Program.run("check", stage.policy, environment: stage.environment)
            #expect(bad.code == 78)
            #expect(
                bad.errors.contains("error: service ml: the file \(stage.folder.path)/key.json"))
            let unseen = try Program.run("check", stage.policy)
            #expect(unseen.code == 0)
        }
    }

    @Test("a daemon polls with the key's token, and leaves no secret anywhere")
    func daemon() async throws {
        try await run { stage in
            let daemon = try RunningProgram(
                ["run", "--policy", stage.policy, "--state", stage.folder.path("state")],
                environment: stage.environment)
            let heard = try daemon.waitForError("overdue")
            let process = try ["cmdline", "environ"].map { name in
                try String(
                    decoding: Data(contentsOf: URL(filePath: "/proc/\(daemon.pid)/\(name)")),
                    as: UTF8.self)
            }
            daemon.signal(SIGTERM)
            let outcome = try daemon.finish(within: .seconds(10))
            #expect(outcome.code == 0)
            let wanted = RequestRecord.hash(ofAuthorization: "Bearer \(Self.token)")
            #expect(stage.server.requests.allSatisfy { $0.authorizationHash == wanted })
            #expect(stage.endpoint.requests.count == 1)
            var text = heard + outcome.errors + outcome.output + process.joined()
            let state = URL(filePath: stage.folder.path("state"))
            for case let file as URL in FileManager.default.enumerator(
                at: state, includingPropertiesForKeys: nil) ?? .init()
            where !file.hasDirectoryPath {
                text += String(decoding: try Data(contentsOf: file), as: UTF8.self)
            }
            #expect(text.contains("projects/acme/operations/a"))
            #expect(stage.isClean(text))
        }
    }
}
