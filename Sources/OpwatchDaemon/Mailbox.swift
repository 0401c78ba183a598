import Synchronization

/// Where child tasks and signal handlers leave events for the one loop that owns the state.
///
/// Not bounded by itself: every event but a signal answers a request that the owner started, and
/// the owner bounds those; signals come at the pace of an operator and are taken all at once.
final class Mailbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    init() {}

    func send(_ event: Event) {
        let waiter = state.withLock { state in
            state.events.append(event)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Everything that has arrived, in order; waits for something, but not past the deadline.
    /// - Parameter sleep: returns at the deadline or throws when cancelled.
    func take(
        until deadline: ContinuousClock.Instant?,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void
    ) async -> [Event] {
        let ready = drain()
        guard ready.isEmpty else { return ready }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            if let deadline {
                group.addTask {
                    // A cancelled sleep means that an event came first.
                    do { try await sleep(deadline) } catch {}
                }
            }
            await group.next()
            group.cancelAll()
        }
        return drain()
    }

    /// Whether such an event has arrived and was not taken yet.
    func contains(where matches: (Event) -> Bool) -> Bool {
        state.withLock { $0.events.contains(where: matches) }
    }

    private func drain() -> [Event] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.events.isEmpty || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
