import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPCompression
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
    ///   - route: where it happened.
    ///   - hasHead: whether the answer's head had arrived.
    init(_ error: any Error, on route: Route, hasHead: Bool) {
        switch error {
        case is CancellationError: self = .stopped
        case let error as HTTPClientError:
            self.init(client: error, on: route, hasHead: hasHead)
        case let error as NIOConnectionError: self = .unsent(Self.reason(of: error, on: route))
        case let error as ChannelError: self.init(channel: error, on: route, hasHead: hasHead)
        case let error as IOError: self.init(io: error, on: route, hasHead: hasHead)
        case let error as HTTPParserError: self.init(parser: error)
        case is OverheadMeter.Overflow:
            let reason = "more than \(OverheadMeter.bytesMax) bytes of head and framing"
            self.init(.malformed(reason: reason))
        case is NIOHTTPDecoderError:
            self.init(.malformed(reason: "an answer that nobody had asked for"))
        case let error as NIOHTTP2Errors.StreamClosed:
            // `HTTP2ErrorCode<0x7 RefusedStream>`
            let code = "\(error.errorCode)".split(separator: " ", maxSplits: 1).last ?? ""
            self = .closed(
                "the server ended the request (HTTP/2: \(code.filter { $0 != ">" }))", hasHead: true
            )
        case let error as NIOHTTPDecompression.DecompressionError: self.init(unpacking: error)
        case is NIOHTTPDecompression.ExtraDecompressionError:
            self.init(.malformed(reason: "a gzip body that is cut off, or has more behind it"))
        case let error as NIOSSLError: self.init(tls: error, on: route, hasHead: hasHead)
        case let error as BoringSSLError:
            let reason = route.tls(error)
            self.init(.unavailable(reason: reason, retryAfter: nil, sent: .maybe))
        case is NIOSSLExtraError:
            self = .unsent(route.tls("the certificate is for another host name"))
        default:
            let reason = RemoteText.clean("\(type(of: error))")
            self.init(.unavailable(reason: reason, retryAfter: nil, sent: .maybe))
        }
    }

    /// The task was cancelled while the answer was awaited.
    static let stopped = WireFailure(
        .unavailable(reason: "stopped before the answer came", retryAfter: nil, sent: .maybe))

    /// Nothing of the request was shown to anybody.
    private static func unsent(_ reason: String) -> WireFailure {
        WireFailure(.unavailable(reason: reason, retryAfter: nil, sent: .no))
    }

    private static func closed(_ reason: String, hasHead: Bool) -> WireFailure {
        WireFailure(
            .unavailable(reason: reason, retryAfter: nil, sent: .maybe),
            closedUnanswered: !hasHead)
    }

    private init(client error: HTTPClientError, on route: Route, hasHead: Bool) {
        // Never `description`: it quotes header values.
        let reason = error.shortDescription
        switch error {
        // The connection went away in between; whoever stops a request knows that by itself.
        case .cancelled where !Task.isCancelled:
            self = .closed("the connection was closed", hasHead: hasHead)
        case .cancelled: self = .stopped
        case .remoteConnectionClosed:
            self = .closed(route.closed, hasHead: hasHead)
        case .connectTimeout, .getConnectionFromPoolTimeout: self = .unsent(route.tooLate)
        case .tlsHandshakeTimeout:
            let limit = DurationText.short(route.connectTime)
            self = .unsent(route.tls("no handshake within \(limit)"))
        // Before the tunnel stands nothing of the request is shown to anybody.
        case .proxyAuthenticationRequired:
            self = .unsent(route.ofProxy("wants a user and password that it knows"))
        case .invalidProxyResponse:
            self = .unsent(route.noTunnel)
        case .httpProxyHandshakeTimeout:
            self = .unsent(route.ofProxy("gives no tunnel to \(route.service), and no answer"))
        case .alreadyShutdown: self.init(.notSent(reason: "the connections are shut down"))
        case .invalidURL, .emptyHost, .emptyScheme: self.init(.notSent(reason: reason))
        default: self.init(.unavailable(reason: reason, retryAfter: nil, sent: .maybe))
        }
    }

    private init(channel error: ChannelError, on route: Route, hasHead: Bool) {
        switch error {
        case .connectTimeout, .connectPending, .unknownLocalAddress: self = .unsent(route.tooLate)
        case .ioOnClosedChannel, .alreadyClosed, .outputClosed, .inputClosed, .eof:
            self = .closed(route.closed, hasHead: hasHead)
        default:
            self.init(.unavailable(reason: "\(error)", retryAfter: nil, sent: .maybe))
        }
    }

    private init(io error: IOError, on route: Route, hasHead: Bool) {
        let reason = String(cString: strerror(error.errnoCode))
        switch error.errnoCode {
        // Of a connection that stands the kernel says other things than these.
        case ECONNREFUSED, EMFILE, ENFILE: self = .unsent(route.cannotConnect(reason))
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

    private init(unpacking error: NIOHTTPDecompression.DecompressionError) {
        switch error {
        case .limit:
            self.init(
                .malformed(
                    reason: "a gzip body of more than \(HTTPPool.ratioMax) times what came; "
                        + "compression: false does without"))
        case .inflationError, .initializationError:
            self.init(.malformed(reason: "a body that is no gzip, though the server calls it so"))
        }
    }

    /// Before TLS stands no request can have left.
    private init(tls error: NIOSSLError, on route: Route, hasHead: Bool) {
        switch error {
        case .handshakeFailed(let cause): self = .unsent(route.tls(cause))
        case .noCertificateToValidate: self = .unsent(route.tls("the server has no certificate"))
        case .unableToValidateCertificate, .cannotFindPeerIP:
            self = .unsent(route.tls("the certificate cannot be checked against the host"))
        case .uncleanShutdown:
            self = .closed("the connection was cut off", hasHead: hasHead)
        default:
            self.init(
                .unavailable(reason: route.tls("failed"), retryAfter: nil, sent: .maybe))
        }
    }

    private static func reason(of error: NIOConnectionError, on route: Route) -> String {
        if let lookup = error.dnsAError ?? error.dnsAAAAError, error.connectionErrors.isEmpty {
            let words = (lookup as? SocketAddressError.UnknownHost)?.errorDescription
            return route.cannotResolve(error.host, words ?? "no address")
        }
        switch error.connectionErrors.first?.error {
        case nil: return route.cannotConnect("there is no address to try")
        case let error as IOError:
            return route.cannotConnect(String(cString: strerror(error.errnoCode)))
        case let error as BoringSSLError: return route.tls(error)
        default: return route.tooLate
        }
    }
}
