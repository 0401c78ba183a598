import NIOSSL
import OpwatchCore
import WireFormat

/// The way that a request takes, as messages name its stations.
struct Route: Sendable, Equatable {
    /// Host and port of whom the request is for.
    let service: String
    /// Host and port of the proxy; nil for none.
    let proxy: String?
    /// Whether the proxy is shown a user and password.
    let isUserShown: Bool
    /// For a connection to stand.
    let connectTime: Duration

    /// Whether the environment says which authorities to believe.
    let isTrustNamed: Bool

    /// Whom the first packet goes to.
    var first: String { proxy.map { "the proxy \($0)" } ?? service }

    func cannotConnect(_ cause: String) -> String { "cannot connect to \(first): \(cause)" }

    /// - Parameter host: the name that was looked up.
    func cannotResolve(_ host: String, _ cause: String) -> String {
        let whose = proxy == nil ? "" : "the proxy "
        return RemoteText.clean("cannot resolve \(whose)\(host): \(cause)")
    }

    /// Nothing tells a name that is not resolved from an address that does not answer.
    var tooLate: String {
        let host = WebOrigin("http://" + (proxy ?? service))?.host ?? ""
        let name = IPAddress(host) == nil ? "its name was not resolved, or " : ""
        return cannotConnect(
            "\(name)nothing answered there, within \(DurationText.short(connectTime))")
    }

    /// Of two that may have hung up nobody knows which it was.
    var closed: String {
        proxy.map { "the server, or the proxy \($0), closed the connection" }
            ?? "the server closed the connection"
    }

    func tls(_ words: String) -> String { "TLS with \(service): \(words)" }

    func tls(_ error: BoringSSLError) -> String {
        tls(TLSTrouble.words(for: error, isTrustNamed: isTrustNamed))
    }

    /// Not every proxy says that it is the user whom it does not know.
    var noTunnel: String {
        ofProxy("refuses a tunnel to \(service)")
            + (isUserShown ? ", or does not know the user and password" : "")
    }

    func ofProxy(_ words: String) -> String { "\(first) \(words)" }
}

extension Route {
    init(to authority: String, through pool: HTTPPool) {
        self.init(
            service: RemoteText.clean(authority),
            proxy: pool.settings.proxy.map { RemoteText.clean($0.description) },
            isUserShown: pool.settings.proxy?.user != nil,
            connectTime: pool.settings.connectTimeout,
            isTrustNamed: pool.settings.security.machineAuthorities != nil)
    }
}
