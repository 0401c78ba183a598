import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import OpwatchCore

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
        case is NIOHTTPDecoderError:
            self.init(.malformed(reason: "an answer that nobody had asked for"))
        case let error as NIOSSLError: self.init(tls: error, hasHead: hasHead)
        case is NIOSSLExtraError:
            self.init(.unavailable(reason: "TLS: wrong host name", retryAfter: nil, sent: .no))
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
        // Of a connection that stands the kernel says other things.
        case ECONNREFUSED:
            self.init(.unavailable(reason: reason, retryAfter: nil, sent: .no))
        case ECONNRESET, EPIPE: self = .closed(reason, hasHead: hasHead)
        default: self.init(.unavailable(reason: reason, retryAfter: nil, sent: .maybe))
        }
    }

    private init(parser error: HTTPParserError) {
        switch error {
        case .headerOverflow: self.init(.tooLarge(limitBytes: Self.headerFieldBytesMax))
        case .invalidEOFState, .closedConnection:
            self.init(
                .unavailable(reason: "the answer ended early", retryAfter: nil, sent: .maybe))
        default: self.init(.malformed(reason: "not HTTP/1.1 (\(error))"))
        }
    }

    /// The limit of one header field in NIO's parser.
    private static let headerFieldBytesMax = 80 << 10

    private init(tls error: NIOSSLError, hasHead: Bool) {
        switch error {
        case .handshakeFailed:
            self.init(
                .unavailable(reason: "TLS handshake failed", retryAfter: nil, sent: .no))
        case .noCertificateToValidate, .unableToValidateCertificate, .cannotFindPeerIP:
            self.init(
                .unavailable(reason: "TLS: certificate refused", retryAfter: nil, sent: .no))
        case .uncleanShutdown:
            self = .closed("the connection was cut off", hasHead: hasHead)
        default: self.init(.unavailable(reason: "TLS error", retryAfter: nil, sent: .maybe))
        }
    }

    private static func reason(of error: NIOConnectionError) -> String {
        if let lookup = error.dnsAError ?? error.dnsAAAAError, error.connectionErrors.isEmpty {
            let words = (lookup as? SocketAddressError.UnknownHost)?.errorDescription
            return RemoteText.clean("cannot resolve \(error.host): \(words ?? "no address")")
        }
        guard let first = error.connectionErrors.first else { return "no connection" }
        guard let io = first.error as? IOError else { return "no connection: connect timeout" }
        return "no connection: \(String(cString: strerror(io.errnoCode)))"
    }
}
