import Glibc
import NIOCore

/// A peer that no longer takes what is sent to it.
///
/// One connection of HTTP/2 carries all requests to a host, and a request that runs out of time
/// ends its stream alone. Where the path has gone meanwhile (a NAT that forgot, a peer without
/// power), the kernel would go on for a quarter of an hour, and every request until then fail.
enum SilentPeer {
    /// For so long what was sent may stay without an acknowledgement.
    private static let patienceMilliseconds = 20_000

    /// Has the kernel close the connection once the peer was silent for too long.
    static func giveUp(on channel: any Channel) -> EventLoopFuture<Void> {
        channel.setOption(
            ChannelOptions.Types.SocketOption(
                level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT)),
            value: patienceMilliseconds)
    }
}
