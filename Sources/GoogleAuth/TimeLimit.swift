/// Ends what takes too long.
enum TimeLimit {
    private enum Event<Value: Sendable>: Sendable {
        case ended(Result<Value, AuthFailure>)
        case timeIsUp
        case stopped
    }

    /// Runs the body; at the limit its task is cancelled.
    ///
    /// - Returns: what came of it; `.unavailable` where it did not end in time.
    static func run<Value: Sendable>(
        _ limit: Duration, in world: AuthWorld,
        _ body: @escaping @Sendable () async throws(AuthFailure) -> Value
    ) async -> Result<Value, AuthFailure> {
        await withTaskGroup(of: Event<Value>.self) { group in
            group.addTask {
                do throws(AuthFailure) {
                    return .ended(.success(try await body()))
                } catch {
                    return .ended(.failure(error))
                }
            }
            group.addTask {
                do {
                    try await world.sleep(limit)
                    return .timeIsUp
                } catch {
                    return .stopped
                }
            }
            var result = Result<Value, AuthFailure>.failure(.stopped)
            var isLate = false
            for await event in group {
                group.cancelAll()
                switch event {
                case .ended(let ended): result = ended
                case .timeIsUp: isLate = true
                case .stopped: break
                }
            }
            guard isLate, case .failure(.stopped) = result else { return result }
            return .failure(.unavailable("nothing came within \(limit.components.seconds) s"))
        }
    }
}
