import Glibc
import NIOSSL
import WireFormat

/// Why TLS failed, as far as the library tells.
///
/// It knows that a certificate was refused and not why: unknown issuer and expiry read alike.
enum TLSTrouble {
    /// Where the library looks for the certificates of authorities.
    private static let authorityFiles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    ]

    /// - Parameter isTrustNamed: whether the environment says whom to believe.
    static func words(for error: BoringSSLError, isTrustNamed: Bool = false) -> String {
        words(
            for: reasons(of: error),
            hasAuthorities: isTrustNamed || authorityFiles.contains { access($0, R_OK) == 0 })
    }

    /// - Parameters:
    ///   - reasons: the library's names of its errors, the oldest first.
    ///   - hasAuthorities: whether this machine has certificates of authorities.
    static func words(for reasons: [String], hasAuthorities: Bool) -> String {
        let missing = "no CA certificates on this machine: install ca-certificates"
        switch reasons.first {
        case "CERTIFICATE_VERIFY_FAILED":
            return hasAuthorities
                ? "certificate not trusted: expired, or of an issuer not known here"
                : missing
        case "WRONG_VERSION_NUMBER": return "no TLS at this port"
        case "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION":
            return "no version of TLS that both sides speak"
        case "TLSV1_CERTIFICATE_REQUIRED", "TLSV1_ALERT_CERTIFICATE_REQUIRED":
            return "the server wants a client certificate (client_certificate:)"
        case "SSLV3_ALERT_BAD_CERTIFICATE", "TLSV1_ALERT_UNKNOWN_CA",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "SSLV3_ALERT_CERTIFICATE_EXPIRED",
            "SSLV3_ALERT_CERTIFICATE_REVOKED", "TLSV1_ALERT_ACCESS_DENIED":
            return "the server does not accept the client certificate"
        case "SSLV3_ALERT_HANDSHAKE_FAILURE":
            return "the server breaks the handshake off; it may want a client certificate"
        case "EOF during handshake": return "the connection was closed during the handshake"
        case let reason?: return "failed: \(RemoteText.clean(reason))"
        // Without a place to look for authorities nothing is set up at all, and no name is left.
        case nil: return hasAuthorities ? "failed" : missing
        }
    }

    /// The library's own words for its errors, the oldest first.
    private static func reasons(of error: BoringSSLError) -> [String] {
        switch error {
        case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack),
            .failedToSetALPN(let stack):
            stack.map(reason)
        case .noError, .zeroReturn, .wantRead, .wantWrite, .wantConnect, .wantAccept,
            .wantX509Lookup, .wantCertificateVerify, .syscallError:
            []
        }
    }

    /// The name out of `Error: 268435703 error:100000f7:SSL routines:OPENSSL_internal:NAME at …`.
    private static func reason(_ error: BoringSSLInternalError) -> String {
        if error == .eofDuringHandshake { return "EOF during handshake" }
        let text = error.description
        guard let start = text.firstRange(of: "OPENSSL_internal:")?.upperBound else { return text }
        let rest = text[start...]
        return String(rest[..<(rest.firstRange(of: " at ")?.lowerBound ?? rest.endIndex)])
    }
}
