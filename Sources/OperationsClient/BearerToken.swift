/// A bearer token: it goes into one header and into no text.
struct BearerToken: Sendable, Equatable {
    private let text: String

    /// Takes the only line of a file that has any content, trimmed.
    init(file bytes: [UInt8]) throws(TokenProblem) {
        let content = Self.trimmed(bytes[...])
        guard let first = content.first else { throw .empty }
        if let problem = TokenProblem(foreign: content) { throw problem }
        guard !bytes[..<content.startIndex].contains(UInt8(ascii: "\n")) else { throw .notFirst }
        guard !content.contains(UInt8(ascii: "\n")) else { throw .severalLines }
        guard !content.contains(where: Self.isBlank) else { throw .blankInside }
        // RFC 6750, b64token: at least one character before the padding.
        let token = content[
            ..<((content.lastIndex { $0 != Self.padding } ?? content.startIndex) + 1)]
        guard first != Self.padding, token.allSatisfy(Self.isInToken) else { throw .otherCharacter }
        text = String(decoding: content, as: UTF8.self)
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
    var headerValue: String { "Bearer " + text }

    /// More of a text than any message shows, and several tokens long.
    private static let redactedBytesMax = 4 * TokenFile.bytesMax

    /// The beginning of the text without this token, should a server have quoted it.
    func redacted(from message: String) -> String {
        // Byte by byte: a character that combines with the token's last would hide it.
        let token = Array(text.utf8)
        let bytes = Array(message.utf8.prefix(Self.redactedBytesMax))
        var kept: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            if rest.starts(with: token) {
                kept += "[token]".utf8
                rest.removeFirst(token.count)
            } else {
                kept.append(byte)
                rest.removeFirst()
            }
        }
        // Half a token may stand at the cut.
        if bytes.count < message.utf8.count { kept.removeLast(min(token.count, kept.count)) }
        return String(decoding: kept, as: UTF8.self)
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[token]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
