import NIOCore
import NIOHTTP2

/// Counts what an answer over HTTP/2 takes on the wire besides its body: informational answers,
/// heads, frames, padding, trailers. Over the limit the call fails and its stream is closed.
///
/// The body has a limit of its own; see `OverheadMeter`.
final class StreamMeter: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload

    /// Before its payload (RFC 9113, section 4.1).
    private static let frameHeadBytes = 9
    /// What a field counts for besides name and value (RFC 9113, section 6.5.2).
    private static let fieldBytes = 32

    private var bytes = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += Self.frameHeadBytes
        switch unwrapInboundIn(data) {
        case .data(let part): bytes += part.paddingBytes ?? 0
        case .headers(let head):
            bytes += head.headers.reduce(0) {
                $0 + $1.name.utf8.count + $1.value.utf8.count + Self.fieldBytes
            }
        case .priority, .rstStream, .settings, .pushPromise, .ping, .goAway, .windowUpdate,
            .alternativeService, .origin:
            break
        }
        context.fireChannelRead(data)
        guard bytes > OverheadMeter.bytesMax else { return }
        bytes = 0
        context.fireErrorCaught(OverheadMeter.Overflow())
        context.close(promise: nil)
    }
}
