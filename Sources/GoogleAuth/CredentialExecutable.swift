import Glibc
import WireFormat

/// A program that prints the token of somewhere else (AIP-4117).
struct CredentialExecutable: Sendable {
    private let arguments: [String]
    private let timeout: Duration
    private let outputFile: CredentialFile?
    private let audience: String
    private let tokenType: String
    private let impersonatedEmail: String?

    private static let permission = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"
    /// What the program may inherit beside what is said about the token: no secret of ours.
    private static let inherited = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER", "LOGNAME"]
    private static let bytesMax = 1 << 20
    private static let lookEvery = Duration.milliseconds(20)

    init(
        _ fields: CredentialFields, from file: CredentialFile, audience: String,
        tokenType: String, impersonatedEmail: String?
    ) throws(AuthFailure) {
        let command = try file.required(.sourceExecutableCommand, of: fields)
        guard let words = ShellWords.split(command), words.first?.hasPrefix("/") == true else {
            throw file.failure(
                "has a credential_source.executable.command that does not begin with an "
                    + "absolute path, or whose quotes are not closed")
        }
        arguments = words
        let milliseconds =
            fields.has(.sourceExecutableTimeoutMillis)
            ? fields.integer(.sourceExecutableTimeoutMillis) ?? 0 : 30_000
        guard (5_000...120_000).contains(milliseconds) else {
            throw file.failure("has a timeout_millis outside 5000 to 120000")
        }
        timeout = .milliseconds(milliseconds)
        outputFile = fields.text(.sourceExecutableOutputFile).map {
            CredentialFile(path: $0)
        }
        guard outputFile.map({ $0.path.hasPrefix("/") }) ?? true else {
            throw file.failure(
                "has a credential_source.executable.output_file that is no absolute path")
        }
        self.audience = audience
        self.tokenType = tokenType
        self.impersonatedEmail = impersonatedEmail
    }

    var program: String { arguments.first ?? "" }

    func token(in world: AuthWorld) async throws(AuthFailure) -> SecretText {
        guard world.variable(Self.permission) == "1" else {
            throw .setup(
                "the credential runs \(RemoteText.clean(program)), which needs "
                    + "\(Self.permission)=1 in the environment of opwatchd")
        }
        if let kept = kept(world) { return kept }
        let child = try SpawnedProgram(arguments, environment: environment(world))
        let (output, code) = try await child.output(
            within: timeout, bytesMax: Self.bytesMax, lookEvery: Self.lookEvery, in: world)
        guard code == 0 else {
            // What it says in failing is believed only where it says that it fails.
            let end = "the program \(RemoteText.clean(program)) ended with exit code \(code)"
            do throws(AuthFailure) {
                _ = try read(output, at: world.now())
            } catch {
                throw .unavailable("\(error); \(end)")
            }
            throw .unavailable(end)
        }
        return try read(output, at: world.now())
    }

    /// What the program left from before, as long as it is good.
    private func kept(_ world: AuthWorld) -> SecretText? {
        guard let outputFile else { return nil }
        do throws(AuthFailure) {
            return try read(try outputFile.read().bytes, at: world.now(), needsEnd: true)
        } catch {
            return nil
        }
    }

    private func environment(_ world: AuthWorld) -> [String] {
        var pairs: [(String, String?)] = Self.inherited.map { ($0, world.variable($0)) }
        let prefix = "GOOGLE_EXTERNAL_ACCOUNT_"
        pairs += [
            (prefix + "AUDIENCE", audience), (prefix + "TOKEN_TYPE", tokenType),
            (prefix + "INTERACTIVE", "0"), (prefix + "IMPERSONATED_EMAIL", impersonatedEmail),
            (prefix + "OUTPUT_FILE", outputFile?.path), (Self.permission, "1"),
        ]
        return pairs.compactMap { name, value in value.map { "\(name)=\($0)" } }
    }

    /// `{version, success, token_type, id_token | saml_response, expiration_time | code, message}`
    ///
    /// - Parameter needsEnd: whether an answer that does not say until when it is good is none.
    private func read(
        _ output: [UInt8], at now: Timestamp, needsEnd: Bool = false
    ) throws(AuthFailure) -> SecretText {
        let name = "the program \(RemoteText.clean(program))"
        let fields: CredentialFields
        do throws(WireError) {
            fields = try CredentialFields(output)
        } catch {
            throw .unavailable("\(name) printed no JSON object")
        }
        guard fields.integer(.version) == 1 else {
            throw .refused("\(name) printed another version than 1")
        }
        guard fields.isTrue(.success) else {
            let words = [fields.text(.code), fields.text(.message)].compactMap { $0 }
            throw .unavailable(
                "\(name) has no token: \(RemoteText.clean(words.joined(separator: ": ")))")
        }
        let end = fields.integer(.expirationTime)
        guard end.map({ $0 > now.seconds }) ?? !needsEnd else {
            throw .unavailable("\(name) printed a token that is over already")
        }
        let isSAML = fields.text(.tokenType)?.hasSuffix(":saml2") == true
        let field = isSAML ? CredentialField.samlResponse : .idToken
        guard let text = fields.text(field) else {
            throw .unavailable("\(name) printed no \(field.rawValue)")
        }
        return SecretText(text)
    }
}
