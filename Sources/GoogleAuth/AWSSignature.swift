import Crypto
import WireFormat

/// Keys of AWS, for as long as one request takes.
struct AWSKeys: Sendable {
    let id: String
    let secret: SecretText
    let sessionToken: SecretText?
}

/// Signs a POST without a body to the security token service of AWS (Signature Version 4).
struct AWSSignature {
    let keys: AWSKeys
    let region: String
    private let dateTime: String
    private let date: String

    private static let service = "sts"
    private static let algorithm = "AWS4-HMAC-SHA256"

    init(keys: AWSKeys, region: String, at now: Timestamp) {
        self.keys = keys
        self.region = region
        // 2026-01-31T12:00:00…Z without what AWS leaves out.
        let text = now.description.prefix(19).filter { $0 != "-" && $0 != ":" }
        dateTime = String(text) + "Z"
        date = String(text.prefix(8))
    }

    /// All headers of the signed request, in the order of their names where they are signed.
    ///
    /// - Parameters:
    ///   - url: `https://HOST[?QUERY]`, the query in its order already.
    ///   - extra: headers that are signed too, names in lower case.
    func headers(
        url: String, extra: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        let rest = url.dropFirst("https://".count)
        let host = String(rest.prefix { $0 != "/" && $0 != "?" })
        let path = rest.dropFirst(host.count).prefix { $0 != "?" }
        let query = rest.dropFirst(host.count + path.count).dropFirst()
        var signed = extra + [("host", host), ("x-amz-date", dateTime)]
        if let token = keys.sessionToken { signed.append(("x-amz-security-token", token.value)) }
        signed.sort { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let canonical = [
            "POST", path.isEmpty ? "/" : String(path), String(query),
            signed.map { "\($0.name):\($0.value)\n" }.joined(), names, Self.hash(""),
        ].joined(separator: "\n")
        let scope = "\(date)/\(region)/\(Self.service)/aws4_request"
        let text = [Self.algorithm, dateTime, scope, Self.hash(canonical)].joined(separator: "\n")
        let authorization =
            "\(Self.algorithm) Credential=\(keys.id)/\(scope), SignedHeaders=\(names), "
            + "Signature=\(signature(of: text))"
        return [("Authorization", authorization)] + signed
    }

    private func signature(of text: String) -> String {
        var key = SymmetricKey(data: Array(("AWS4" + keys.secret.value).utf8))
        for part in [date, region, Self.service, "aws4_request"] {
            key = SymmetricKey(data: Self.code(part, key))
        }
        return HexText.write(Self.code(text, key))
    }

    private static func code(_ text: String, _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    private static func hash(_ text: String) -> String {
        HexText.write(Array(SHA256.hash(data: Array(text.utf8))))
    }
}
