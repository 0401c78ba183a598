/// How a service is reached, beside its URL.
package struct NetworkSettings: Sendable, Hashable {
    /// Which proxy requests go through.
    package enum ProxyChoice: Sendable, Hashable {
        /// The one that the environment names for the host, if any.
        case environment
        case none
        case server(host: String, port: Int)
    }

    package var proxy = ProxyChoice.environment
    /// The path of a PEM file: authorities that are trusted beside those of the machine.
    package var authorities: String?

    package init() {}
}
