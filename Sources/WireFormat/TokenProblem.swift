/// Why the content of a token file is no token. Its words repeat no byte of the content.
package enum TokenProblem: Error, Sendable, Equatable {
    case empty
    case tooLong
    case serviceAccountKey
    case tokenAnswer
    case json
    case pem
    case quoted
    case assignment
    case scheme
    case notFirst
    case severalLines
    case blankInside
    case otherCharacter

    /// What people put into the file in the place of a token; nil for anything else.
    ///
    /// - Parameter content: without blanks around it.
    init?(foreign content: ArraySlice<UInt8>) {
        let text = String(decoding: content, as: UTF8.self)
        let small = text.lowercased()
        if text.hasPrefix("{") || text.hasPrefix("[") {
            let isKey = text.contains("\"private_key") || text.contains("\"service_account\"")
            let isAnswer = text.contains("\"access_token\"")
            self = isKey ? .serviceAccountKey : isAnswer ? .tokenAnswer : .json
        } else if text.hasPrefix("-----BEGIN") {
            self = .pem
        } else if Self.isAssignment(text) {
            self = .assignment
        } else if ["bearer ", "bearer\t", "bearer:", "authorization:"].contains(
            where: { small.hasPrefix($0) })
        {
            self = .scheme
        } else if let first = text.first, "\"'`".contains(first) {
            self = .quoted
        } else {
            return nil
        }
    }

    /// Whether the text is `NAME=…`; a token has `=` at its end only.
    private static func isAssignment(_ text: String) -> Bool {
        guard let sign = text.firstIndex(of: "="),
            let value = text[text.index(after: sign)...].first, value != "=", !value.isWhitespace
        else { return false }
        // `export NAME=…` too.
        let name = text[..<sign].split(separator: " ").last ?? ""
        let isInName: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return !name.isEmpty && name.utf8.allSatisfy(isInName)
    }
}

extension TokenProblem: CustomStringConvertible {
    /// What the file is or has, to stand behind its name.
    package var description: String {
        switch self {
        case .empty: "is empty"
        case .tooLong: "is longer than \(BearerToken.bytesMax) bytes"
        case .serviceAccountKey:
            "is a service account key, not a token: write key: in the place of token:"
        case .tokenAnswer: "is a JSON answer: put its access_token alone into the file"
        case .json:
            "is JSON, not a token: for a credential file of Google write key:, external: or "
                + "authorized_user: in the place of token:"
        case .pem: "is a PEM key or certificate, not a token"
        case .quoted: "has quotes around the token: take them off"
        case .assignment: "has NAME= in front of the token: put the token alone into the file"
        case .scheme: "has `Bearer` in front of the token: put the token alone into the file"
        case .notFirst: "has no token in its first line"
        case .severalLines: "has more than one line: put the token alone into the file"
        case .blankInside: "has a space inside the token"
        case .otherCharacter:
            "has a character that no token has: letters, digits and - . _ ~ + / are allowed, "
                + "= at the end"
        }
    }
}
