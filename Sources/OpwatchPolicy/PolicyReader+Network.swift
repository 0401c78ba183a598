import OpwatchCore

extension PolicyReader {
    /// `proxy:` and `ca_file:` of a service.
    mutating func readNetwork(_ section: Section) -> NetworkSettings {
        var network = NetworkSettings()
        if let entry = section["proxy"], let scalar = scalar(entry) {
            if let proxy = Self.proxy(scalar.text) {
                network.proxy = proxy
            } else {
                // User and password are what people would write in front of the host.
                let shown = scalar.text.contains("@") ? "" : ", not \(scalar.text.quoted)"
                problems.error(
                    "proxy must be none or http://HOST:PORT\(shown)", at: entry.value.mark)
            }
        }
        if let entry = section["ca_file"], let scalar = scalar(entry) {
            if scalar.text.hasPrefix("/"), scalar.text.utf8.count <= 4_095,
                scalar.text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
            {
                network.authorities = scalar.text
            } else {
                problems.error(
                    "ca_file must be the absolute path of a file of certificates, not "
                        + scalar.text.quoted, at: entry.value.mark)
            }
        }
        return network
    }

    private static func proxy(_ text: String) -> NetworkSettings.ProxyChoice? {
        if text == "none" { return NetworkSettings.ProxyChoice.none }
        do {
            let url = try EndpointURL(parsing: text)
            let address = url.endpoint.description.dropFirst("http://".count)
            guard url.endpoint.description.hasPrefix("http://"), !address.contains("/") else {
                return nil
            }
            let port = address.dropFirst(url.host.count)
            let host = url.host.hasPrefix("[") ? url.host.dropFirst().dropLast() : url.host[...]
            // The usual port is left off where it is written out.
            guard port.isEmpty else {
                return Int(port.dropFirst()).map { .server(host: String(host), port: $0) }
            }
            return text.hasSuffix(":80") ? .server(host: String(host), port: 80) : nil
        } catch {
            return nil
        }
    }
}
