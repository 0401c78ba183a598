import Foundation
import GoogleAuth
import OpwatchCore
import Synchronization
import Testing
import WireFormat

@Suite("Tokens kept and renewed")
struct TokenSourceTests {
    /// The login of a person: each token costs a request.
    private static let login = """
        {"type":"authorized_user","client_id":"c","client_secret":"PLANTED-secret",
         "refresh_token":"PLANTED-refresh"}
        """
    private static let path = "login.json"

    private static func stage(
        answer: @escaping AuthStage.Answer = { _ throws(AuthFailure) in .token("t") }
    ) throws -> AuthStage {
        let stage = try AuthStage(answer: answer)
        try stage.write(login, to: path)
        return stage
    }

    private static func source(_ stage: AuthStage) -> TokenSource {
        stage.source(.authorizedUser(path))
    }

    @Test(
        "a fresh token is asked for when a quarter of its life is left, at most five minutes",
        arguments: [(3_600, 3_300), (400, 300), (100, 75)])
    func ahead(life: Int, due: Int) async throws {
        let stage = try Self.stage { _ throws(AuthFailure) in .token("t", seconds: life) }
        defer { stage.remove() }
        let source = Self.source(stage)
        _ = try await source.use()
        stage.advance(by: .seconds(due - 1))
        _ = try await source.use()
        #expect(stage.sent.count == 1)
        stage.advance(by: .seconds(1))
        _ = try await source.use()
        #expect(stage.sent.count == 2)
    }

