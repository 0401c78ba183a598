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
        let kind = scalar.text.prefix { $0 != ":" }
        let name = scalar.text.dropFirst(kind.count + 1)
        switch (kind, kind.endIndex < scalar.text.endIndex) {
        case ("none", false):
            return Credentials.none
        case ("default", false):
            problems.error(absent, at: entry.value.mark)
        case ("key", true):
            problems.error(
                "this version does not have key credentials; \(Self.known)", at: entry.value.mark)
        case ("token", true) where isCredential(name):
            if url?.isOpenToOthers == true {
                problems.error(
                    "a token must not travel over http:// to another machine; "
                        + "use https://, a loopback address or credentials: none",
                    at: entry.value.mark)
            }
            return .token(String(name))
        case ("token", _):
            problems.error(
                "credentials token:NAME needs the name of a file in $CREDENTIALS_DIRECTORY or "
                    + "an absolute path, not \(name.quoted)", at: entry.value.mark)
        default:
            problems.error(
                "unknown credentials \(scalar.text.quoted); \(Self.known)"
                    + didYouMean(String(kind), in: ["none", "token"]), at: entry.value.mark)
        }
        return nil
    }

    /// A file name, or an absolute path.
    private func isCredential(_ name: some StringProtocol) -> Bool {
        let isText = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard isText, !name.isEmpty, name.utf8.count <= 4_095 else { return false }
        if name.hasPrefix("/") { return true }
        return !name.contains("/") && name != "." && name != ".." && name.utf8.count <= 255
    }
}
