/// A bearer token: it goes into one header and into no text.
struct BearerToken: Sendable, Equatable {
    private let text: String

    /// Takes the first line, trimmed; nil unless it is one or more visible ASCII characters.
    init?(firstLineOf bytes: [UInt8]) {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let start = line.firstIndex { !isBlank($0) } ?? line.endIndex
        let end = line.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? line.endIndex
        let token = line[start..<end]
        guard !token.isEmpty, token.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        text = String(decoding: token, as: UTF8.self)
    }

    /// The value of `Authorization`.
    var headerValue: String { "Bearer " + text }

    /// The text without this token, should a server have quoted it.
    func redacted(from message: String) -> String {
        message.replacing(text, with: "[token]")
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[token]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
