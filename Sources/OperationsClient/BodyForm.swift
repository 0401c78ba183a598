import OpwatchCore

/// What the body of an error is, before anybody believes what it says.
enum BodyForm: Sendable, Equatable {
    /// No bytes, or blanks alone.
    case nothing
    case envelope(ErrorEnvelope)
    /// HTML or XML: the page of a proxy or a login, whoever it is that speaks there.
    case markup
    /// Plain text.
    case text(String)
    /// JSON of no known form, or no text at all.
    case other

    /// - Parameter contentType: `Content-Type` as it came; nil if it is missing.
    init(_ body: [UInt8], contentType: String?) {
        let type = contentType.map { MediaType($0) }
        let start = body.firstIndex { !Self.isBlank($0) }
        if start == nil {
            self = .nothing
        } else if type?.isHTML == true || Self.looksLikeMarkup(body) {
            self = .markup
        } else if let envelope = ErrorEnvelope(body) {
            self = .envelope(envelope)
        } else if type?.isPlainText != false, let start, !"{[".utf8.contains(body[start]),
            let text = String(validating: body, as: UTF8.self)
        {
            self = .text(text)
        } else {
            self = .other
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Whether a `<` stands first, behind a byte order mark and blanks.
    static func looksLikeMarkup(_ body: [UInt8]) -> Bool {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let rest = body.starts(with: mark) ? body.dropFirst(mark.count) : body[...]
        return rest.first { !isBlank($0) } == UInt8(ascii: "<")
    }
}

/// The type of a `Content-Type`, without its parameters.
struct MediaType: Sendable, Equatable {
    /// In small letters; untrusted text.
    let name: String

    init(_ header: String) {
        let type = header.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        name = type.lowercased()
    }

    var isHTML: Bool { name == "text/html" || name == "application/xhtml+xml" }

    /// Also where the header is there and empty.
    var isPlainText: Bool { name == "text/plain" || name.isEmpty }

    /// `application/json`, `application/problem+json`, `text/json`.
    var isJSON: Bool { name.hasSuffix("/json") || name.hasSuffix("+json") }
}
