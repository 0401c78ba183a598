import Foundation
import GoogleAuth
import OpwatchCore
import Synchronization
import WireFormat

/// What Google's own library did with a credential, as `record.py` wrote it down.
struct RecordedCase: CustomStringConvertible {
    let name: String
    private let object: [String: Any]

    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/google-auth")

    private static func root() throws -> [String: Any] {
        let bytes = try Data(contentsOf: directory.appending(path: "recorded.json"))
        return try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
    }

    init(_ name: String) throws {
        let cases = try Self.root()["cases"] as? [[String: Any]] ?? []
        guard let found = cases.first(where: { $0["name"] as? String == name }) else {
            throw Missing(name: name)
        }
        self.name = name
        object = found
    }

    struct Missing: Error { let name: String }

    var description: String { name }

    /// The clock of the recording.
    static let now = Timestamp(rfc3339: "2026-01-31T12:00:00Z") ?? .earliest

    var file: String? { object["file"] as? String }
    var token: String? { object["token"] as? String ?? object["result"] as? String }
    var expiry: Timestamp? {
        (object["expiry"] as? String).flatMap { Timestamp(rfc3339: $0) }
    }
    var apiHeaders: [String: String] { object["api_headers"] as? [String: String] ?? [:] }
    var claims: [[String: Any]] {
        (object["jwts"] as? [[String: Any]] ?? []).compactMap { $0["claims"] as? [String: Any] }
    }
    var jwtHeaders: [[String: Any]] {
        (object["jwts"] as? [[String: Any]] ?? []).compactMap { $0["header"] as? [String: Any] }
    }
    private var inputs: [String: Any] { object["inputs"] as? [String: Any] ?? [:] }
    var environment: [String: String] { inputs["environment"] as? [String: String] ?? [:] }
    var files: [String: String] { inputs["files"] as? [String: String] ?? [:] }
    var account: String? { inputs["service_account_email"] as? String }
    var child: [String: Any]? { object["child"] as? [String: Any] }

    /// Without what only that library asks.
    var exchanges: [RecordedExchange] {
        let all = (object["exchanges"] as? [[String: Any]] ?? []).map(RecordedExchange.init)
        return all.filter { !$0.url.contains("?recursive=true") }
    }
}

/// One request of the library, and what it was answered.
struct RecordedExchange {
    private let request: [String: Any]
    let answer: TokenAnswer

    init(_ object: [String: Any]) {
        request = object["request"] as? [String: Any] ?? [:]
        let answer = object["answer"] as? [String: Any] ?? [:]
        self.answer = TokenAnswer(
            status: answer["status"] as? Int ?? 0,
            headers: (answer["headers"] as? [String: String] ?? [:]).map { ($0.key, $0.value) },
            body: Array((answer["body"] as? String ?? "").utf8))
    }

    var method: String { request["method"] as? String ?? "" }
    var url: String { request["url"] as? String ?? "" }
    var headers: [String: String] {
        // What the library says of itself.
        (request["headers"] as? [String: String] ?? [:]).filter { $0.key != "x-goog-api-client" }
    }
    var form: [String: String]? { request["form"] as? [String: String] }
    var json: [String: Any]? { request["json"] as? [String: Any] }
}

/// A request taken apart, so that it can be laid beside a recorded one.
struct SentRequest: Sendable {
    let request: TokenRequest

    var headers: [String: String] {
        Dictionary(
            request.headers.map { ($0.name.lowercased(), $0.value) },
            uniquingKeysWith: { $0 + ", " + $1 })
    }

    var form: [String: String] {
        let text = String(decoding: request.body, as: UTF8.self)
        let pairs = text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts[0], (parts.count > 1 ? parts[1] : "").removingPercentEncoding ?? "?")
        }
        return Dictionary(pairs, uniquingKeysWith: { $0 + "," + $1 })
    }

    var json: [String: Any] {
        do {
            return try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
                ?? [:]
        } catch {
            return [:]
        }
    }
}

/// The parts of a JSON web token, decoded.
struct DecodedToken {
    let header: [String: Any]
    let claims: [String: Any]
    let signed: String
    let signature: [UInt8]

    init?(_ text: String) {
        let parts = text.split(separator: ".").map(String.init)
        guard parts.count == 3, let header = Self.object(parts[0]),
            let claims = Self.object(parts[1]), let signature = Self.bytes(parts[2])
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = parts[0] + "." + parts[1]
    }

    private static func object(_ text: String) -> [String: Any]? {
        guard let bytes = bytes(text) else { return nil }
        do {
            return try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        } catch {
            return nil
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        var text = text.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: text).map { Array($0) }
    }
}