    @Test("nobody waits for a renewal that hangs, while the old token is good")
    func hangingRenewal() async throws {
        let asked = AsyncStream.makeStream(of: Void.self)
        let stage = try Self.stage()
        defer { stage.remove() }
        let source = Self.source(stage)
        _ = try await source.token()
        stage.setAnswer { _ throws(AuthFailure) in
            asked.continuation.yield()
            for await _ in AsyncStream.makeStream(of: Void.self).stream {}
            throw .stopped
        }
        stage.advance(by: .seconds(3_300))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await source.renew() }
            for await _ in asked.stream { break }
            for _ in 0..<5 {
                do { #expect(try await source.use()?.text == "t") } catch { Issue.record(error) }
            }
            stage.endTime()
        }
        #expect(stage.sent.count == 2)
    }

    @Test("however many ask at once, one request is under way")
    func together() async throws {
        let gate = AsyncStream.makeStream(of: Void.self)
        let stage = try Self.stage { _ throws(AuthFailure) in
            for await _ in gate.stream { break }
            return .token("one")
        }
        defer { stage.remove() }
        let source = Self.source(stage)
        await withTaskGroup(of: String?.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do { return try await source.token()?.text } catch { return nil }
                }
            }
            while stage.sent.isEmpty { await Task.yield() }
            gate.continuation.finish()
            for await text in group { #expect(text == "one") }
        }
        #expect(stage.sent.count == 1)
    }

    @Test("an outage shorter than the life left costs nothing, and is told once")
    func shortOutage() async throws {
        let stage = try Self.stage()
        defer { stage.remove() }
        let source = Self.source(stage)
        _ = try await source.token()
        stage.setAnswer { _ throws(AuthFailure) in .json(503, "{}") }
        stage.advance(by: .seconds(3_300))
        for _ in 0..<10 {
            #expect(try await source.use()?.text == "t")
            stage.advance(by: .seconds(20))
        }
        #expect(stage.told.count == 1)
        guard case .failing(_, let left)? = stage.told.first else {
            Issue.record("nothing was told")
            return
        }
        #expect(left == .seconds(290))
        stage.setAnswer { _ throws(AuthFailure) in .token("new") }
        stage.advance(by: .seconds(60))
        #expect(try await source.use()?.text == "t")
        #expect(try await source.token()?.text == "new")
        #expect(stage.told.last == .recovered)
    }

    @Test("a longer one ends in a failure with its cause, is asked about with growing pauses")
    func longOutage() async throws {
        let stage = try Self.stage { _ throws(AuthFailure) in .json(503, #"{"error":"down"}"#) }
        defer { stage.remove() }
        let source = Self.source(stage)
        var failures: Set<String> = []
        for _ in 0..<600 {
            failures.insert("\(await failure(of: source)?.description ?? "none")")
            stage.advance(by: .seconds(1))
        }
        #expect(
            failures == ["POST https://oauth2.googleapis.com/token: HTTP 503, down"])
        #expect((8...25).contains(stage.sent.count))
        #expect(stage.told.isEmpty)
        stage.setAnswer { _ throws(AuthFailure) in .token("back") }
        stage.advance(by: .seconds(60))
        #expect(try await source.token()?.text == "back")
    }

    @Test("a definite no is asked about again after minutes, or once the file changes")
    func refused() async throws {
        let stage = try Self.stage { _ throws(AuthFailure) in
            .json(400, #"{"error":"invalid_grant","error_description":"PLANTED-refresh is over"}"#)
        }
        defer { stage.remove() }
        let source = Self.source(stage)
        let told = "\(await failure(of: source)?.description ?? "")"
        #expect(told.contains("invalid_grant: [secret] is over; the key or login was revoked"))
        stage.advance(by: .seconds(299))
        #expect(await failure(of: source) != nil)
        #expect(stage.sent.count == 1)
        try stage.write(Self.login + "\n", to: Self.path)
        #expect(await failure(of: source) != nil)
        #expect(stage.sent.count == 2)
        stage.advance(by: .seconds(300))
        #expect(await failure(of: source) != nil)
        #expect(stage.sent.count == 3)
    }

    @Test("an operator who reloads has a token asked for at once, whatever the last answer was")
    func endRest() async throws {
        let stage = try Self.stage { _ throws(AuthFailure) in
            .json(400, #"{"error":"invalid_grant"}"#)
        }
        defer { stage.remove() }
        let source = Self.source(stage)
        #expect(await failure(of: source) != nil)
        stage.setAnswer { _ throws(AuthFailure) in .token("mended") }
        #expect(await failure(of: source) != nil)
        source.endRest()
        #expect(try await source.token()?.text == "mended")
        #expect(stage.sent.count == 2)
    }

    @Test("a token that does not come in three minutes is a failure, also for those who wait")
    func timeLimit() async throws {
        let asked = AsyncStream.makeStream(of: Void.self)
        let stage = try Self.stage { _ throws(AuthFailure) in
            asked.continuation.yield()
            // Nothing ever comes; a task that is cancelled waits no longer.
            for await _ in AsyncStream.makeStream(of: Void.self).stream {}
            throw .stopped
        }
        defer { stage.remove() }
        let source = Self.source(stage)
        async let first = failure(of: source)
        for await _ in asked.stream { break }
        async let second = failure(of: source)
        stage.endTime()
        let words = "nothing came within 180 s"
        #expect(await first == .unavailable(words))
        #expect(await second == .unavailable(words))
        #expect(stage.sent.count == 1)
    }

    @Test("a file that is broken is read again at each call, and costs no request")
    func brokenFile() async throws {
        let stage = try Self.stage()
        defer { stage.remove() }
        try stage.write("{}", to: Self.path)
        let source = Self.source(stage)
        #expect(await failure(of: source)?.description.contains("lacks type") == true)
        #expect(stage.sent.isEmpty)
        try stage.write(Self.login, to: Self.path)
        #expect(try await source.token()?.text == "t")
    }

    @Test(
        "a file that breaks or goes while its token is good costs one try and is told once",
        arguments: ["{", nil])
    func brokenWhileGood(content: String?) async throws {
        let stage = try Self.stage()
        defer { stage.remove() }
        let source = Self.source(stage)
        _ = try await source.token()
        if let content {
            try stage.write(content, to: Self.path)
        } else {
            try FileManager.default.removeItem(atPath: stage.directory + "/" + Self.path)
        }
        for _ in 0..<3 { #expect(try await source.token()?.text == "t") }
        #expect(stage.told.count == 1)
        stage.setAnswer { _ throws(AuthFailure) in .token("new") }
        try stage.write(Self.login + " ", to: Self.path)
        #expect(try await source.token()?.text == "new")
        #expect(stage.told.last == .recovered)
    }

    @Test("a token that is over before it came is a failure with a pause, and no endless asking")
    func shortLife() async throws {
        let slow = Mutex<AuthStage?>(nil)
        let stage = try Self.stage { _ throws(AuthFailure) in
            slow.withLock { $0 }?.advance(by: .seconds(2))
            return .token("t", seconds: 1)
        }
        defer { stage.remove() }
        slow.withLock { $0 = stage }
        let source = Self.source(stage)
        #expect(await failure(of: source)?.description == "the token that came is over already")
        #expect(await failure(of: source) != nil)
        #expect(stage.sent.count == 1)
    }

    @Test("what is put into a file while another is tried is tried as well")
    func changedMeanwhile() async throws {
        let own = Mutex<AuthStage?>(nil)
        let stage = try Self.stage { _ throws(AuthFailure) in
            do { try own.withLock { $0 }?.write(Self.login + "\n", to: Self.path) } catch {}
            return .json(400, #"{"error":"invalid_grant"}"#)
        }
        defer { stage.remove() }
        own.withLock { $0 = stage }
        let source = Self.source(stage)
        #expect(await failure(of: source) != nil)
        stage.setAnswer { _ throws(AuthFailure) in .token("t") }
        #expect(try await source.token()?.text == "t")
    }

    @Test("a refused token serves on while no fresh one comes")
    func refusedAndDown() async throws {
        let stage = try Self.stage()
        defer { stage.remove() }
        let source = Self.source(stage)
        let first = try #require(try await source.token())
        stage.setAnswer { _ throws(AuthFailure) in .json(503, "{}") }
        source.letGo(first.token)
        #expect(try await source.token() == first)
        #expect(try await source.token() == first)
        #expect(stage.sent.count == 2)
    }

    @Test("a refused token is replaced once a minute at most, and the file of one is read again")
    func letGo() async throws {
        let number = Mutex(0)
        let stage = try Self.stage { _ throws(AuthFailure) in
            .token("t\(number.withLock { $0 += 1; return $0 })")
        }
        defer { stage.remove() }
        let source = Self.source(stage)
        let first = try #require(try await source.token())
        source.letGo(first.token)
        let second = try #require(try await source.token())
        #expect(second.text == "t2")
        // Of somebody who asked before.
        source.letGo(first.token)
        #expect(try await source.token()?.text == "t2")
        source.letGo(second.token)
        #expect(try await source.token()?.text == "t2")
        stage.advance(by: .seconds(60))
        source.letGo(second.token)
        #expect(try await source.token()?.text == "t3")
    }

    @Test("what must leave now takes the token at hand, and asks for none")
    func atHand() async throws {
        let stage = try Self.stage()
        defer { stage.remove() }
        let source = Self.source(stage)
        #expect(throws: AuthFailure.unavailable("no token is at hand")) {
            try source.tokenAtHand()
        }
        _ = try await source.token()
        stage.advance(by: .seconds(3_589))
        #expect(try source.tokenAtHand()?.text == "t")
        stage.advance(by: .seconds(1))
        #expect(throws: AuthFailure.self) { try source.tokenAtHand() }
        #expect(stage.sent.count == 1)
    }

    @Test("over 24 hours each token of an hour is renewed ahead of its end, one request each")
    func day() async throws {
        let number = Mutex(0)
        let stage = try Self.stage { _ throws(AuthFailure) in
            .token("t\(number.withLock { $0 += 1; return $0 })")
        }
        defer { stage.remove() }
        let source = Self.source(stage)
        // A poll a minute, with two requests.
        for _ in 0..<(24 * 60) {
            #expect(try await source.use() != nil)
            #expect(try source.tokenAtHand() != nil)
            stage.advance(by: .seconds(60))
        }
        // One each 55 minutes, the first at once.
        #expect(stage.sent.count == 27)
        #expect(stage.told.isEmpty)
    }

    @Test("a session token of AWS stands in no message, though it is sent inside another secret")
    func awsSession() async throws {
        let stage = try AuthStage([
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id",
            "AWS_SECRET_ACCESS_KEY": "PLANTED-key", "AWS_SESSION_TOKEN": "PLANTED//session+=",
        ]) { _ throws(AuthFailure) in
            .json(400, #"{"error":"bad","error_description":"2PLANTED%2F%2Fsession%2B%3D%22"}"#)
        }
        defer { stage.remove() }
        try stage.write(
            """
            {"type":"external_account","audience":"//iam.googleapis.com/p",
             "subject_token_type":"urn:ietf:params:aws:token-type:aws4_request",
             "token_url":"https://sts.googleapis.com/v1/token",
             "credential_source":{"environment_id":"aws1","regional_cred_verification_url":
              "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}}
            """, to: "aws.json")
        let told = await failure(of: stage.source(.external("aws.json")))?.description ?? ""
        #expect(told.contains("bad: 2[secret]") && !told.contains("PLANTED"), "\(told)")
    }

    @Test("neither a token nor a secret stands in any text that can be made of the parts")
    func planted() async throws {
        let stage = try Self.stage { _ throws(AuthFailure) in
            .json(400, #"{"error":"PLANTED-secret","error_description":"PLANTED-refresh"}"#)
        }
        defer { stage.remove() }
        let source = Self.source(stage)
        let failure = await failure(of: source)
        stage.setAnswer { _ throws(AuthFailure) in .token("PLANTED-token") }
        stage.advance(by: .seconds(300))
        let grant = try await source.token()
        let report = await source.report()
        var text = ""
        for value: Any in [
            failure as Any, grant as Any, source, report, stage.sent.map(\.request), stage.told,
        ] {
            text += "\(value) \(String(reflecting: value))"
            dump(value, to: &text)
        }
        #expect(text.contains("[secret]") && text.contains("[token]"))
        #expect(!text.contains("PLANTED"), "\(text)")
    }
}

extension TokenSource {
    /// As a request of the daemon uses it: takes the token at hand, and renews it afterwards.
    fileprivate func use() async throws(AuthFailure) -> TokenGrant? {
        let grant = try await token()
        await renew()
        return grant
    }
}
