import ArgumentParser
import Glibc
import OpwatchProcess
import WireFormat

/// The one clock of the demo's world: wall time, instants and sleeps all run as fast.
///
/// A process that is told of it as an argument reads the same wall time at the same moment.
struct DemoClock: Sendable {
    static let speeds = 10.0...120.0

    /// What its wall clock showed when it began.
    let start: Timestamp
    /// CLOCK_BOOTTIME at that moment, which every process of this machine shares.
    private let startNanoseconds: Int64
    /// Seconds of it in a second here.
    private let speed: Double
    /// Where the line of its instants lies does not matter, only how fast one goes along it.
    private let base = ContinuousClock.now

    /// A clock that begins now, with the machine's time.
    init(speed: Double) {
        self.init(start: LiveClock().now, startNanoseconds: Self.bootNanoseconds, speed: speed)
    }

    private init(start: Timestamp, startNanoseconds: Int64, speed: Double) {
        self.start = start
        self.startNanoseconds = startNanoseconds
        self.speed = speed
    }

    private var elapsed: Duration {
        .nanoseconds(Self.bootNanoseconds - startNanoseconds) * speed
    }

    var now: Timestamp { start.advanced(by: elapsed) }

    var instant: ContinuousClock.Instant { base.advanced(by: elapsed) }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration / speed)
    }

    func sleep(until instant: ContinuousClock.Instant) async throws {
        try await sleep(for: self.instant.duration(to: instant))
    }

    private static var bootNanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension DemoClock: ExpressibleByArgument {
    /// As `argument` writes it: `START,NANOSECONDS,SPEED`.
    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let start = Timestamp(rfc3339: parts[0]),
            let nanoseconds = Int64(parts[1]), let speed = Double(parts[2]),
            Self.speeds.contains(speed)
        else { return nil }
        self.init(start: start, startNanoseconds: nanoseconds, speed: speed)
    }

    /// The text that `init(argument:)` reads.
    var argument: String { "\(start),\(startNanoseconds),\(speed)" }
}
