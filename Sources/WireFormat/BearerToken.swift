/// A bearer token (RFC 6750): it goes into one header and into no text.
package struct BearerToken: Sendable, Equatable {
    private let text: String

    /// Longer texts are no tokens.
    package static let bytesMax = 16 << 10

    /// A token as an answer has it, nothing around it.
    package init(_ text: String) throws(TokenProblem) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Self.bytesMax else { throw .tooLong }
        guard Self.isToken(bytes[...]) else { throw .otherCharacter }
        self.text = text
    }

    /// Takes the only line of a file that has any content, trimmed.
    package init(file bytes: [UInt8]) throws(TokenProblem) {
        let content = Self.trimmed(bytes[...])
        guard !content.isEmpty else { throw .empty }
        guard bytes.count <= Self.bytesMax else { throw .tooLong }
        if let problem = TokenProblem(foreign: content) { throw problem }
        guard !bytes[..<content.startIndex].contains(UInt8(ascii: "\n")) else { throw .notFirst }
        guard !content.contains(UInt8(ascii: "\n")) else { throw .severalLines }
        guard !content.contains(where: Self.isBlank) else { throw .blankInside }
        guard Self.isToken(content) else { throw .otherCharacter }
        text = String(decoding: content, as: UTF8.self)
    }

    /// RFC 6750, b64token: at least one character before the padding.
    private static func isToken(_ content: ArraySlice<UInt8>) -> Bool {
        let end = (content.lastIndex { $0 != padding } ?? content.startIndex) + 1
        return content.first != padding && content[..<end].allSatisfy(isInToken)
    }

    private static let padding = UInt8(ascii: "=")

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? bytes.endIndex
        return bytes[start..<end]
    }

    private static func isInToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~+/".utf8.contains(byte)
        }
    }

    /// The value of `Authorization`.
    package var headerValue: String { "Bearer " + text }

    /// Takes the tokens out of a text, should a server have quoted one.
    package static func redacted(_ tokens: [BearerToken], from message: String) -> String {
        Redaction(tokens.map(\.text), mark: "[token]").apply(to: message)
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[token]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
