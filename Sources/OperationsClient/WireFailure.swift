import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import OpwatchCore
import WireFormat

/// Why no whole answer came back over the wire.
struct WireFailure: Error, Sendable, Equatable {
    let failure: CallFailure
    /// The server closed the connection before the first byte of an answer.
    var closedUnanswered = false

    init(_ failure: CallFailure, closedUnanswered: Bool = false) {
        self.failure = failure
        self.closedUnanswered = closedUnanswered
    }

    /// Reads an error of the libraries underneath.
    ///
    /// - Parameters:
    ///   - error: whatever was thrown.
    ///   - hasHead: whether the answer's head had arrived.
    init(_ error: any Error, hasHead: Bool) {
        switch error {
        case is CancellationError: self = .stopped
        case let error as HTTPClientError: self.init(client: error, hasHead: hasHead)
        case let error as NIOConnectionError:
            self.init(.unavailable(reason: Self.reason(of: error), retryAfter: nil, sent: .no))
        case let error as ChannelError: self.init(channel: error, hasHead: hasHead)
        case let error as IOError: self.init(io: error, hasHead: hasHead)
        case let error as HTTPParserError: self.init(parser: error)
        case is OverheadMeter.Overflow:
            let reason = "more than \(OverheadMeter.bytesMax) bytes of head and framing"
            self.init(.malformed(reason: reason))
        case is NIOHTTPDecoderError:
            self.init(.malformed(reason: "an answer that nobody had asked for"))
        case let error as NIOSSLError: self.init(tls: error, hasHead: hasHead)
        case let error as BoringSSLError:
            let reason = "TLS: \(TLSTrouble.words(for: error))"
            self.init(.unavailable(reason: reason, retryAfter: nil, sent: .maybe))
        case is NIOSSLExtraError: self = .handshake("the certificate is for another host name")
        default:
            let reason = RemoteText.clean("\(type(of: error))")
            self.init(.unavailable(reason: reason, retryAfter: nil, sent: .maybe))
        }
    }

    /// The task was cancelled while the answer was awaited.
    static let stopped = WireFailure(
        .unavailable(reason: "stopped before the answer came", retryAfter: nil, sent: .maybe))

    private static func closed(_ reason: String, hasHead: Bool) -> WireFailure {
        WireFailure(
            .unavailable(reason: reason, retryAfter: nil, sent: .maybe),
            closedUnanswered: !hasHead)
    }

    private init(client error: HTTPClientError, hasHead: Bool) {
        // Never `description`: it quotes header values.
        let reason = error.shortDescription
        switch error {
        case .cancelled: self = .stopped
        case .remoteConnectionClosed:
            self = .closed("the server closed the connection", hasHead: hasHead)
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            self.init(.unavailable(reason: reason, retryAfter: nil, sent: .no))
        // Before the tunnel stands nothing of the request is shown to anybody.
        case .proxyAuthenticationRequired:
            self.init(
                .unavailable(
                    reason: "the proxy wants a user and password", retryAfter: nil, sent: .no))
        case .invalidProxyResponse:
            self.init(
                .unavailable(
                    reason: "the proxy refuses the connection", retryAfter: nil, sent: .no))
        case .httpProxyHandshakeTimeout:
            self.init(
                .unavailable(reason: "the proxy does not answer", retryAfter: nil, sent: .no))
        case .alreadyShutdown: self.init(.notSent(reason: "the connections are shut down"))
        case .invalidURL, .emptyHost, .emptyScheme: self.init(.notSent(reason: reason))
        default: self.init(.unavailable(reason: reason, retryAfter: nil, sent: .maybe))
        }
    }

    private init(channel error: ChannelError, hasHead: Bool) {
        switch error {
        case .connectTimeout, .connectPending, .unknownLocalAddress:
            self.init(.unavailable(reason: "connect timeout", retryAfter: nil, sent: .no))
        case .ioOnClosedChannel, .alreadyClosed, .outputClosed, .inputClosed, .eof:
            self = .closed("the server closed the connection", hasHead: hasHead)
        default:
            self.init(.unavailable(reason: "\(error)", retryAfter: nil, sent: .maybe))
        }
    }

    private init(io error: IOError, hasHead: Bool) {
        let reason = String(cString: strerror(error.errnoCode))
        switch error.errnoCode {
        // Of a connection that stands the kernel says other things than these.
        case ECONNREFUSED, EMFILE, ENFILE:
            self.init(.unavailable(reason: reason, retryAfter: nil, sent: .no))
        case ECONNRESET, EPIPE: self = .closed(reason, hasHead: hasHead)
        default: self.init(.unavailable(reason: reason, retryAfter: nil, sent: .maybe))
        }
    }

    private init(parser error: HTTPParserError) {
        switch error {
        // Not too large: asking for smaller pages would not help.
        case .headerOverflow: self.init(.malformed(reason: "too many or too long headers"))
        case .invalidEOFState, .closedConnection:
            self.init(
                .unavailable(reason: "the answer ended early", retryAfter: nil, sent: .maybe))
        default: self.init(.malformed(reason: "not HTTP/1.1 (\(error))"))
        }
    }

    private init(tls error: NIOSSLError, hasHead: Bool) {
        switch error {
        case .handshakeFailed(let cause): self = .handshake(TLSTrouble.words(for: cause))
        case .noCertificateToValidate: self = .handshake("the server has no certificate")
        case .unableToValidateCertificate, .cannotFindPeerIP:
            self = .handshake("the certificate cannot be checked against the host")
        case .uncleanShutdown:
            self = .closed("the connection was cut off", hasHead: hasHead)
        default: self.init(.unavailable(reason: "TLS error", retryAfter: nil, sent: .maybe))
        }
    }

    /// Before TLS stands no request can have left.
    private static func handshake(_ words: String) -> WireFailure {
        WireFailure(.unavailable(reason: "TLS: \(words)", retryAfter: nil, sent: .no))
    }

    private static func reason(of error: NIOConnectionError) -> String {
        if let lookup = error.dnsAError ?? error.dnsAAAAError, error.connectionErrors.isEmpty {
            let words = (lookup as? SocketAddressError.UnknownHost)?.errorDescription
            return RemoteText.clean("cannot resolve \(error.host): \(words ?? "no address")")
        }
        switch error.connectionErrors.first?.error {
        case nil: return "no connection"
        case let error as IOError:
            return "no connection: \(String(cString: strerror(error.errnoCode)))"
        case let error as BoringSSLError: return "TLS: \(TLSTrouble.words(for: error))"
        default: return "no connection: connect timeout"
        }
    }
}
