/// Whom a proxy knows (RFC 7617); never shown to anybody else.
package struct ProxyUser: Sendable, Hashable {
    let name: String
    let password: String

    package init(name: String, password: String) {
        self.name = name
        self.password = password
    }

    /// Reads the first line of a file, `USER:PASSWORD`.
    ///
    /// - Returns: nil for anything else; no message may repeat it.
    init?(file bytes: [UInt8]) {
        var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard let text = String(validating: line, as: UTF8.self),
            let colon = text.firstIndex(of: ":"),
            colon != text.startIndex,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        self.init(
            name: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
    }
}

extension ProxyUser: CustomStringConvertible, CustomReflectable {
    package var description: String { "a user of the proxy" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
