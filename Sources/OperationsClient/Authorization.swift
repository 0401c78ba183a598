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
    /// Whether requests carry a token at all.
    package var isUsed: Bool

    package init(
        token: @escaping @Sendable () async throws(CallFailure) -> TokenGrant?,
        tokenAtHand: @escaping @Sendable () throws(CallFailure) -> TokenGrant?,
        letGo: @escaping @Sendable (BearerToken) -> Void, isUsed: Bool
    ) {
        self.token = token
        self.tokenAtHand = tokenAtHand
        self.letGo = letGo
        self.isUsed = isUsed
    }

    /// For a service that asks for none.
    package static let none = Authorization(
        token: { () throws(CallFailure) in nil }, tokenAtHand: { () throws(CallFailure) in nil },
        letGo: { _ in }, isUsed: false)

    /// No refresh takes longer by the limits of its steps: a program that prints a token has two
    /// minutes, what is asked behind it seconds. Who waits for another's may wait for one more.
    package static let tokenTime = Duration.seconds(180)
}
