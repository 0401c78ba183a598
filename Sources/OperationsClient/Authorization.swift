package import OpwatchCore
package import WireFormat

/// Where the tokens of a service's requests come from.
package struct Authorization: Sendable {
    /// A good token; may wait for one. Nil if the service needs none.
    package var token: @Sendable () async throws(CallFailure) -> TokenGrant?
    /// The token at hand, without waiting.
    package var tokenAtHand: @Sendable () throws(CallFailure) -> TokenGrant?
    /// Lets a token go that the service refused.
    package var letGo: @Sendable (BearerToken) -> Void
    /// Asks for a fresh token ahead of the old one's end, if that is due.
    package var renew: @Sendable () async -> Void
    /// Asks at once for a token that did not come, however lately that was.
    package var retry: @Sendable () -> Void
    /// Whether requests carry a token at all.
    package var isUsed: Bool

    package init(
        token: @escaping @Sendable () async throws(CallFailure) -> TokenGrant?,
        tokenAtHand: @escaping @Sendable () throws(CallFailure) -> TokenGrant?,
        letGo: @escaping @Sendable (BearerToken) -> Void,
        renew: @escaping @Sendable () async -> Void,
        retry: @escaping @Sendable () -> Void, isUsed: Bool
    ) {
        self.token = token
        self.tokenAtHand = tokenAtHand
        self.letGo = letGo
        self.renew = renew
        self.retry = retry
        self.isUsed = isUsed
    }

    /// For a service that asks for none.
    package static let none = Authorization(
        token: { () throws(CallFailure) in nil }, tokenAtHand: { () throws(CallFailure) in nil },
        letGo: { _ in }, renew: {}, retry: {}, isUsed: false)
}
