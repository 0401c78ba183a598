import NIOCore
import NIOHTTP1
import NIOPosix

/// An operations server in this process, on 127.0.0.1, over plain HTTP/1.1.
package enum OperationsSimulator {
    /// Starts to listen; the server runs until `SimulatorHandle.shutdown()`.
    /// - Parameters:
    ///   - clock: the service's time; it is asked once a request.
    ///   - port: 0 for any free one, which the handle then tells.
    /// - Throws: `SimulatorError.cannotListen`, e.g. for a port that is taken.
    package static func serve(
        _ service: SimulatedService, clock: SimulatorClock, on port: Int = 0,
        faults: Faults = Faults()
    ) async throws(SimulatorError) -> SimulatorHandle {
        let shared = SharedState(SimulatorState(service, faults), clock)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(ExchangeHandler(shared))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            return SimulatorHandle(
                port: channel.localAddress?.port ?? port, group: group, shared: shared)
        } catch {
            await group.end()
            throw .cannotListen(port: port, reason: "\(error)")
        }
    }
}

/// Why a simulator could not start.
package enum SimulatorError: Error, Equatable, CustomStringConvertible {
    /// The port is taken, or not ours to take.
    case cannotListen(port: Int, reason: String)

    package var description: String {
        switch self {
        case .cannotListen(let port, let reason):
            "cannot listen on 127.0.0.1:\(port): \(reason)"
        }
    }
}

extension MultiThreadedEventLoopGroup {
    /// Closes every connection and ends the thread.
    func end() async {
        do {
            try await shutdownGracefully()
        } catch {
            // Told only when it had ended before, which is what was wanted.
        }
    }
}
