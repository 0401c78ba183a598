import NIOCore
import NIOHTTP1

/// Reads whole requests from one connection and sends what the simulator makes of them.
///
/// The pipeline hands over the next request only after the end of the last answer.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let bodyBytesMax = 1 << 20

    private let shared: SharedState
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// What waits for its time; goes with the connection.
    private var waiting: Scheduled<Void>?

    init(_ shared: SharedState) {
        self.shared = shared
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let buffer):
            // A longer body is no `{}` anyway.
            body += buffer.readableBytesView.prefix(Self.bodyBytesMax - body.count)
        case .end:
            guard let head else { return }
            let delivery = shared.respond(to: request(head))
            after(delivery.delay, context) { [self] in
                send(delivery, answering: head, context)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func request(_ head: HTTPRequestHead) -> SimulatedRequest {
        SimulatedRequest(
            head.method.rawValue, head.uri,
            headers: head.headers.map { SimulatedAnswer.Header($0.name, $0.value) }, body: body)
    }

    private func send(
        _ delivery: Delivery, answering request: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        if delivery.transport == .dropped {
            context.close(promise: nil)
            return
        }
        let answer = delivery.answer
        var head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status))
        for header in answer.headers { head.headers.add(name: header.name, value: header.value) }
        if delivery.transport != .chunked, !head.headers.contains(name: "Content-Length") {
            head.headers.add(name: "Content-Length", value: String(answer.body.count))
        }
        if !request.isKeepAlive { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let body = request.method == .HEAD ? [] : answer.body
        switch delivery.transport {
        case .whole, .chunked:
            finish(body[...], keepsAlive: request.isKeepAlive, context)
        case .closing: finish(body[...], keepsAlive: false, context)
        case .cut(let after):
            let part = context.channel.allocator.buffer(bytes: body.prefix(max(0, after)))
            close(after: context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part)))), context)
        case .drip(let bytes, let pause):
            context.flush()
            drip(body[...], max(1, bytes), pause, keepsAlive: request.isKeepAlive, context)
        case .dropped: break
        }
    }

    private func drip(
        _ rest: ArraySlice<UInt8>, _ bytes: Int, _ pause: Duration, keepsAlive: Bool,
        _ context: ChannelHandlerContext
    ) {
        if rest.count <= bytes {
            finish(rest, keepsAlive: keepsAlive, context)
            return
        }
        write(rest.prefix(bytes), context)
        context.flush()
        after(pause, context) { [self] in
            drip(rest.dropFirst(bytes), bytes, pause, keepsAlive: keepsAlive, context)
        }
    }

    private func finish(
        _ rest: ArraySlice<UInt8>, keepsAlive: Bool, _ context: ChannelHandlerContext
    ) {
        write(rest, context)
        let sent = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !keepsAlive { close(after: sent, context) }
    }

    /// Not earlier: closing throws away what is not yet sent.
    private func close(after sent: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
        sent.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
        guard !bytes.isEmpty else { return }
        let buffer = context.channel.allocator.buffer(bytes: bytes)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }

    private func after(
        _ delay: Duration, _ context: ChannelHandlerContext, _ work: @escaping () -> Void
    ) {
        guard delay > .zero else { return work() }
        waiting = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay), work)
    }
}
