package import OpwatchCore
import WireFormat

/// An endpoint taken apart and found fit to send requests to.
package struct ServiceURL: Sendable, Equatable {
    /// The endpoint without a slash at its end.
    package let base: String
    /// The host alone, without brackets.
    package let host: String
    /// Whether it is asked over TLS.
    package let isSecure: Bool
    /// Host and port as they stand in the endpoint, for `Host`.
    package let authority: String
    /// Whether a token may travel: over TLS, or not beyond this machine.
    package let protectsToken: Bool

    /// Longer URLs are refused by servers anyway.
    package static let bytesMax = 64 << 10

    /// - Throws: `.notSent` for anything but `http` or `https`, a plain host, a port and a path.
    package init(_ endpoint: Endpoint) throws(CallFailure) {
        guard let parts = EndpointParts(endpoint.description) else {
            throw .notSent(
                reason: "the endpoint \(RemoteText.clean(endpoint.description)) is not "
                    + "http(s)://HOST[:PORT][/PATH]")
        }
        base = parts.base
        authority = parts.authority
        host = String(parts.host)
        isSecure = parts.isSecure
        protectsToken = parts.isSecure || LoopbackHost.isOne(parts.host)
    }

    /// Where one page of a parent's operations is.
    package func page(_ request: ListRequest) throws(CallFailure) -> String {
        var url = base
        if !request.parent.isEmpty { url += "/" + (try encode(request.parent)) }
        url += "/operations?pageSize=\(request.pageSize)"
        if let filter = request.filter { url += "&filter=" + URLPath.encodeQueryValue(filter) }
        if let token = request.pageToken {
            url += "&pageToken=" + URLPath.encodeQueryValue(token)
        }
        guard url.utf8.count <= Self.bytesMax else {
            throw .notSent(reason: "the URL of the list is longer than \(Self.bytesMax) bytes")
        }
        return url
    }

    /// Where one operation is.
    package func operation(_ name: String) throws(CallFailure) -> String {
        base + "/" + (try encode(name))
    }

    private func encode(_ name: String) throws(CallFailure) -> String {
        do throws(NameError) {
            return try URLPath.encode(name)
        } catch {
            throw .notSent(reason: error.description)
        }
    }
}

/// The parts of `http(s)://HOST[:PORT][/PATH]`; nothing else is let through, so that every
/// reader of the URL agrees on where the request goes.
private struct EndpointParts {
    let isSecure: Bool
    let host: Substring
    let authority: String
    let base: String

    init?(_ text: String) {
        let rest: Substring
        if text.hasPrefix("https://") {
            isSecure = true
            rest = text.dropFirst("https://".count)
        } else if text.hasPrefix("http://") {
            isSecure = false
            rest = text.dropFirst("http://".count)
        } else {
            return nil
        }
        let end = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let authority = rest[..<end]
        guard let host = Self.host(of: authority), Self.isPath(rest[end...]) else { return nil }
        self.host = host
        self.authority = String(authority)
        var base = Substring(text)
        while base.hasSuffix("/") { base.removeLast() }
        self.base = String(base)
    }

    /// The host, brackets off, if the whole authority is well formed.
    private static func host(of authority: Substring) -> Substring? {
        let port: Substring
        let host: Substring
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<close]
            guard !host.isEmpty, host.utf8.allSatisfy(isInIPv6) else { return nil }
            port = authority[authority.index(after: close)...]
        } else {
            let colon = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<colon]
            guard !host.isEmpty, host.utf8.allSatisfy(isInHostName) else { return nil }
            port = authority[colon...]
        }
        guard port.isEmpty || (port.first == ":" && isPort(port.dropFirst())) else { return nil }
        return host
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard text.utf8.allSatisfy(isDigit), let port = Int(text) else { return false }
        return (1...65_535).contains(port)
    }

    private static func isPath(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { isInHostName($0) || "/_~%:@".utf8.contains($0) }
            && !text.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isInIPv6(_ byte: UInt8) -> Bool {
        isDigit(byte) || ":.abcdefABCDEF".utf8.contains(byte)
    }

    private static func isInHostName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: isDigit(byte)
        }
    }
}
