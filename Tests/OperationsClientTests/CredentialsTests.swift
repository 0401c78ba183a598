import Glibc
import OpwatchCore
import Testing
import WireFormat

@testable import OperationsClient

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
        "the only line of the file goes out, trimmed",
        arguments: ["secret-1", "secret-1\n", " \tsecret-1 \r\n\r\n \n"])
    func onlyLine(content: String) async throws {
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
            // Also the one before may be good yet.
            let message = isRotated ? "bad token [token], [token]" : "bad token [token], no-1"
            #expect(
                got
                    == .unauthenticated(
                        ServiceError(http: 401, code: .unauthenticated, message: message)))
            #expect(server.requests.count == (isRotated ? 2 : 1))
        }
    }

    @Test(
        "no message repeats the token, wherever a server quotes it",
        arguments: [
            (200, "<html>TOKEN</html>"), (200, #"{"error":{"message":"bad TOKEN"}}"#),
            (404, "<html>TOKEN"), (404, "TOKEN"), (400, #"{"x":"TOKEN"}"#),
            (403, #"{"error":"TOKEN\u0301"}"#),
            (503, #"{"error":{"message":"TOKENTOKEN"}}"#),
            // Half of it at the end of what is looked at.
            (400, String(repeating: "TOKEN", count: 10_000)),
        ])
    func quoted(status: Int, body: String) async throws {
        defer { directory.remove() }
        let token = "s3cr3t-0123456789"
        try directory.write(token, to: "token")
        let reply = Reply.answer(status, body.replacing("TOKEN", with: token))
        try await ScriptedServer.run(reply: { _, _ in reply }) { server in
            let client = world.client(
                server.base, credentials: .token("token"), directory: directory.path)
            var told = ""
            do throws(CallFailure) {
                let page = try await client.list(.acme)
                var reader = ListPageReader(page.body, fields: FieldSet([]))
                var row = FieldRow()
                do throws(WireError) {
                    while try reader.next(into: &row) {}
                } catch {
                    told = page.context.complaint(page.body, error)
                }
            } catch {
                told = error.description
            }
            // Bytes: a character may combine with the last of the token.
            #expect(told.utf8.contains("[token]".utf8), "\(told)")
            #expect(!told.utf8.contains("s3c".utf8), "\(told)")
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
        "every character that a token may have goes out, and = at its end",
        arguments: ["ya29.abc-DEF_~+/09", "ya29.abc-DEF_~+/09==", "x", "x="])
    func characters(token: String) async throws {
        defer { directory.remove() }
        try directory.write(token + "\n", to: "token")
        try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(
                server.base, credentials: .token("token"), directory: directory.path)
            _ = try await client.get("operations/x")
            #expect(authorization(server.requests.last) == "Authorization: Bearer \(token)")
        }
    }

    @Test(
        "a file without a usable token is named with what is wrong, not quoted; nothing is sent",
        arguments: [
            ("", "is empty"), ("  \n \r\n", "is empty"),
            (#"{"type":"service_account","private_key":"SECRET"}"#, "is a service account key"),
            ("{\n  \"type\": \"service_account\"\n}", "is a service account key"),
            ("\n {\"private_key_id\":\"SECRET\"}", "is a service account key"),
            (#"{"access_token":"SECRET","expires_in":3599}"#, "is a JSON answer: put its access"),
            (#"{"refresh_token":"SECRET","type":"authorized_user"}"#, "is JSON, not a token"),
            (#"["SECRET"]"#, "is JSON"), ("-----BEGIN PRIVATE KEY-----\nSECRET", "is a PEM key"),
            ("\"SECRET\"", "has quotes"), ("'SECRET'", "has quotes"),
            ("TOKEN=SECRET", "has NAME= in front"), ("export T_1='SECRET'\n", "has NAME= in front"),
            ("Bearer SECRET", "has `Bearer` in front"), ("bearer\tSECRET", "has `Bearer` in front"),
            ("Authorization: Bearer SECRET", "has `Bearer` in front"),
            ("\nSECRET", "has no token in its first line"),
            ("SECRET\nSECRET", "more than one line"),
            ("SEC RET", "has a space"), ("SEC\tRET", "has a space"),
            ("SÉCRET", "has a character"), ("SEC\u{1}RET", "has a character"),
            ("SEC=RET-", "has NAME= in front"), ("SEC-RET=x", "has a character"),
            ("=SECRET", "has a character"), ("=", "has a character"),
            ("SEC:RET", "has a character"),
            ("\u{FEFF}SECRET", "has a character"), ("SEC\"RET", "has a character"),
            (String(repeating: "S", count: 16_385), "is longer than 16384 bytes"),
        ])
    func unusable(content: String, words: String) async throws {
        defer { directory.remove() }
        try directory.write(content, to: "token")
        let told = try await expectNotSent(.token("token"))
        #expect(told.contains(words), "\(told)")
        #expect(!told.contains("SEC") && !told.contains("RET"), "\(told)")
    }

    @Test("what is no file is refused without waiting for it")
    func notAFile() async throws {
        defer { directory.remove() }
        #expect(mkfifo(directory.path + "/fifo", 0o600) == 0)
        try await expectNotSent(.token("fifo"))
        try await expectNotSent(.token(directory.path + "/"))
    }

    @Test("a credential that is missing needs a restart, another file only itself")
    func missing() async throws {
        defer { directory.remove() }
        let advice = "needs a restart of the service, not a reload"
        #expect(try await expectNotSent(.token("missing")).hasSuffix(advice))
        #expect(try await expectNotSent(.token("token"), directory: nil).hasSuffix(advice))
        let path = directory.path + "/missing"
        #expect(try await expectNotSent(.token(path)).hasSuffix("No such file or directory"))
    }

    @discardableResult
    private func expectNotSent(_ credentials: Credentials) async throws -> String {
        try await expectNotSent(credentials, directory: directory.path)
    }

    /// - Returns: the words of the failure, without the path.
    private func expectNotSent(
        _ credentials: Credentials, directory: String?
    ) async throws -> String {
        return try await ScriptedServer.run(reply: { _, _ in .answer() }) { server in
            let client = world.client(server.base, credentials: credentials, directory: directory)
            let got = await failure { () throws(CallFailure) in try await client.get("operations/x")
            }
            #expect(got?.kind == "notSent")
            #expect(server.requests.isEmpty)
            return (got?.description ?? "").replacing(self.directory.path, with: "")
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
