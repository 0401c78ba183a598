import NIOSSL
import OpwatchCore
import WireFormat

/// Whom connections believe, and who they say they are: what PEM files hold.
package struct ConnectionSecurity: Sendable {
    /// What a file holds, and how messages name it.
    package struct PEM: Sendable {
        /// The key of the policy, or the variable, with the name of the file.
        let label: String
        let bytes: [UInt8]

        package init(label: String, bytes: [UInt8]) {
            self.label = label
            self.bytes = bytes
        }
    }

    /// In the place of the authorities that the machine trusts.
    package var machineAuthorities: PEM?
    /// Authorities that are trusted beside them.
    package var authorities: PEM?
    /// Shown to a server that asks: the certificate first, then those that signed it.
    package var certificate: PEM?
    /// nil: the key stands in the file of the certificate.
    package var key: PEM?

    package init() {}

    /// What both sides must speak; a server is always verified.
    ///
    /// - Throws: `.notSent` for a file that holds no certificate or key, or a key of another
    ///   certificate.
    func configuration() throws(CallFailure) -> TLSConfiguration {
        var security = TLSConfiguration.makeClientConfiguration()
        security.minimumTLSVersion = .tlsv12
        if let machineAuthorities {
            security.trustRoots = .certificates(try Self.certificates(machineAuthorities))
        }
        if let authorities {
            security.additionalTrustRoots = [.certificates(try Self.certificates(authorities))]
        }
        guard let certificate else { return security }
        security.certificateChain = try Self.certificates(certificate).map { .certificate($0) }
        security.privateKey = .privateKey(try Self.privateKey(key ?? certificate))
        guard Self.isPair(security) else {
            throw .notSent(reason: "\(certificate.label): the key is that of another certificate")
        }
        return security
    }

    /// Whether the key belongs to the certificate; whom to believe does not matter for that.
    private static func isPair(_ security: TLSConfiguration) -> Bool {
        var pair = TLSConfiguration.makeClientConfiguration()
        pair.trustRoots = .certificates([])
        pair.certificateChain = security.certificateChain
        pair.privateKey = security.privateKey
        do {
            _ = try NIOSSLContext(configuration: pair)
            return true
        } catch {
            return false
        }
    }

    private static func certificates(_ pem: PEM) throws(CallFailure) -> [NIOSSLCertificate] {
        do {
            let certificates = try NIOSSLCertificate.fromPEMBytes(pem.bytes)
            guard !certificates.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            return certificates
        } catch {
            throw .notSent(reason: "\(pem.label) holds no certificate in PEM form")
        }
    }

    private static func privateKey(_ pem: PEM) throws(CallFailure) -> NIOSSLPrivateKey {
        do {
            return try NIOSSLPrivateKey(bytes: pem.bytes, format: .pem)
        } catch {
            throw .notSent(
                reason: "\(pem.label) holds no private key in PEM form that needs no password")
        }
    }
}

extension ConnectionSecurity.PEM: CustomStringConvertible, CustomReflectable {
    package var description: String { label }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
