package import GoogleAuth
package import OperationsClient
import OpwatchCore

extension Authorization {
    /// The tokens of a source, its failures as calls have them: nothing was sent.
    package init(_ source: TokenSource) {
        self.init(
            token: { () async throws(CallFailure) in
                do throws(AuthFailure) {
                    return try await source.token()
                } catch {
                    throw Self.failure(error)
                }
            },
            tokenAtHand: { () throws(CallFailure) in
                do throws(AuthFailure) {
                    return try source.tokenAtHand()
                } catch {
                    throw Self.failure(error)
                }
            },
            letGo: { source.letGo($0) }, renew: { await source.renew() },
            retry: { source.endRest() }, isUsed: source.isUsed)
    }

    private static func failure(_ failure: AuthFailure) -> CallFailure {
        .notSent(reason: "no token: \(failure)")
    }
}
