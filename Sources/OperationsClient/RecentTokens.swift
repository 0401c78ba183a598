import Synchronization
import WireFormat

/// The last few tokens that a service was shown.
final class RecentTokens: Sendable {
    private let tokens = Mutex<[BearerToken]>([])

    private static let countMax = 4

    /// All of them, this one included.
    func adding(_ token: BearerToken?) -> [BearerToken] {
        tokens.withLock { tokens in
            guard let token, tokens.last != token else { return tokens }
            tokens.removeAll { $0 == token }
            tokens.append(token)
            if tokens.count > Self.countMax { tokens.removeFirst() }
            return tokens
        }
    }
}
