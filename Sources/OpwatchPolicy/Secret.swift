/// Recognises tokens and keys that were pasted where a name belongs.
enum Secret {
    /// Refuses a file with a secret in it, without a word of what it says.
    ///
    /// - Returns: whether there is one; then nothing else of the file may be told.
    static func report(in bytes: [UInt8], to problems: ProblemList) -> Bool {
        guard let offset = offset(in: bytes) else { return false }
        problems.error(
            "a secret stands here; no policy holds one. Put it into a file, take "
                + "credentials: token:NAME or key:NAME, and replace the secret: it may have "
                + "been read",
            at: Mark(ofByte: offset, in: bytes))
        return true
    }

    /// Where a token or key of a known form begins; nil for a file without one.
    private static func offset(in bytes: [UInt8]) -> Int? {
        bytes.indices.first { start in
            // Few bytes begin one of the forms; the others cost no more than this look.
            guard firstBytes.contains(bytes[start]) else { return false }
            return forms.contains { form in
                let isOne = bytes[start...].starts(with: form.start)
                return isOne && isLong(bytes[(start + form.start.count)...], form)
            }
        }
    }

    private static let firstBytes = forms.compactMap(\.start.first)

    /// Whether a text is likelier a token or a key than the name of one.
    static func isLikely(_ text: some StringProtocol) -> Bool {
        let words = text.split { " :/".contains($0) }
        return offset(in: Array(text.utf8)) != nil || text.contains("ya29.")
            || text.contains("private_key") || text.contains("{") || text.contains("-----")
            || words.contains { $0.lowercased() == "bearer" }
            || words.contains { $0.hasPrefix("AIza") || $0.hasPrefix("eyJ") }
    }

    private struct Form: Sendable {
        let start: [UInt8]
        /// How many signs of a token follow at least.
        let tail: Int

        init(_ start: String, tail: Int) {
            self.start = Array(start.utf8)
            self.tail = tail
        }
    }

    /// OAuth tokens, JSON web tokens, API keys, client secrets, refresh tokens and private keys.
    private static let forms = [
        Form("ya29.", tail: 8), Form("eyJ", tail: 20), Form("AIza", tail: 30),
        Form("GOCSPX-", tail: 8), Form("1//0", tail: 20), Form("\"private_key", tail: 0),
        Form("-----BEGIN ", tail: 0),
    ]

    private static func isLong(_ rest: ArraySlice<UInt8>, _ form: Form) -> Bool {
        let tail = rest.prefix(form.tail)
        return tail.count == form.tail && tail.allSatisfy(isOfToken)
    }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
