/// Hosts that are this very machine.
package enum LoopbackHost {
    /// Whether packets to the host stay on this machine: 127.0.0.0/8, ::1 or `localhost`.
    ///
    /// - Parameter host: without port and brackets.
    package static func isOne(_ host: some StringProtocol) -> Bool {
        if host == "::1" || host.lowercased() == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            // A leading zero is octal to whoever looks the name up.
            UInt8(part).flatMap { String($0) == part ? $0 : nil }
        }
        return parts.count == 4 && numbers.count == 4 && numbers[0] == 127
    }
}
