/// Where a URL leads: `http(s)://HOST[:PORT]`, read so strictly that every other reader of the URL
/// sees the same host.
package struct WebOrigin: Sendable, Equatable {
    /// Whether it is asked over TLS.
    package let isSecure: Bool
    /// Without brackets.
    package let host: String
    /// As it is written; nil for the usual one of the scheme.
    package let port: Int?
    /// Host and port as they stand there.
    package let authority: String
    /// What follows: a path, a query, or nothing.
    package let rest: Substring

    /// - Returns: nil for another scheme, a user, an escape in the host, a port beyond 65,535, a
    ///   fragment, or signs that no URL has.
    package init?(_ url: String) {
        isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://"),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\\\"<>^`{|}#".utf8.contains($0) })
        else { return nil }
        let text = url.dropFirst(isSecure ? "https://".count : "http://".count)
        let end = text.firstIndex { $0 == "/" || $0 == "?" } ?? text.endIndex
        guard let (host, port) = Self.parts(of: text[..<end]) else { return nil }
        self.host = String(host)
        self.port = port
        authority = String(text[..<end])
        rest = text[end...]
    }

    /// The host, brackets off, and the port, if the whole authority is well formed.
    private static func parts(of authority: Substring) -> (host: Substring, port: Int?)? {
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
        if port.isEmpty { return (host, nil) }
        guard port.first == ":", let number = number(port.dropFirst()) else { return nil }
        return (host, number)
    }

    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy(isDigit), let port = Int(text) else { return nil }
        return (1...65_535).contains(port) ? port : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isInIPv6(_ byte: UInt8) -> Bool {
        isDigit(byte) || ":.abcdefABCDEF".utf8.contains(byte)
    }

    /// Letters, digits, `-` and `.`.
    package static func isInHostName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: isDigit(byte)
        }
    }
}
