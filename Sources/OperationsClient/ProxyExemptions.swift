import WireFormat

/// `no_proxy`: who is reached without a proxy, as other programs read it.
///
/// Between commas: `*` for everybody; a host or a domain with all below it (`x.test`, `.x.test`,
/// `*.x.test`), an address, each with or without a port; a network (`10.0.0.0/8`, `fd00::/8`).
struct ProxyExemptions {
    private let entries: [Substring]

    init(_ list: String) {
        entries = list.lowercased().split { $0 == "," || $0 == " " }
    }

    /// - Parameters:
    ///   - host: without brackets.
    ///   - port: the one that is really asked.
    func cover(_ host: String, port: Int) -> Bool {
        let host = host.lowercased()
        let address = IPAddress(host)
        return entries.contains { entry in
            if entry == "*" { return true }
            if let address, let slash = entry.lastIndex(of: "/") {
                guard let network = IPAddress(entry[..<slash]),
                    let bits = Int(entry[entry.index(after: slash)...])
                else { return false }
                return address.isIn(network, bits: bits)
            }
            guard let (name, named) = Self.parts(of: entry), named.map({ $0 == port }) ?? true
            else { return false }
            if let address { return IPAddress(name) == address }
            return host == name || host.hasSuffix("." + name)
        }
    }

    /// The host, without what stands for everything below it, and the port.
    private static func parts(of entry: Substring) -> (Substring, Int?)? {
        var name = entry
        var port: Int?
        if name.hasPrefix("["), let close = name.firstIndex(of: "]") {
            port = Int(name[name.index(after: close)...].dropFirst())
            name = name[..<close].dropFirst()
        } else if IPAddress(name) == nil, let colon = name.lastIndex(of: ":") {
            guard let number = Int(name[name.index(after: colon)...]) else { return nil }
            port = number
            name = name[..<colon]
        }
        name = name.drop { $0 == "." || $0 == "*" }
        return name.isEmpty ? nil : (name, port)
    }
}
