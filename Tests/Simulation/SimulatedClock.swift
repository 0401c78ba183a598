import Synchronization
import WireFormat

/// The time of a run: the truth, and what the daemon's machine makes of it.
final class SimulatedClock: Sendable {
    private let base = ContinuousClock.now
    private let state = Mutex((elapsed: Duration.zero, offset: Duration.zero))

    static let start = Timestamp(seconds: 1_800_000_000) ?? .earliest

    /// True time, which is the services' too.
    var now: Timestamp { Self.start.advanced(by: state.withLock(\.elapsed)) }

    /// The wall clock of the daemon's machine.
    var wall: Timestamp {
        let (elapsed, offset) = state.withLock { $0 }
        return Self.start.advanced(by: elapsed + offset)
    }

    var instant: ContinuousClock.Instant { base.advanced(by: state.withLock(\.elapsed)) }

    /// The true time of an instant.
    func time(of instant: ContinuousClock.Instant) -> Timestamp {
        Self.start.advanced(by: base.duration(to: instant))
    }

    func goOn(to time: Timestamp) {
        let elapsed = time.duration(since: Self.start)
        state.withLock { $0.elapsed = max($0.elapsed, elapsed) }
    }

    /// The machine's wall clock is off by this from now on.
    func setOffset(_ offset: Duration) {
        state.withLock { $0.offset = offset }
    }
}
