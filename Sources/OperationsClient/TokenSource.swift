import OpwatchCore
import Synchronization

/// The token of one service: read from its file, kept until the file changes.
final class TokenSource: Sendable {
    private enum Place: Sendable {
        case none
        case file(TokenFile)
        case missingDirectory(name: String)
    }

    private typealias Kept = (token: BearerToken, fingerprint: TokenFile.Fingerprint)

    private let place: Place
    private let kept = Mutex<Kept?>(nil)

    /// - Parameters:
    ///   - credentials: a name without a slash is looked up in the directory, else it is a path.
    ///   - directory: `$CREDENTIALS_DIRECTORY`, nil when it is not set.
    init(_ credentials: Credentials, directory: String?) {
        switch credentials {
        case .none: place = .none
        case .token(let name):
            if name.utf8.contains(UInt8(ascii: "/")) {
                place = .file(TokenFile(path: name, isCredential: false))
            } else if let directory, !directory.isEmpty {
                place = .file(TokenFile(path: directory + "/" + name, isCredential: true))
            } else {
                place = .missingDirectory(name: name)
            }
        }
    }

    /// Whether requests carry a token at all.
    var isUsed: Bool {
        if case .none = place { false } else { true }
    }

    /// The token for the next request; nil if the service needs none.
    func token() throws(CallFailure) -> BearerToken? {
        switch place {
        case .none: return nil
        case .missingDirectory(let name):
            throw .notSent(
                reason: "the token \(RemoteText.clean(name)) is looked for in "
                    + "$CREDENTIALS_DIRECTORY, which is not set; a credential that was added "
                    + "needs a restart of the service, not a reload")
        case .file(let file):
            let fingerprint = try file.fingerprint()
            if let kept = kept.withLock({ $0 }), kept.fingerprint == fingerprint {
                return kept.token
            }
            let fresh = try file.read()
            kept.withLock { $0 = fresh }
            return fresh.token
        }
    }

    /// Forgets a token that was refused; the next one comes from the file, changed or not.
    func forget() {
        kept.withLock { $0 = nil }
    }
}
