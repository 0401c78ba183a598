import NIOCore
import NIOPosix
import Synchronization
import Testing

/// What the server does when a request has arrived.
struct Reply: Sendable, CustomTestStringConvertible {
    enum Ending: Sendable { case keep, close }

    var bytes: [UInt8]
    var ending = Ending.keep

    var testDescription: String { "\(String(decoding: bytes.prefix(80), as: UTF8.self)) \(ending)" }

    static func raw(_ text: String, _ ending: Ending = .keep) -> Reply {
        Reply(bytes: Array(text.utf8), ending: ending)
    }

    static func answer(
        _ status: Int = 200, _ body: String = "{}", headers: [String] = [],
        date: String? = "Sun, 06 Nov 1994 08:49:37 GMT", _ ending: Ending = .keep
    ) -> Reply {
        var lines = ["HTTP/1.1 \(status) X"] + headers
        if let date { lines.append("Date: \(date)") }
        if status != 204 { lines.append("Content-Length: \(body.utf8.count)") }
        return raw(lines.joined(separator: "\r\n") + "\r\n\r\n" + body, ending)
    }

    static let close = Reply(bytes: [], ending: .close)
    static let silence = Reply(bytes: [])
}

/// A server on loopback that answers each request as the test says, and remembers all of them.
final class ScriptedServer: Sendable {
    private let channel: any Channel
    private let log: RequestLog

    var port: Int { channel.localAddress?.port ?? 0 }
    var requests: [String] { log.texts.withLock { $0 } }
    var connections: Int { log.connections.withLock { $0 } }
    var base: String { "http://127.0.0.1:\(port)" }

    private init(channel: any Channel, log: RequestLog) {
        self.channel = channel
        self.log = log
    }

    /// - Parameters:
    ///   - greeting: done as soon as a connection stands, before any request.
    ///   - reply: gets the number of the request, from 1, and its text.
    static func run<Outcome: Sendable>(
        greeting: Reply? = nil, reply: @escaping @Sendable (Int, String) -> Reply,
        _ body: (ScriptedServer) async throws -> Outcome
    ) async throws -> Outcome {
        let log = RequestLog()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(
                        ReplyHandler(greeting: greeting, reply: reply, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let outcome: Result<Outcome, any Error>
        do {
            outcome = .success(try await body(ScriptedServer(channel: channel, log: log)))
        } catch {
            outcome = .failure(error)
        }
        try await channel.close()
        return try outcome.get()
    }
}

final class RequestLog: Sendable {
    let texts = Mutex<[String]>([])
    let connections = Mutex(0)
}

/// Cuts the bytes of a connection into requests and writes the replies.
private final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let greeting: Reply?
    private let reply: @Sendable (Int, String) -> Reply
    private let log: RequestLog
    private var received = ""

    init(
        greeting: Reply?, reply: @escaping @Sendable (Int, String) -> Reply, log: RequestLog
    ) {
        self.greeting = greeting
        self.reply = reply
        self.log = log
    }

    func channelActive(context: ChannelHandlerContext) {
        log.connections.withLock { $0 += 1 }
        if let greeting { perform(greeting, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        while let request = nextRequest() {
            let number = log.texts.withLock { texts in
                texts.append(request)
                return texts.count
            }
            perform(reply(number, request), context)
        }
    }

    private func nextRequest() -> String? {
        guard let headEnd = received.range(of: "\r\n\r\n") else { return nil }
        let head = received[..<headEnd]
        let length =
            head.split(separator: "\r\n").lazy
            .filter { $0.lowercased().hasPrefix("content-length:") }
            .compactMap { Int($0.dropFirst("content-length:".count).filter(\.isNumber)) }
            .first ?? 0
        let bodyStart = received.utf8.index(headEnd, offsetBy: 4)
        guard received[bodyStart...].utf8.count >= length else { return nil }
        let end = received.utf8.index(bodyStart, offsetBy: length)
        defer { received = String(received[end...]) }
        return String(received[..<end])
    }

    private func perform(_ reply: Reply, _ context: ChannelHandlerContext) {
        if !reply.bytes.isEmpty {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply.bytes)), promise: nil)
        }
        if case .close = reply.ending { context.close(promise: nil) }
    }
}

extension String {
    /// Where the text starts.
    fileprivate func range(of text: String) -> String.Index? {
        firstRange(of: text)?.lowerBound
    }
}
