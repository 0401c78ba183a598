package import OpwatchCore
package import WireFormat

/// An answer that is not a success, read for what the caller can do about it.
package enum ErrorAnswer {
    /// The failure that an answer means: by what its envelope says first, by the number second.
    ///
    /// - Parameters:
    ///   - httpStatus: any number but 2xx.
    ///   - retryAfter: every `Retry-After` header.
    ///   - date: server time of the answer.
    ///   - contentType: `Content-Type` as it came; nil if it is missing.
    ///   - body: an error envelope, HTML, nothing, or anything.
    package static func failure(
        httpStatus: Int, retryAfter: [String], date: Timestamp?, contentType: String?,
        body: [UInt8]
    ) -> CallFailure {
        let context = BodyContext(contentType: contentType, tokens: [])
        return failure(httpStatus, retryAfter, date, body, context)
    }

    static func failure(
        _ httpStatus: Int, _ retryAfter: [String], _ date: Timestamp?, _ body: [UInt8],
        _ context: BodyContext
    ) -> CallFailure {
        if (300...399).contains(httpStatus) {
            return .malformed(reason: "redirect refused (HTTP \(httpStatus))")
        }
        let form = BodyForm(body, contentType: context.contentType)
        if let silence = silence(httpStatus, form, body, context) { return silence }
        var envelope: ErrorEnvelope?
        if case .envelope(let found) = form { envelope = found }
        guard let code = envelope?.code ?? StatusCode(http: httpStatus) else {
            return .malformed(reason: "HTTP \(httpStatus)")
        }
        let wait = RetryAfter.longest(
            headers: retryAfter, date: date, retryDelay: envelope?.retryDelay)
        let error = ServiceError(
            http: httpStatus, code: code, message: words(form, body, context), retryAfter: wait)
        return failure(error, isThrottling: envelope?.isThrottling ?? false)
    }

    /// What the service says in a body that came with a success and is an error all the same; nil
    /// where the body is none. Bounded and escaped.
    package static func words(in body: [UInt8], _ context: BodyContext = .none) -> String? {
        guard let envelope = ErrorEnvelope(body) else { return nil }
        let words = [envelope.code?.rawValue ?? "", context.redact(envelope.message)]
            .filter { !$0.isEmpty }
        return words.isEmpty ? nil : RemoteText.clean(words.joined(separator: ": "))
    }

    /// Whether the number says all there is to know, whatever body came with it or did not.
    static func isTold(byNumber httpStatus: Int) -> Bool {
        [401, 408, 425, 429].contains(httpStatus)
            || (500...599).contains(httpStatus) && httpStatus != 501
    }

    /// The failure of an answer that nobody can be held to; nil for one that speaks for the
    /// service.
    ///
    /// Whoever stands in between answers with 403, 404 and 501 too, and with pages of any 4xx.
    private static func silence(
        _ httpStatus: Int, _ form: BodyForm, _ body: [UInt8], _ context: BodyContext
    ) -> CallFailure? {
        let isAboutTheCall = [403, 404, 501].contains(httpStatus)
        switch form {
        case .envelope, .text: return nil
        case .nothing: return isAboutTheCall ? .wordless(http: httpStatus) : nil
        case .markup:
            guard (400...599).contains(httpStatus), !isTold(byNumber: httpStatus) else {
                return nil
            }
        case .other: guard isAboutTheCall else { return nil }
        }
        return .foreign(http: httpStatus, reason: context.look(of: body))
    }

    private static func words(
        _ form: BodyForm, _ body: [UInt8], _ context: BodyContext
    ) -> String {
        switch form {
        case .nothing, .markup: ""
        case .envelope(let envelope): RemoteText.clean(context.redact(envelope.message))
        case .text(let text): RemoteText.clean(context.redact(trimmed(text)))
        case .other: context.words(of: body)
        }
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace || $0 == "\u{FEFF}" }
        let scalars = text.unicodeScalars.drop(while: isBlank)
        let end = scalars.lastIndex { !isBlank($0) }.map { scalars.index(after: $0) }
        return String(scalars[..<(end ?? scalars.endIndex)])
    }

    private static func failure(_ error: ServiceError, isThrottling: Bool) -> CallFailure {
        switch error.code {
        case .unauthenticated: .unauthenticated(error)
        case .permissionDenied: isThrottling ? .throttled(error) : .denied(error)
        case .resourceExhausted: .throttled(error)
        case .notFound: .notFound(error)
        case .unimplemented: .unsupported(error)
        case .failedPrecondition, .aborted, .invalidArgument, .outOfRange, .alreadyExists:
            .refused(error)
        case .cancelled, .unknown, .deadlineExceeded, .internal, .unavailable, .dataLoss:
            .unavailable(
                reason: error.description, retryAfter: error.retryAfter, sent: .maybe)
        }
    }
}
