import OpwatchCore
import WireFormat

/// A credential that was read and found fit: it can give tokens.
indirect enum CredentialKind: Sendable {
    /// The token itself, as a file has it.
    case token(BearerToken)
    case serviceAccount(ServiceAccountKey)
    case authorizedUser(AuthorizedUser)
    case external(ExternalAccount)
    case metadata(MetadataServer)
    /// Another credential, which asks in the name of an account.
    case impersonated(ImpersonatedAccount, by: CredentialKind, quotaProject: String?)

    /// What the `type` of a credential file may be.
    static let types = [
        "service_account", "authorized_user", "external_account",
        "external_account_authorized_user", "impersonated_service_account",
    ]

    /// Reads a credential file of Google.
    init(_ bytes: [UInt8], from file: CredentialFile) throws(AuthFailure) {
        self = try Self.read(try file.fields(bytes), from: file, isSource: false)
    }

    private static func read(
        _ fields: CredentialFields, from file: CredentialFile, isSource: Bool
    ) throws(AuthFailure) -> CredentialKind {
        switch fields.text(.type) {
        case "service_account": return .serviceAccount(try ServiceAccountKey(fields, from: file))
        case "authorized_user":
            return .authorizedUser(try AuthorizedUser(fields, from: file, isExternal: false))
        case "external_account_authorized_user":
            return .authorizedUser(try AuthorizedUser(fields, from: file, isExternal: true))
        case "external_account": return .external(try ExternalAccount(fields, from: file))
        case "impersonated_service_account" where !isSource:
            return try impersonated(fields, from: file)
        case let type?:
            throw file.failure(
                "has the type \(RemoteText.clean(type, bytesMax: 64)); this version knows "
                    + types.joined(separator: ", "))
        case nil where fields.has(.accessToken):
            throw file.failure(
                "is an answer with a token: put its access_token alone into a file for token:")
        case nil where fields.has(.installed) || fields.has(.web):
            throw file.failure(
                "is the secret of an OAuth client, which is nobody by itself: log in with it, and "
                    + "take the file that the login writes")
        case nil:
            throw file.failure(
                "lacks type, which is one of " + types.joined(separator: ", "))
        }
    }

    private static func impersonated(
        _ fields: CredentialFields, from file: CredentialFile
    ) throws(AuthFailure) -> CredentialKind {
        guard let source = fields.object(.sourceCredentials) else {
            throw file.failure("lacks source_credentials, which must be an object")
        }
        let kind = try read(try file.fields(source), from: file, isSource: true)
        let field = CredentialField.serviceAccountImpersonationURL
        let url = try TrustedURL.check(
            try file.required(field, of: fields), field, of: file,
            universe: kind.universe ?? Universe.google)
        guard let delegates = fields.texts(.delegates) else {
            throw file.failure("has delegates that are not all texts")
        }
        return .impersonated(
            ImpersonatedAccount(
                url: url, delegates: delegates, life: ImpersonatedAccount.usualLife),
            by: kind, quotaProject: try file.quotaProject(fields))
    }

    /// The domain that the credential itself names.
    var universe: String? {
        switch self {
        case .token, .metadata: nil
        case .serviceAccount(let key): key.universe
        case .authorizedUser(let user): user.universe
        case .external(let account): account.universe
        case .impersonated(_, let source, _): source.universe
        }
    }

    /// The project that the credential's own file wants to be charged.
    var quotaProject: String? {
        switch self {
        case .token, .metadata, .serviceAccount: nil
        case .authorizedUser(let user): user.quotaProject
        case .external(let account): account.quotaProject
        case .impersonated(_, _, let project): project
        }
    }

    /// For people: what it is, and whose.
    var words: String {
        switch self {
        case .token: "a token file"
        case .serviceAccount(let key): "key of service account \(RemoteText.clean(key.email))"
        case .authorizedUser: "login of a person"
        case .external(let account):
            "identity from \(account.source.words) for \(RemoteText.clean(account.audience))"
                + (account.impersonated.map { ", as \($0.account)" } ?? "")
        case .metadata(let server):
            "service account \(RemoteText.clean(server.account ?? "default")) of this machine"
        case .impersonated(let account, let source, _): "\(source.words), as \(account.account)"
        }
    }

    /// - Parameter takesSelfSigned: whether the service takes tokens that a key signs itself.
    func issue(
        scope: String, takesSelfSigned: Bool, in world: AuthWorld
    ) async throws(AuthFailure) -> IssuedToken {
        switch self {
        case .token(let token): return IssuedToken(token, life: nil)
        case .serviceAccount(let key):
            return takesSelfSigned
                ? try key.selfSigned(scope: scope, at: world.now())
                : try await key.exchanged(scope: scope, in: world)
        case .authorizedUser(let user): return try await user.refreshed(in: world)
        case .external(let account): return try await account.token(scope: scope, in: world)
        case .metadata(let server): return try await server.token(scope: scope, in: world)
        case .impersonated(let account, let source, _):
            // In another universe nobody exchanges keys.
            let token = try await source.issue(
                scope: ImpersonatedAccount.askingScope,
                takesSelfSigned: universe.map { $0 != Universe.google } ?? false, in: world)
            return try await account.token(
                by: token, quotaProject: source.quotaProject, scope: scope, in: world)
        }
    }
}
