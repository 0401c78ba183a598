import OpwatchCore
import WireFormat

/// Reads how a service is reached: `proxy:`, `ca_file:`, `client_certificate:` and
/// `compression:`, with what belongs to them.
struct NetworkReader {
    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }

    /// The settings over their defaults.
    ///
    /// - Parameter url: nil for a built-in API, which is asked over TLS.
    func read(_ section: Section, url: EndpointURL?) -> NetworkSettings {
        var network = NetworkSettings()
        readProxy(section, into: &network)
        if let entry = section["ca_file"], let scalar = values.scalar(entry) {
            if scalar.text.hasPrefix("/"), CredentialText.isFile(scalar.text) {
                network.authorities = scalar.text
            } else {
                problems.error(
                    "ca_file must be the absolute path of a file of certificates, not "
                        + scalar.text.quoted, at: entry.value.mark)
            }
        }
        network.clientCertificate = readClientCertificate(section, url: url)
        if let entry = section["compression"], let isOn = values.boolean(entry) {
            network.compression = isOn
        }
        return network
    }

    private func readProxy(_ section: Section, into network: inout NetworkSettings) {
        let credentials = section["proxy_credentials"].flatMap { credentialFile($0) }
        if let entry = section["proxy"], let scalar = values.scalar(entry) {
            guard let proxy = proxy(scalar.text, credentials: credentials) else {
                // User and password are what people would write there, in any form.
                let shown =
                    Self.isQuotable(scalar.text)
                    ? ", not \(scalar.text.quoted)"
                    : "; user and password belong into a file: proxy_credentials"
                problems.error(
                    "proxy must be none or http://HOST:PORT\(shown)", at: entry.value.mark)
                return
            }
            network.proxy = proxy
        }
        guard let entry = section["proxy_credentials"] else { return }
        switch network.proxy {
        case .server: return
        case .environment, .none:
            problems.error(
                "proxy_credentials needs a proxy: http://HOST:PORT; a proxy of the environment "
                    + "has its user and password there", at: entry.keyMark)
        }
    }

    /// Whether it is a host with a port at most, of whatever scheme.
    private static func isQuotable(_ text: String) -> Bool {
        let rest = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
        guard let origin = WebOrigin("http://" + rest) else { return false }
        return ["", "/"].contains(origin.rest)
    }

    private func proxy(_ text: String, credentials: String?) -> NetworkSettings.ProxyChoice? {
        if text == "none" { return NetworkSettings.ProxyChoice.none }
        guard let origin = WebOrigin(text), !origin.isSecure, let port = origin.port,
            ["", "/"].contains(origin.rest)
        else { return nil }
        return .server(host: origin.host, port: port, credentials: credentials)
    }

    private func readClientCertificate(
        _ section: Section, url: EndpointURL?
    ) -> NetworkSettings.ClientCertificate? {
        let key = section["client_key"].flatMap { credentialFile($0) }
        guard let entry = section["client_certificate"] else {
            if let entry = section["client_key"] {
                problems.error("client_key needs a client_certificate", at: entry.keyMark)
            }
            return nil
        }
        if let url, url.endpoint.description.hasPrefix("http://") {
            problems.error(
                "client_certificate is for https://; over http:// nobody asks for one",
                at: entry.keyMark)
        }
        guard let certificate = credentialFile(entry) else { return nil }
        return NetworkSettings.ClientCertificate(certificate: certificate, key: key)
    }

    /// The name of a credential file.
    private func credentialFile(_ entry: Section.Entry) -> String? {
        guard let scalar = values.scalar(entry) else { return nil }
        guard !Secret.isLikely(scalar.text) else {
            problems.error(
                "\(entry.label) looks like a secret, which no policy holds; put it into a file and "
                    + "write its name", at: entry.value.mark)
            return nil
        }
        guard CredentialText.isFile(scalar.text) else {
            // What somebody took for the place of the secret itself is not repeated.
            problems.error("\(entry.label) needs \(CredentialText.fileForm)", at: entry.value.mark)
            return nil
        }
        return scalar.text
    }
}
