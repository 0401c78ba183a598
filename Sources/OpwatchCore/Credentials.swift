package import WireFormat

/// Where a service's bearer tokens come from, as the policy says it.
package struct Credentials: Sendable, Equatable {
    /// The credential itself. A name is a file in `$CREDENTIALS_DIRECTORY`, or an absolute path.
    package enum Source: Sendable, Equatable {
        /// No `Authorization` header.
        case none
        /// Application Default Credentials (AIP-4110): what this machine has.
        case applicationDefault
        /// The first line of a file.
        case token(String)
        /// The key file of a service account.
        case key(String)
        /// The login of a person.
        case authorizedUser(String)
        /// An identity of somewhere else.
        case external(String)
        /// An account of the machine on Google Cloud; nil for its default one.
        case metadata(account: String?)
    }

    package var source: Source
    package var impersonation: Impersonation?
    /// The project that requests are charged to, in the place of what the credential says.
    package var quotaProject: String?
    /// The domain that the service and the account live in; nil for what the credential says.
    package var universe: String?

    package init(_ source: Source) {
        self.source = source
    }

    /// The source as the policy writes it.
    package var words: String {
        switch source {
        case .none: "none"
        case .applicationDefault: "default"
        case .token(let name): "token:\(name)"
        case .key(let name): "key:\(name)"
        case .authorizedUser(let name): "authorized_user:\(name)"
        case .external(let name): "external:\(name)"
        case .metadata(let account): "metadata" + (account.map { ":" + $0 } ?? "")
        }
    }

    /// Whether it lives in a domain, as what Google knows does.
    package var isOfUniverse: Bool {
        switch source {
        case .none, .token: false
        case .applicationDefault, .key, .authorizedUser, .external, .metadata: true
        }
    }

    /// Whether its file is one of `$CREDENTIALS_DIRECTORY`, which only the daemon has.
    package var isInDirectory: Bool {
        switch source {
        case .none, .applicationDefault, .metadata: false
        case .token(let name), .key(let name), .authorizedUser(let name), .external(let name):
            !name.hasPrefix("/")
        }
    }

    /// Whether a text is the id of a project, also of one that belongs to a domain:
    /// `example.com:project`.
    package static func isProject(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
                    || "-.:".utf8.contains($0)
            }
    }

    /// No `Authorization` header.
    package static let none = Credentials(.none)

    /// The first line of a file.
    package static func token(_ name: String) -> Credentials { Credentials(.token(name)) }
}

/// A service account that the credential gets its tokens for.
package struct Impersonation: Sendable, Equatable {
    /// Its e-mail.
    package var account: String
    /// E-mails on the way: the credential gets tokens for the first, the last for the account.
    package var delegates: [String] = []
    /// How long a token lives.
    package var lifetime = Duration.seconds(3_600)

    package init(account: String) {
        self.account = account
    }
}

/// A token, and what goes with it into each request.
package struct TokenGrant: Sendable, Equatable {
    package let token: BearerToken
    /// The value of `X-Goog-User-Project`.
    package let quotaProject: String?

    package init(token: BearerToken, quotaProject: String? = nil) {
        self.token = token
        self.quotaProject = quotaProject
    }
}
