import OpwatchCore

extension PolicyReader {
    private static let known = "use token:NAME or none"

    /// `credentials:` of a service, and whether they may travel to its URL.
    ///
    /// - Parameter url: nil for a built-in API, which has https.
    mutating func readCredentials(_ section: Section, url: EndpointURL?) -> Credentials? {
        let absent =
            "this version does not have default credentials (meant too where the key is "
            + "left out); \(Self.known)"
        guard let entry = section["credentials"] else {
            problems.error(absent, at: section.mark)
            return nil
        }
        guard let scalar = scalar(entry) else { return nil }
        let mark = entry.value.mark
        guard !Secret.isLikely(scalar.text) else {
            problems.error(
                "credentials looks like a token or a key, which no policy holds; put it into a "
                    + "file and write token:NAME", at: mark)
            return nil
        }
        let kind = scalar.text.prefix { $0 != ":" }
        let name = scalar.text.dropFirst(kind.count + 1)
        switch (kind, kind.endIndex < scalar.text.endIndex) {
        case ("none", false):
            return Credentials.none
        case ("default", false):
            problems.error(absent, at: mark)
        case ("key", true):
            problems.error("this version does not have key credentials; \(Self.known)", at: mark)
        case ("token", true) where isCredential(name):
            if url?.isOpenToOthers == true {
                problems.error(
                    "a token must not travel over http:// to another machine; "
                        + "use https://, a loopback address or credentials: none", at: mark)
            }
            return .token(String(name))
        case ("token", _):
            problems.error(
                "credentials token:NAME needs the name of a file in $CREDENTIALS_DIRECTORY (1 to "
                    + "64 of A-Z a-z 0-9 . _ - + @) or an absolute path", at: mark)
        default:
            problems.error(
                "unknown credentials\(shown(kind)); \(Self.known)"
                    + didYouMean(String(kind), in: ["none", "token"]), at: mark)
        }
        return nil
    }

    /// A word for a message; nothing where it may be more than a word, as it may be a secret.
    private func shown(_ kind: Substring) -> String {
        let isWord = (1...12).contains(kind.utf8.count) && kind.utf8.allSatisfy { isLetter($0) }
        return isWord ? " \(kind.quoted)" : ""
    }

    /// A file name, or an absolute path.
    private func isCredential(_ name: some StringProtocol) -> Bool {
        if name.hasPrefix("/") {
            let isText = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            return isText && name.utf8.count <= 4_095
        }
        let isName = name.utf8.allSatisfy { byte in
            isLetter(byte) || isDigit(byte) || "._-+@".utf8.contains(byte)
        }
        return isName && (1...64).contains(name.utf8.count) && name != "." && name != ".."
    }
}
