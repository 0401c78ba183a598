import OpwatchCore
import WireFormat

/// URLs that a credential file names: secrets go there, and a file is hostile until seen.
enum TrustedURL {
    /// - Returns: the URL, if it is https within the universe or at Google, or of this very
    ///   machine.
    static func check(
        _ url: String, _ field: CredentialField, of file: CredentialFile, universe: String
    ) throws(AuthFailure) -> String {
        let isOurs = host(of: url).map { host in
            host.isLoopback
                || host.isSecure
                    && (Universe.holds(host.name, universe)
                        || Universe.holds(host.name, Universe.google))
        }
        guard isOurs == true else {
            throw file.failure(
                "has a \(field.rawValue) that is no https:// URL of \(RemoteText.clean(universe)): "
                    + RemoteText.clean(url))
        }
        return url
    }

    private static func host(
        of url: String
    ) -> (name: Substring, isSecure: Bool, isLoopback: Bool)? {
        let isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://"),
            // Printable ASCII without what lets two readers see two hosts.
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !url.utf8.contains(where: { "\\\"<>^`{|}".utf8.contains($0) })
        else { return nil }
        let rest = url.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { !"/?#".contains($0) }
        let name: Substring
        if authority.hasPrefix("[") {
            name = authority.dropFirst().prefix { $0 != "]" }
        } else {
            name = authority.prefix { $0 != ":" }
        }
        guard !name.isEmpty, !authority.contains("@") else { return nil }
        return (name, isSecure, LoopbackHost.isOne(name))
    }
}
