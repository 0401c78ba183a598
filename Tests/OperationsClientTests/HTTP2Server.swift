import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

@testable import OperationsClient

/// A server on loopback that speaks HTTP/2 over TLS and does with each stream what the test says.
final class HTTP2Server: Sendable {
    /// What becomes of a stream once its request has come.
    enum Reply: Sendable {
        case frames([HTTP2Frame.FramePayload])
        /// The connection says that nothing of the stream was looked at, and is closed.
        case goAway
    }

    private let channel: any Channel
    private let log = Log()

    private final class Log: Sendable {
        let requests = Mutex<[HPACKHeaders]>([])
        let connections = Mutex(0)
    }

    var base: String { "https://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    var requests: [HPACKHeaders] { log.requests.withLock { $0 } }
    var connections: Int { log.connections.withLock { $0 } }

    private init(reply: @escaping @Sendable (Int) -> Reply) async throws {
        var configuration = try TLSTests.configuration()
        configuration.applicationProtocols = ["h2", "http/1.1"]
        let context = try NIOSSLContext(configuration: configuration)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [log] child in
                child.eventLoop.makeCompletedFuture {
                    log.connections.withLock { $0 += 1 }
                    let pipeline = child.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    try pipeline.addHandler(NIOHTTP2Handler(mode: .server))
                    try pipeline.addHandler(
                        HTTP2StreamMultiplexer(mode: .server, channel: child) { stream in
                            stream.eventLoop.makeCompletedFuture {
                                try stream.pipeline.syncOperations.addHandler(
                                    StreamHandler(connection: child, log: log, reply: reply))
                            }
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// - Parameter reply: gets the number of the request, from 1.
    static func run(
        reply: @escaping @Sendable (Int) -> Reply, _ body: (HTTP2Server) async throws -> Void
    ) async throws {
        let server = try await HTTP2Server(reply: reply)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(server))
        } catch {
            outcome = .failure(error)
        }
        try await server.channel.close()
        try outcome.get()
    }

    private final class StreamHandler: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload
        typealias OutboundOut = HTTP2Frame.FramePayload

        private let connection: any Channel
        private let log: Log
        private let reply: @Sendable (Int) -> Reply

        init(connection: any Channel, log: Log, reply: @escaping @Sendable (Int) -> Reply) {
            self.connection = connection
            self.log = log
            self.reply = reply
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var isEnd = false
            switch unwrapInboundIn(data) {
            case .headers(let headers):
                log.requests.withLock { $0.append(headers.headers) }
                isEnd = headers.endStream
            case .data(let part): isEnd = part.endStream
            default: return
            }
            guard isEnd else { return }
            switch reply(log.requests.withLock { $0.count }) {
            case .frames(let frames):
                for frame in frames { context.write(wrapOutboundOut(frame), promise: nil) }
                context.flush()
            case .goAway:
                let frame = HTTP2Frame(
                    streamID: .rootStream,
                    payload: .goAway(
                        lastStreamID: .rootStream, errorCode: .noError, opaqueData: nil))
                let connection = connection
                connection.pipeline.context(handlerType: HTTP2StreamMultiplexer.self)
                    .assumeIsolated().whenSuccess { handler in
                        handler.writeAndFlush(NIOAny(frame), promise: nil)
                        connection.close(promise: nil)
                    }
            }
        }
    }
}

extension HTTP2Frame.FramePayload {
    static func head(
        _ status: Int, _ fields: [(String, String)] = [], isEnd: Bool = false
    ) -> HTTP2Frame.FramePayload {
        .headers(
            .init(headers: HPACKHeaders([(":status", "\(status)")] + fields), endStream: isEnd))
    }

    static func data(_ text: String, isEnd: Bool = true) -> HTTP2Frame.FramePayload {
        .data(.init(data: .byteBuffer(ByteBuffer(string: text)), endStream: isEnd))
    }
}
