package import OpwatchCore
package import WireFormat

/// A proxy that connections are asked of (RFC 9110, CONNECT). What it may be shown is a secret.
package struct ProxyServer: Sendable, Hashable {
    let host: String
    let port: Int
    /// Where it wants one.
    let user: ProxyUser?

    package init(host: String, port: Int, user: ProxyUser? = nil) {
        self.host = host
        self.port = port
        self.user = user
    }

    private static let usualPort = 3_128

    /// The proxy that the environment names for somebody; nil for none, as for this machine itself.
    ///
    /// - Parameters:
    ///   - variable: a variable of the environment, nil where it is not set or empty.
    /// - Throws: `.notSent` for a variable that names none that can be used.
    package static func named(
        for origin: WebOrigin, by variable: (String) -> String?
    ) throws(CallFailure) -> ProxyServer? {
        let exemptions = ProxyExemptions(variable("no_proxy") ?? variable("NO_PROXY") ?? "")
        let port = origin.port ?? (origin.isSecure ? 443 : 80)
        guard !LoopbackHost.isOne(origin.host), !exemptions.cover(origin.host, port: port) else {
            return nil
        }
        // Lower case wins, as with curl; HTTP_PROXY in upper case is what a web server makes of
        // a request's Proxy header.
        let names = origin.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        for name in names {
            guard let value = variable(name) else { continue }
            guard let proxy = ProxyServer(value) else {
                throw .notSent(reason: "$\(name) is not http://[USER:PASSWORD@]HOST[:PORT]")
            }
            return proxy
        }
        return nil
    }

    /// Reads `[http://][USER:PASSWORD@]HOST[:PORT][/]`.
    private init?(_ text: String) {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else { return nil }
            rest = rest[scheme.upperBound...]
        }
        var user: ProxyUser?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, let decoded = Self.decoded(name),
                let secret = Self.decoded(parts.count > 1 ? parts[1] : "")
            else { return nil }
            user = ProxyUser(name: decoded, password: secret)
            rest = rest[rest.index(after: at)...]
        }
        guard let origin = WebOrigin("http://" + rest), ["", "/"].contains(origin.rest) else {
            return nil
        }
        self.init(host: origin.host, port: origin.port ?? Self.usualPort, user: user)
    }

    /// Percent-encoding undone; nil where it is none.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ProxyServer: CustomStringConvertible, CustomReflectable {
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
