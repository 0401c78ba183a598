package import OpwatchCore
package import WireFormat

/// An endpoint taken apart and found fit to send requests to.
package struct ServiceURL: Sendable, Equatable {
    /// The endpoint without a slash at its end.
    package let base: String
    /// Where it leads.
    package let origin: WebOrigin
    /// Whether a token may travel: over TLS, or not beyond this machine.
    package let protectsToken: Bool

    /// Longer URLs are refused by servers anyway.
    package static let bytesMax = 64 << 10

    /// - Throws: `.notSent` for anything but `http` or `https`, a plain host, a port and a path.
    package init(_ endpoint: Endpoint) throws(CallFailure) {
        guard let parts = EndpointParts(endpoint.description) else {
            throw .notSent(
                reason: "the endpoint \(RemoteText.clean(endpoint.description)) is not "
                    + "http(s)://HOST[:PORT][/PATH]")
        }
        base = parts.base
        origin = parts.origin
        protectsToken = origin.isSecure || LoopbackHost.isOne(origin.host)
    }

    /// Where one page of a parent's operations is.
    package func page(_ request: ListRequest) throws(CallFailure) -> String {
        var url = base
        if !request.parent.isEmpty { url += "/" + (try encode(request.parent)) }
        url += "/operations?pageSize=\(request.pageSize)"
        if let filter = request.filter { url += "&filter=" + URLPath.encodeQueryValue(filter) }
        if let token = request.pageToken {
            url += "&pageToken=" + URLPath.encodeQueryValue(token)
        }
        guard url.utf8.count <= Self.bytesMax else {
            throw .notSent(reason: "the URL of the list is longer than \(Self.bytesMax) bytes")
        }
        return url
    }

    /// Where one operation is.
    package func operation(_ name: String) throws(CallFailure) -> String {
        base + "/" + (try encode(name))
    }

    private func encode(_ name: String) throws(CallFailure) -> String {
        do throws(NameError) {
            return try URLPath.encode(name)
        } catch {
            throw .notSent(reason: error.description)
        }
    }
}

/// The parts of `http(s)://HOST[:PORT][/PATH]`; nothing else is let through, so that every
/// reader of the URL agrees on where the request goes.
private struct EndpointParts {
    let origin: WebOrigin
    let base: String

    init?(_ text: String) {
        guard let origin = WebOrigin(text), Self.isPath(origin.rest) else { return nil }
        self.origin = origin
        var base = Substring(text)
        while base.hasSuffix("/") { base.removeLast() }
        self.base = String(base)
    }

    private static func isPath(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { WebOrigin.isInHostName($0) || "/_~%:@".utf8.contains($0) }
            && !text.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}
