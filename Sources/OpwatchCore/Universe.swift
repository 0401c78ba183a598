/// The domain that an account and the services that know it live in.
package enum Universe {
    /// Where nothing else is said.
    package static let google = "googleapis.com"

    /// Whether a host belongs to the universe.
    package static func holds(_ host: some StringProtocol, _ universe: String) -> Bool {
        let host = host.lowercased()
        return host == universe || host.hasSuffix("." + universe)
    }
}
