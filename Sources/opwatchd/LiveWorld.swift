import Glibc
import OperationsClient
import OpwatchCore
import OpwatchDaemon
import WireFormat

/// The real clocks. In a demo the wall clock starts somewhere and runs faster.
struct LiveClock: Sendable {
    /// The demo's beginning, nil for real time.
    var origin: Origin?

    struct Origin: Sendable {
        let wall: Timestamp
        /// CLOCK_BOOTTIME, which every process of this machine shares.
        let bootNanoseconds: Int64
        let speed: Double

        /// Operations' time since the beginning.
        var elapsed: Duration {
            .nanoseconds(LiveClock.nanoseconds(CLOCK_BOOTTIME) - bootNanoseconds) * speed
        }
    }

    var speed: Double { origin?.speed ?? 1 }

    var now: Timestamp {
        if let origin { return origin.wall.advanced(by: origin.elapsed) }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Timestamp(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
        return now ?? Timestamp.earliest
    }

    static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Dependencies {
    /// The outside world as it is.
    static func live(_ clock: LiveClock, pool: HTTPPool) -> Dependencies {
        let credentials = Places.variable("CREDENTIALS_DIRECTORY")
        return Dependencies(
            now: { clock.now },
            instant: { ContinuousClock.now },
            sleep: { try await Task.sleep(until: $0, clock: .continuous) },
            speed: clock.speed,
            makeClient: { service in
                OperationsClient(
                    endpoint: service.endpoint, credentials: service.credentials,
                    credentialsDirectory: credentials, pool: pool, version: Build.version)
            })
    }
}
