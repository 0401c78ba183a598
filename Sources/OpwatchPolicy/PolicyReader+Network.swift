import OpwatchCore
import WireFormat

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
        guard let origin = WebOrigin(text), !origin.isSecure, let port = origin.port,
            ["", "/"].contains(origin.rest)
        else { return nil }
        return .server(host: origin.host, port: port)
    }
}
