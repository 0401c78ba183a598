import NIOCore
import NIOHTTP1

/// Counts what an answer takes on the wire besides its body: informational answers, heads, chunk
/// framing, trailers. Over the limit the call fails and the connection is closed.
///
/// The body has a limit of its own, which its reader keeps; without this one an answer that never
/// gets to its body would be parsed for as long as the time limit allows.
final class OverheadMeter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// Of one call, from its request on.
    static let bytesMax = 1 << 20

    /// The answer to one call has more than `bytesMax` around its body.
    struct Overflow: Error {}

    private var bytes = 0

    /// Puts itself around the decoder of a connection.
    static func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
        let meter = OverheadMeter()
        try pipeline.addHandler(meter, position: .before(decoder))
        try pipeline.addHandler(BodyMeter(meter), position: .after(decoder))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head = unwrapOutboundIn(data) { bytes = 0 }
        context.write(data, promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
        // The decoder passes on all of a body that it is given, so what is left is not body.
        context.fireChannelRead(data)
        guard bytes > Self.bytesMax else { return }
        bytes = 0
        context.fireErrorCaught(Overflow())
        context.close(promise: nil)
    }

    /// Behind the decoder, where the body can be told from the rest.
    private final class BodyMeter: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias InboundOut = HTTPClientResponsePart

        private let meter: OverheadMeter

        init(_ meter: OverheadMeter) {
            self.meter = meter
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .body(let part) = unwrapInboundIn(data) { meter.bytes -= part.readableBytes }
            context.fireChannelRead(data)
        }
    }
}
