import OpwatchCore

/// Reads `credentials:` as it is written: `KIND` or `KIND:NAME`.
enum CredentialText {
    enum Problem: Error {
        case said(String)
        /// The word, where it may be shown: it may be a secret.
        case unknown(word: String?)
    }

    /// All forms, as messages list them.
    static let words = [
        "default", "key:NAME", "token:NAME", "metadata", "metadata:ACCOUNT", "external:NAME",
        "authorized_user:NAME", "none",
    ]
    /// The words in front of the colon.
    static let plainWords = [
        "default", "key", "token", "metadata", "external", "authorized_user", "none",
    ]

    static func source(_ text: String) throws(Problem) -> Credentials.Source {
        let kind = String(text.prefix { $0 != ":" })
        let name = kind.endIndex < text.endIndex ? String(text.dropFirst(kind.count + 1)) : nil
        switch (kind, name) {
        case ("none", nil): return .none
        case ("default", nil): return .applicationDefault
        case ("metadata", nil): return .metadata(account: nil)
        case ("metadata", let name?):
            guard isAccount(name) else {
                throw .said(
                    "credentials metadata:ACCOUNT needs the e-mail of an account of this machine")
            }
            return .metadata(account: name)
        case ("token", _): return .token(try file(name, kind))
        case ("key", _): return .key(try file(name, kind))
        case ("external", _): return .external(try file(name, kind))
        case ("authorized_user", _): return .authorizedUser(try file(name, kind))
        case ("none", _?), ("default", _?): throw .said("credentials \(kind) takes no NAME")
        default:
            let isWord =
                (1...12).contains(kind.utf8.count)
                && kind.utf8.allSatisfy { $0.isLetter || $0 == UInt8(ascii: "_") }
            throw .unknown(word: isWord ? kind : nil)
        }
    }

    private static func file(_ name: String?, _ kind: String) throws(Problem) -> String {
        guard let name, isFile(name) else {
            throw .said("credentials \(kind):NAME needs \(fileForm)")
        }
        return name
    }

    /// How a credential file is named, as the end of a sentence.
    static let fileForm =
        "the name of a file in $CREDENTIALS_DIRECTORY (1 to 64 of A-Z a-z 0-9 . _ - + @) or an "
        + "absolute path"

    /// A file name, or an absolute path.
    static func isFile(_ name: String) -> Bool {
        if name.hasPrefix("/") {
            let isText = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            return isText && name.utf8.count <= 4_095
        }
        let isName = name.utf8.allSatisfy { $0.isAlphanumeric || "._-+@".utf8.contains($0) }
        return isName && (1...64).contains(name.utf8.count) && name != "." && name != ".."
    }

    /// An e-mail.
    static func isAccount(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && text.utf8.count <= 320
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy { $0.isAlphanumeric || "._-+".utf8.contains($0) }
            }
    }
}
