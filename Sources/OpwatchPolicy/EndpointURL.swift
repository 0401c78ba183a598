import OpwatchCore
import WireFormat

/// An `endpoint:` of the policy, taken apart far enough to refuse what a base URL must not be.
struct EndpointURL {
    /// What is wrong with the text, as the end of a sentence.
    struct Problem: Error {
        let message: String
    }

    /// Scheme and host in lower case, no default port, no slash at the end.
    let endpoint: Endpoint
    /// Without port; brackets stay around an address of IPv6.
    let host: String
    /// Whether packets to it stay on this machine.
    let isLoopback: Bool
    /// Whether tokens would travel unencrypted beyond this machine.
    let isOpenToOthers: Bool

    init(parsing text: String) throws(Problem) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(message: "has a space, a control or a non-ASCII character")
        }
        guard let separator = text.firstRange(of: "://") else {
            throw Problem(message: "must begin with https:// or http://")
        }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else {
            throw Problem(message: "must begin with https:// or http://")
        }
        let rest = text[separator.upperBound...]
        if rest.contains("?") { throw Problem(message: "must not have a query (?)") }
        if rest.contains("#") { throw Problem(message: "must not have a fragment (#)") }
        let authority = rest.prefix { $0 != "/" }
        if authority.contains("@") {
            throw Problem(message: "must not have a user or password (@)")
        }
        let (host, port) = try Self.hostAndPort(authority)
        let path = try Self.path(rest[authority.endIndex...])
        let isDefaultPort = port == (scheme == "https" ? 443 : 80)
        let shownPort = port.flatMap { isDefaultPort ? nil : ":\($0)" } ?? ""
        let url = "\(scheme)://\(host)\(shownPort)\(path)"
        guard url.utf8.count <= Limits.nameBytesMax else {
            throw Problem(message: "must have at most \(Limits.nameBytesMax) bytes")
        }
        endpoint = Endpoint(url)
        self.host = host
        isLoopback = LoopbackHost.isOne(
            host.hasPrefix("[") ? host.dropFirst().dropLast() : host[...])
        isOpenToOthers = scheme == "http" && !isLoopback
    }

    private static func hostAndPort(_ authority: Substring) throws(Problem) -> (String, Int?) {
        var host = authority
        var port: Int?
        let hostEnd = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
        if authority.hasPrefix("["), hostEnd == nil {
            throw Problem(message: "has a malformed host")
        }
        if let colon = authority[(hostEnd ?? authority.startIndex)...].firstIndex(of: ":") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy(\.isDigit), let number = Int(digits),
                (1...65_535).contains(number)
            else { throw Problem(message: "must have a port from 1 to 65535, or none") }
            port = number
        }
        guard !host.isEmpty else { throw Problem(message: "has no host") }
        guard isHost(host) else { throw Problem(message: "has a malformed host") }
        return (host.lowercased(), port)
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("[") {
            return host.hasSuffix("]")
                && IPAddress(host.dropFirst().dropLast())?.bytes.count == 16
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let areNames = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
        }
        // A last label of digits makes an address, and the short forms of those (`127.1`) are
        // read differently from place to place.
        let isAddress = labels.last?.utf8.allSatisfy(\.isDigit) ?? false
        return areNames && host.utf8.count <= 253 && (!isAddress || IPAddress(host) != nil)
    }

    /// The path without a slash at its end.
    private static func path(_ text: Substring) throws(Problem) -> String {
        let path = text.hasSuffix("/") ? text.dropLast() : text
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        where !path.isEmpty {
            guard !segment.isEmpty, segment != ".", segment != ".." else {
                throw Problem(message: "must not have an empty, \".\" or \"..\" path segment")
            }
            let isPlain = segment.utf8.allSatisfy { byte in
                // As the client takes them, but for escapes: these give one URL two spellings.
                byte.isAlphanumeric || "-._~:@".utf8.contains(byte)
            }
            guard isPlain else {
                throw Problem(message: "has a character in its path that a base URL must not have")
            }
        }
        return String(path)
    }
}
