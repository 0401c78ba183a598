import Foundation
import OpwatchCore
import Testing
import WireFormat

@testable import OperationsClient

/// Answers that come compressed; the limits hold for what comes out of them.
@Suite("Compression")
struct CompressionTests {
    private let world = TestWorld()

    /// The GET of an operation whose answer is this, asked for by somebody who takes gzip.
    private func get(
        _ body: [UInt8], bytesMax: Int = 1 << 20, headers: [String] = ["Content-Encoding: gzip"],
        compression: Bool = true
    ) async throws -> (Result<OperationAnswer, CallFailure>, request: String) {
        let head =
            (["HTTP/1.1 200 OK"] + headers + ["Content-Length: \(body.count)", "", ""])
            .joined(separator: "\r\n")
        let reply = Reply(bytes: Array(head.utf8) + body)
        var settings = HTTPPool.Settings(longestInterval: .seconds(60))
        settings.compression = compression
        let pool = try HTTPPool(settings)
        let outcome = try await ScriptedServer.run(reply: { _, _ in reply }) { server in
            let client = world.client(server.base, bodyBytesMax: bytesMax, pool: pool)
            let result: Result<OperationAnswer, CallFailure>
            do throws(CallFailure) {
                result = .success(try await client.getOnce("operations/x"))
            } catch {
                result = .failure(error)
            }
            return (result, request: server.requests.first ?? "")
        }
        await pool.shutdown()
        return outcome
    }

    private func malformed(_ reason: String) -> Result<OperationAnswer, CallFailure> {
        .failure(.malformed(reason: reason))
    }

    /// As gzip(1) has it.
    static func gzip(_ text: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-9", "-n", "-c"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // No more than fits into the pipe comes back before all of it was taken.
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let bytes = try output.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        return Array(bytes ?? Data())
    }

    @Test("gzip is asked for and unpacked, in whatever pieces it comes")
    func unpacked() async throws {
        let text =
            #"{"name":"operations/x","metadata":{"a":"\#(String(repeating: "b", count: 5_000))"}}"#
        let (answer, request) = try await get(try Self.gzip(text))
        #expect(try answer.get().body == Array(text.utf8))
        #expect(request.contains("Accept-Encoding: gzip\r\n"))
    }

    @Test("an answer that comes as it is, is taken as it is")
    func plain() async throws {
        let (answer, _) = try await get(Array("{}".utf8), headers: [])
        #expect(try answer.get().body == Array("{}".utf8))
    }

    @Test("without compression nobody is asked for it, and gzip is told as such")
    func off() async throws {
        let bytes = try Self.gzip("{}")
        let (answer, request) = try await get(bytes, compression: false)
        #expect(!request.lowercased().contains("accept-encoding"))
        let got = try answer.get()
        #expect(got.body == bytes)
        #expect(
            got.context.complaint(got.body, .syntax(offset: 0)) == "gzip instead of JSON")
    }

    @Test(
        "the limit of a body is that of what comes out", arguments: [(999, true), (1_000, false)])
    func limit(bytesMax: Int, isOver: Bool) async throws {
        let text = String(repeating: "ab", count: 500)
        let (answer, _) = try await get(try Self.gzip(text), bytesMax: bytesMax)
        if isOver {
            #expect(answer == .failure(.tooLarge(limitBytes: bytesMax)))
        } else {
            #expect(try answer.get().body.count == 1_000)
        }
    }

    @Test("a body that unpacks to far more than came is refused")
    func bomb() async throws {
        let (answer, _) = try await get(
            try Self.gzip(String(repeating: " ", count: 4 << 20)), bytesMax: 8 << 20)
        #expect(
            answer
                == malformed(
                    "a gzip body of more than 200 times what came; compression: false does without")
        )
    }

    @Test("a list of a thousand operations that differ in their names alone is no bomb")
    func alike() async throws {
        let operations = (0..<1_000).map {
            """
                {
                  "name": "projects/acme/operations/create_version_\($0)",
                  "metadata": {
                    "@type": "type.googleapis.com/google.cloud.ml.v1.OperationMetadata",
                    "createTime": "2026-01-31T23:59:00Z",
                    "operationType": "CREATE_VERSION",
                    "modelName": "projects/acme/models/m"
                  }
                }
            """
        }
        let text = "{\n  \"operations\": [\n" + operations.joined(separator: ",\n") + "\n  ]\n}\n"
        let bytes = try Self.gzip(text)
        #expect(text.utf8.count / bytes.count < HTTPPool.ratioMax / 2)
        let (answer, _) = try await get(bytes)
        #expect(try answer.get().body.count == text.utf8.count)
    }

    @Test("a body that is cut off, goes on, or is no gzip at all is no answer")
    func broken() async throws {
        let bytes = try Self.gzip(#"{"name":"operations/x"}"#)
        let cut = "a gzip body that is cut off, or has more behind it"
        #expect(try await get(Array(bytes.dropLast(9))).0 == malformed(cut))
        #expect(try await get(bytes + [0x7B]).0 == malformed(cut))
        #expect(try await get(bytes + bytes).0 == malformed(cut))
        let none = "a body that is no gzip, though the server calls it so"
        #expect(try await get(Array("{}".utf8)).0 == malformed(none))
        var wrong = bytes
        wrong[bytes.count - 6] ^= 1
        #expect(try await get(wrong).0 == malformed(none))
    }

    @Test(
        "of an error whose number says all, a body that breaks takes nothing away",
        arguments: [
            (429, "throttled"), (503, "unavailable, sent: maybe"), (401, "unauthenticated"),
        ])
    func brokenError(status: Int, kind: String) async throws {
        let head =
            "HTTP/1.1 \(status) X\r\nRetry-After: 15\r\nContent-Encoding: gzip\r\n"
            + "Content-Length: 4\r\n\r\n{{{{"
        var settings = HTTPPool.Settings(longestInterval: .seconds(60))
        settings.compression = true
        let pool = try HTTPPool(settings)
        try await ScriptedServer.run(reply: { _, _ in .raw(head) }) { server in
            let client = world.client(server.base, pool: pool)
            let got = await failure { () throws(CallFailure) in
                try await client.getOnce("operations/x")
            }
            #expect(got?.kind == kind)
            #expect(status == 401 || got?.retryAfter == .seconds(15))
        }
        await pool.shutdown()
    }

    @Test("a 404 whose body breaks is no 404 without a word")
    func brokenMissing() async throws {
        let head = "HTTP/1.1 404 X\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n{{{{"
        var settings = HTTPPool.Settings(longestInterval: .seconds(60))
        settings.compression = true
        let pool = try HTTPPool(settings)
        try await ScriptedServer.run(reply: { _, _ in .raw(head) }) { server in
            let got = await failure { () throws(CallFailure) in
                try await world.client(server.base, pool: pool).getOnce("operations/x")
            }
            #expect(got?.kind == "malformed")
        }
        await pool.shutdown()
    }

    @Test("nothing comes out of nothing")
    func empty() async throws {
        #expect(
            try await get([]).0 == malformed("a gzip body that is cut off, or has more behind it"))
    }
}
