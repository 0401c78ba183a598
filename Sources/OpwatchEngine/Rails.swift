import OpwatchCore
import WireFormat

/// What shuts all cancels of one service, or makes them wait.
struct Rails {
    private(set) var clock = ServiceClock.unknown
    /// How far the last `Date` was ahead of the local clock.
    private var clockDifference = Duration.zero
    var denial = Denial()
    /// Pause after cancels of different operations that were not answered.
    var pause = CancelPause()
    var breaker: Breaker
    var canary = Canary()

    init(at now: ContinuousClock.Instant) {
        breaker = Breaker(at: now)
    }

    /// Takes the `Date` of an answer in.
    /// - Returns: what the clock was before.
    mutating func note(date: Timestamp?, local: Timestamp) -> ServiceClock {
        let before = clock
        clock = ServiceClock(date: date, local: local)
        clockDifference = clock == .agrees ? date?.duration(since: local) ?? .zero : .zero
        return before
    }

    /// The service's time when the local clock shows this; local where they disagree.
    func time(local: Timestamp) -> Timestamp {
        local.advanced(by: clockDifference)
    }

    /// Why the service's cancels wait, nil where they do not.
    func waitReason(at now: ContinuousClock.Instant) -> String? {
        if let until = denial.until, now < until {
            return "the service denies cancels (\(denial.reason)); one trial an hour"
        }
        if let until = pause.until, now < until {
            return "GETs or cancels of different operations got no answer that counts"
        }
        return nil
    }

    /// The service took a cancel, or said no to one operation alone.
    mutating func cancelCounted() {
        pause.end()
        denial.end()
    }
}
