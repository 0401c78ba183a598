package import OpwatchCore
package import WireFormat

/// What is known of a body besides its bytes: enough to say why it cannot be read.
package struct BodyContext: Sendable, Equatable {
    /// `Content-Type` as it came.
    let contentType: String?
    /// What was sent along, now and lately; must stand in no message, should the body quote it.
    let tokens: [BearerToken]

    /// Of bytes that are no answer, e.g. of a saved list.
    package static let none = BodyContext(contentType: nil, tokens: [])

    /// Bytes of a body that stand in a message.
    private static let beginningBytesMax = 80

    /// Why a body that should be a list or an operation is none, in the service's own words where
    /// it gave some.
    ///
    /// - Parameters:
    ///   - body: of an answer of success, or of a file.
    ///   - error: what its reader said.
    package func complaint(about body: [UInt8], _ error: WireError) -> String {
        redact(words(about: body, error))
    }

    private func words(about body: [UInt8], _ error: WireError) -> String {
        switch error {
        case .noOperations:
            guard let words = ErrorAnswer.words(in: body, self) else { return error.description }
            return "an error instead of a list: \(words)"
        case .syntax(let offset) where body.prefix(offset).allSatisfy(BodyForm.isBlank):
            return "\(name(of: body)) instead of JSON\(beginning(of: body))"
        case .syntax, .notUTF8, .duplicateKey, .tooDeep, .tooLarge, .trailingBytes, .notAnObject,
            .wrongType:
            return error.description
        }
    }

    /// What a body is, and how it begins.
    func look(of body: [UInt8]) -> String { name(of: body) + beginning(of: body) }

    /// A body of no known form as it stands there; empty where it has no letter and no digit.
    func words(of body: [UInt8]) -> String {
        let text = text(of: body, bytesMax: RemoteText.bytesMax)
        return !isCompressed(body) && text.contains { $0.isLetter || $0.isNumber } ? text : ""
    }

    /// The same for whoever reads the answer.
    package var answerContext: AnswerContext {
        AnswerContext(complaint: { complaint(about: $0, $1) }, redact: { redact($0) })
    }

    /// The text without the tokens.
    package func redact(_ text: String) -> String { BearerToken.redacted(tokens, from: text) }

    private func name(of body: [UInt8]) -> String {
        guard let first = body.first(where: { !BodyForm.isBlank($0) }) else {
            return "an empty body"
        }
        if isCompressed(body) { return "gzip" }
        if let type = contentType.map({ MediaType($0) }), !type.isJSON, !type.name.isEmpty {
            return RemoteText.clean(redact(type.name), bytesMax: Self.beginningBytesMax)
        }
        if BodyForm.looksLikeMarkup(body) { return "HTML or XML" }
        return "{[".utf8.contains(first) ? "JSON of no known form" : "something"
    }

    private func beginning(of body: [UInt8]) -> String {
        guard !isCompressed(body), !body.allSatisfy(BodyForm.isBlank) else { return "" }
        return ", begins \(text(of: body, bytesMax: Self.beginningBytesMax))"
    }

    private func text(of body: [UInt8], bytesMax: Int) -> String {
        RemoteText.clean(redact(String(decoding: body, as: UTF8.self)), bytesMax: bytesMax)
    }

    private func isCompressed(_ body: [UInt8]) -> Bool { body.starts(with: [0x1F, 0x8B]) }
}
