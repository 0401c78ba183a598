/// Hosts that are this very machine.
package enum LoopbackHost {
    /// Whether packets to the host stay on this machine: 127.0.0.0/8, ::1 or `localhost`.
    ///
    /// - Parameter host: without port and brackets.
    package static func isOne(_ host: some StringProtocol) -> Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback ?? false
    }
}
