import WireFormat

/// The metadata server of a machine on Google Cloud: it gives tokens of the machine's accounts.
struct MetadataServer: Sendable {
    /// The e-mail of an account of the machine; nil for its default one.
    let account: String?

    private static let flavor: (name: String, value: String) = ("Metadata-Flavor", "Google")
    /// It answers from this very machine.
    private static let timeout = Duration.seconds(5)
    private static let pingTimeout = Duration.seconds(3)
    private static let pingsMax = 3

    private static func base(_ world: AuthWorld) -> String {
        let host =
            world.variable("GCE_METADATA_HOST") ?? world.variable("GCE_METADATA_ROOT")
            ?? "metadata.google.internal"
        return "http://\(host)/computeMetadata/v1/"
    }

    /// How messages name where the tokens come from.
    static func words(_ world: AuthWorld) -> String {
        let base = base(world)
        // A user in front of the host is nobody's to see.
        return WebOrigin(base) == nil ? "the metadata server" : "the metadata server \(base)"
    }

    func token(scope: String, in world: AuthWorld) async throws(AuthFailure) -> IssuedToken {
        let name = URLPath.encodeQueryValue(account ?? "default").replacing("%40", with: "@")
        let request = Self.request(
            "instance/service-accounts/\(name)/token?scopes="
                + URLPath.encodeQueryValue(scope), in: world)
        let answer = try await world.exchange(request)
        try Self.check(answer, to: request)
        if answer.status == 404 {
            throw .refused(
                "\(request.place): HTTP 404, this machine has no service account"
                    + (account.map { " \(RemoteText.clean($0))" } ?? "")
                    + "; attach one to it, or name another credential")
        }
        return try IssuedToken(answer: answer, to: request, hiding: [])
    }

    /// The e-mail of the account that `default` stands for.
    func email(in world: AuthWorld) async throws(AuthFailure) -> String {
        let request = Self.request("instance/service-accounts/default/email", in: world)
        let answer = try await world.exchange(request)
        try Self.check(answer, to: request)
        guard answer.isSuccess, answer.body.count <= 1_024 else {
            throw AnswerReader.failure(answer, to: request, hiding: [])
        }
        return RemoteText.clean(String(decoding: answer.body, as: UTF8.self))
    }

    private static func request(_ path: String, in world: AuthWorld) -> TokenRequest {
        TokenRequest(
            .get, base(world) + path, headers: [flavor], route: .direct, timeout: timeout)
    }

    /// Other machines answer at that address too: only this header makes it the metadata server.
    private static func check(
        _ answer: TokenAnswer, to request: TokenRequest
    ) throws(AuthFailure) {
        guard answer.header(flavor.name)?.lowercased() == flavor.value.lowercased() else {
            throw .unavailable(
                "\(request.place): HTTP \(answer.status), not an answer of the metadata server")
        }
    }

    /// Whether this machine is on Google Cloud, as far as it can be told without a name.
    static func isHere(_ world: AuthWorld) async throws(AuthFailure) -> Bool {
        if world.variable("NO_GCE_CHECK")?.lowercased() == "true" { return false }
        let host = world.variable("GCE_METADATA_IP") ?? "169.254.169.254"
        let seconds = world.variable("GCE_METADATA_TIMEOUT").flatMap { Int($0) }
        let timeout = seconds.map { Duration.seconds(min(max($0, 1), 30)) } ?? pingTimeout
        let request = TokenRequest(
            .get, "http://\(host)/", headers: [flavor], route: .direct, timeout: timeout)
        for _ in 0..<pingsMax {
            do throws(AuthFailure) {
                let answer = try await world.exchange(request)
                return answer.header(flavor.name)?.lowercased() == flavor.value.lowercased()
            } catch {
                if error == .stopped { throw error }
            }
        }
        return isGoogleHardware
    }

    /// What the firmware says: a machine of Google whose server is slow at the start.
    private static var isGoogleHardware: Bool {
        do throws(AuthFailure) {
            let name = try CredentialFile(path: "/sys/class/dmi/id/product_name").read().bytes
            return name.starts(with: "Google".utf8)
        } catch {
            return false
        }
    }
}
