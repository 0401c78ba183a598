import Glibc
import OperationsClient
import OpwatchCore
import Testing

@Suite("credentials")
struct CredentialsTests {
    private let world = TestWorld()
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func authorization(_ request: String?) -> String? {
        (request ?? "").split(separator: "\r\n").map(String.init)
            .first { $0.hasPrefix("Authorization: ") }
    }

    @Test(
        "the first line of the file goes out, trimmed",
        arguments: [
            "secret-1", "secret-1\n", " \tsecret-1 \r\nsecond line\n",
        ])
    func firstLine(content: String) async throws {
        defer { directory.remove() }
        try directory.write(content, to: "token")
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            for credentials in [Credentials.token("token"), .token(directory.path + "/token")] {
                let client = world.client(
                    server.base, credentials: credentials, directory: directory.path)
                _ = try await client.get("operations/x")
                #expect(
                    authorization(server.requests.last) == "Authorization: Bearer secret-1")
            }
        }
    }

    @Test("a file that changes is read again before the next request")
    func rotation() async throws {
        defer { directory.remove() }
        try directory.write("one", to: "token")
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(
                server.base, credentials: .token("token"), directory: directory.path)
            _ = try await client.get("operations/x")
            try directory.write("two", to: "new")
            try directory.rename("new", to: "token")
            _ = try await client.get("operations/x")
            #expect(
                server.requests.map(authorization)
                    == ["Authorization: Bearer one", "Authorization: Bearer two"])
        }
    }

    @Test("a 401 is tried once more if the file has another token by then")
    func refusedOnce() async throws {
        defer { directory.remove() }
        try directory.write("one", to: "token")
        let directory = directory
        try await ScriptedServer.run(
            reply: { number, _ in
                guard number == 1 else { return .answer() }
                do { try directory.write("two", to: "token") } catch { return .close }
                return .answer(401)
            }
        ) { server in
            let client = world.client(
                server.base, credentials: .token("token"), directory: directory.path)
            _ = try await client.get("operations/x")
            #expect(authorization(server.requests.last) == "Authorization: Bearer two")
            #expect(server.requests.count == 2)
            #expect(world.pauses.isEmpty)
        }
    }

    @Test(
        "a token that is refused again, or did not change, ends the call", arguments: [true, false])
    func refusedTwice(isRotated: Bool) async throws {
        defer { directory.remove() }
        try directory.write("one", to: "token")
        let directory = directory
        try await ScriptedServer.run(
            reply: { number, _ in
                do { if isRotated { try directory.write("no-\(number)", to: "token") } } catch {}
                return .answer(401, #"{"error":{"message":"bad token one, no-1"}}"#)
            }
        ) { server in
            let client = world.client(
                server.base, credentials: .token("token"), directory: directory.path)
            let got = await failure { () throws(CallFailure) in try await client.list(.acme) }
            let message = isRotated ? "bad token one, [token]" : "bad token [token], no-1"
            #expect(got == .unauthenticated(message: message))
            #expect(server.requests.count == (isRotated ? 2 : 1))
        }
    }

    @Test("a cancel that is refused with 401 is not repeated, but the next call has the new token")
    func refusedCancel() async throws {
        defer { directory.remove() }
        try directory.write("one", to: "token")
        let directory = directory
        try await ScriptedServer.run(
            reply: { number, _ in
                guard number == 1 else { return .answer() }
                do { try directory.write("two", to: "token") } catch { return .close }
                return .answer(401)
            }
        ) { server in
            let client = world.client(
                server.base, credentials: .token("token"), directory: directory.path)
            let got = await failure { () throws(CallFailure) in
                try await client.postCancel(of: "operations/x", expires: world.later)
            }
            #expect(got?.kind == "unauthenticated")
            #expect(server.requests.count == 1)
            _ = try await client.get("operations/x")
            #expect(authorization(server.requests.last) == "Authorization: Bearer two")
        }
    }

    @Test(
        "a file without a usable token is named, not quoted, and nothing is sent",
        arguments: [
            "", "\nsecret", "   ", "sec ret", "sécret", "sec\u{1}ret",
            String(repeating: "s", count: 16_385),
        ])
    func unusable(content: String) async throws {
        defer { directory.remove() }
        try directory.write(content, to: "token")
        try await expectNotSent(.token("token"))
    }

    @Test("what is no file is refused without waiting for it")
    func notAFile() async throws {
        defer { directory.remove() }
        #expect(mkfifo(directory.path + "/fifo", 0o600) == 0)
        try await expectNotSent(.token("fifo"))
        try await expectNotSent(.token("missing"))
        try await expectNotSent(.token(directory.path + "/"))
        try await expectNotSent(.token("token"), directory: nil)
    }

    private func expectNotSent(_ credentials: Credentials) async throws {
        try await expectNotSent(credentials, directory: directory.path)
    }

    private func expectNotSent(_ credentials: Credentials, directory: String?) async throws {
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(server.base, credentials: credentials, directory: directory)
            let got = await failure { () throws(CallFailure) in try await client.get("operations/x")
            }
            #expect(got?.kind == "notSent")
            let words = got?.description.replacing(self.directory.path, with: "")
            #expect(words?.contains("ret") == false)
            #expect(server.requests.isEmpty)
        }
    }

    @Test("a token is not sent over plain http beyond this machine")
    func plainHTTP() async throws {
        defer { directory.remove() }
        try directory.write("secret", to: "token")
        let client = world.client(
            "http://ml.example:9", credentials: .token("token"), directory: directory.path)
        let got = await failure { () throws(CallFailure) in try await client.get("operations/x") }
        #expect(got == .notSent(reason: "a token is not sent over plain http to ml.example:9"))
    }
}

/// A directory of the test's own, gone at its end.
final class TemporaryDirectory: Sendable {
    let path: String

    struct Failure: Error { let code = errno }

    init() throws {
        var template = Array("/tmp/opwatchd-client-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure() }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        remove()
    }

    /// For a test whose server keeps its reply closure, and with it this directory.
    func remove() {
        for name in ["token", "new", "fifo"] { unlink(path + "/" + name) }
        rmdir(path)
    }

    func write(_ content: String, to name: String) throws {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure() }
        defer { close(descriptor) }
        let bytes = Array(content.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure() }
    }

    func rename(_ name: String, to other: String) throws {
        guard Glibc.rename(path + "/" + name, path + "/" + other) == 0 else { throw Failure() }
    }
}
