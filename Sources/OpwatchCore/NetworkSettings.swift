/// How a service is reached, beside its URL.
package struct NetworkSettings: Sendable, Hashable {
    /// Which proxy requests go through.
    package enum ProxyChoice: Sendable, Hashable {
        /// The one that the environment names for the host, if any.
        case environment
        case none
        /// - credentials: a credential file with `USER:PASSWORD`; nil for a proxy that wants none.
        case server(host: String, port: Int, credentials: String?)
    }

    /// Whom a service that asks for one finds at this end of a connection. Both name credential
    /// files in PEM form; with nil for the key it stands in the certificate's file, too.
    package struct ClientCertificate: Sendable, Hashable {
        package var certificate: String
        package var key: String?

        package init(certificate: String, key: String? = nil) {
            self.certificate = certificate
            self.key = key
        }
    }

    package var proxy = ProxyChoice.environment
    /// The path of a PEM file: authorities that are trusted beside those of the machine.
    package var authorities: String?
    package var clientCertificate: ClientCertificate?
    /// Whether answers may come compressed; never from this machine itself.
    package var compression = true

    package init() {}

    /// The files that must be there for a connection, credential files by their names, each with
    /// the key of the policy that names it.
    package var files: [(key: String, name: String)] {
        var files: [(key: String, name: String)] = []
        if case .server(_, _, let name?) = proxy { files.append(("proxy_credentials", name)) }
        if let authorities { files.append(("ca_file", authorities)) }
        if let clientCertificate {
            files.append(("client_certificate", clientCertificate.certificate))
            if let key = clientCertificate.key { files.append(("client_key", key)) }
        }
        return files
    }
}
