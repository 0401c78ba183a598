import OpwatchCore
import WireFormat

/// What a clock showed, from which its time can be reckoned.
private struct ClockReading {
    let shown: Timestamp
    let at: ContinuousClock.Instant

    func time(at instant: ContinuousClock.Instant) -> Timestamp {
        shown.advanced(by: at.duration(to: instant))
    }
}

/// What shuts all cancels of one service, or makes them wait.
struct Rails {
    private(set) var clock = ServiceClock.unknown
    /// What the service's clock showed, while it agrees with the local one.
    private var reading: ClockReading?
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
    mutating func note(_ time: AnswerTime, at now: Moment) -> ServiceClock {
        let before = clock
        clock = ServiceClock(date: time.date, local: now.wall)
        guard clock == .agrees, let date = time.date else {
            reading = nil
            return before
        }
        // Whole seconds, written at any moment since the request was sent: an answer that was long
        // under way does not set the clock back.
        let latest = date.advanced(by: time.sentAt.duration(to: now.instant) + .seconds(1))
        let expected = reading?.time(at: now.instant) ?? date
        reading = ClockReading(shown: min(max(expected, date), latest), at: now.instant)
        return before
    }

    /// The service's time now, whatever the local clock does; local where they disagree.
    func time(at now: Moment) -> Timestamp {
        reading?.time(at: now.instant) ?? now.wall
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
