/// The domain that an account and the services that know it live in.
package enum Universe {
    /// Where nothing else is said.
    package static let google = "googleapis.com"

    /// Whether a text is a domain of at least two labels, in lower case.
    package static func isDomain(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && text.utf8.count <= 253
            && labels.allSatisfy { label in
                !label.isEmpty
                    && label.utf8.allSatisfy {
                        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                    }
            }
    }

    /// Whether a host belongs to the universe.
    package static func holds(_ host: some StringProtocol, _ universe: String) -> Bool {
        let host = host.lowercased()
        return host == universe || host.hasSuffix("." + universe)
    }
}
