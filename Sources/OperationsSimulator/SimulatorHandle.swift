import NIOPosix
import Synchronization
package import WireFormat

/// A running simulator: where it is, what it was asked, and a way to change it.
package final class SimulatorHandle: Sendable {
    /// The TCP port on 127.0.0.1.
    package let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let shared: SharedState

    init(port: Int, group: MultiThreadedEventLoopGroup, shared: SharedState) {
        self.port = port
        self.group = group
        self.shared = shared
    }

    /// The endpoint for a policy, e.g. `http://127.0.0.1:40123/v1`.
    package var baseURL: String { "http://127.0.0.1:\(port)/v1" }

    /// The service's time.
    package var now: Timestamp { shared.clock.now() }

    /// The latest requests, oldest first: all of the first 20,000, always the last 10,000.
    package var requests: [RequestRecord] { shared.withState { $0.log.latest } }

    /// How many requests came in all.
    package var requestCount: Int { shared.withState { $0.log.total } }

    /// How many cancels of that operation came in, whatever was answered and whether they had an
    /// effect.
    package func cancelCount(_ name: String) -> Int {
        shared.withState { $0.log.cancelCounts[name] ?? 0 }
    }

    /// What is true of an operation now; nil for a name that was never given.
    package func state(_ name: String) -> OperationState? {
        withService { $0.state(name) }
    }

    /// Reads or changes the service, at the clock's time; no request is answered meanwhile.
    package func withService<Value: Sendable>(
        _ body: (inout SimulatedService) -> Value
    ) -> Value {
        shared.withState { state in
            state.service.advance(to: shared.clock.now())
            return body(&state.service)
        }
    }

    /// Reads or changes the faults; requests that come afterwards meet them.
    package func withFaults<Value: Sendable>(_ body: (inout Faults) -> Value) -> Value {
        shared.withState { body(&$0.faults) }
    }

    /// Stops listening and closes every connection, those with an answer under way included.
    package func shutdown() async {
        await group.end()
    }
}

/// The state that the event loop and the handle share.
final class SharedState: Sendable {
    let clock: SimulatorClock
    private let state: Mutex<SimulatorState>

    init(_ state: SimulatorState, _ clock: SimulatorClock) {
        self.state = Mutex(state)
        self.clock = clock
    }

    func withState<Value: Sendable>(_ body: (inout SimulatorState) -> Value) -> Value {
        state.withLock { body(&$0) }
    }

    func respond(to request: SimulatedRequest) -> Delivery {
        state.withLock { $0.respond(to: request, at: clock.now()) }
    }
}
