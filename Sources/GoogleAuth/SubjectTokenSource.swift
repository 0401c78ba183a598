import WireFormat

/// Where the token of somewhere else comes from; asked anew at each exchange.
enum SubjectTokenSource: Sendable {
    /// A file, which whoever renews the token writes again.
    case file(CredentialFile, TokenFormat)
    case url(String, headers: [(name: String, value: String)], TokenFormat)
    case executable(CredentialExecutable)
    case aws(AWSIdentity)

    /// `credential_source` of the file.
    init(
        _ fields: CredentialFields, from file: CredentialFile, audience: String,
        tokenType: String, impersonatedEmail: String?
    ) throws(AuthFailure) {
        if fields.has(.sourceEnvironmentID) {
            self = .aws(try AWSIdentity(fields, from: file, audience: audience))
        } else if fields.has(.sourceExecutableCommand) {
            self = .executable(
                try CredentialExecutable(
                    fields, from: file, audience: audience, tokenType: tokenType,
                    impersonatedEmail: impersonatedEmail))
        } else if let path = fields.text(.sourceFile) {
            guard path.hasPrefix("/") else {
                throw file.failure("has a credential_source.file that is no absolute path")
            }
            self = .file(CredentialFile(path: path), try TokenFormat(fields, from: file))
        } else if let url = fields.text(.sourceURL) {
            guard WebOrigin(url) != nil else {
                throw file.failure("has a credential_source.url that is no URL of a plain host")
            }
            let headers = fields.members(.sourceHeaders)
            guard headers.allSatisfy({ Self.isHeader($0.name, $0.value) }) else {
                throw file.failure("has a header in credential_source.headers that is none")
            }
            self = .url(url, headers: headers, try TokenFormat(fields, from: file))
        } else {
            throw file.failure(
                "lacks a credential_source that this version knows: file, url, executable or "
                    + "environment_id of AWS")
        }
    }

    /// RFC 9110, section 5: no blanks in a name, no line breaks in a value.
    private static func isHeader(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3A }
            && value.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
    }

    /// How messages name it.
    var words: String {
        switch self {
        case .file(let file, _): file.words
        case .url(let url, _, _): RemoteText.clean(String(url.prefix { $0 != "?" }))
        case .executable(let executable): "the program \(RemoteText.clean(executable.program))"
        case .aws: "the identity of this machine at AWS"
        }
    }

    func token(in world: AuthWorld) async throws(AuthFailure) -> SecretText {
        switch self {
        case .file(let file, let format):
            return try format.token(in: try file.read().bytes, of: file.words)
        case .url(let url, let headers, let format):
            // Such an address stands for this machine or network, so that no proxy knows it.
            let request = TokenRequest(.get, url, headers: headers, route: .direct)
            let answer = try await world.exchange(request)
            guard answer.isSuccess else {
                throw AnswerReader.failure(answer, to: request, hiding: [])
            }
            return try format.token(in: answer.body, of: request.place)
        case .executable(let executable): return try await executable.token(in: world)
        case .aws(let identity): return try await identity.token(in: world)
        }
    }
}

/// `credential_source.format`: the text itself, or a field of a JSON object.
enum TokenFormat: Sendable, Equatable {
    case text
    case json(field: String)

    init(_ fields: CredentialFields, from file: CredentialFile) throws(AuthFailure) {
        switch fields.text(.sourceFormatType) {
        case nil, "text": self = .text
        case "json":
            self = .json(
                field: try file.required(
                    .sourceFormatSubjectTokenFieldName, of: fields))
        case let other?:
            throw file.failure(
                "has the credential_source.format.type \(RemoteText.clean(other)); allowed are "
                    + "text and json")
        }
    }

    func token(in bytes: [UInt8], of place: String) throws(AuthFailure) -> SecretText {
        switch self {
        case .text:
            var text = Substring(String(decoding: bytes, as: UTF8.self))
            while text.last?.isWhitespace == true { text.removeLast() }
            guard !text.isEmpty else { throw .unavailable("\(place) is empty") }
            return SecretText(String(text))
        case .json(let field):
            guard let text = CredentialFields.text(field, of: bytes), !text.isEmpty else {
                throw .unavailable("\(place) has no text \(RemoteText.clean(field))")
            }
            return SecretText(text)
        }
    }
}
