import OpwatchCore
import WireFormat

/// How long what must come may take once nothing fails any more, by the policy in force.
///
/// Each bound is a sum of waits that the specification names, each at its longest; generous,
/// finite.
struct Bounds: Sendable {
    let policy: SimulatedPolicy
    let service: SimulatedServicePolicy
    /// Asks for more than the specification: that nothing took longer than this.
    var longest: Duration?

    private static let hour = Duration.seconds(3_600)

    /// From the start of one poll to the start of the next: "chance delays each by a tenth of the
    /// interval, at most 10 s", and one request time for its answers.
    var period: Duration {
        service.interval + min(service.interval / 10, .seconds(10)) + Limits.requestTimeout
    }

    /// What trouble before may leave behind: `Retry-After`, "at most five intervals or five
    /// minutes, more only if asked twice", and pauses "doubling up to an hour".
    private var aftermath: Duration { Self.hour + max(service.interval * 5, .seconds(300)) }

    /// An operation that ended is recorded: not listed any more by one poll, or unlisted and
    /// "fetched every ten intervals", then GETs "with pauses of 5 s doubling to 60 s", 404 twice a
    /// minute apart, and a journal that "is tried again after 1 s, doubling up to 5 min".
    var end: Duration { bound(aftermath + period * 13 + .seconds(4 * 60 + 300)) }

    /// A cancel comes to its verdict: `attempts` windows of `within` (with the flag too), each
    /// tried through the whole gate (a row of polls anew), and the pauses between them, which grow
    /// to `within` × 2^(attempts − 1) or an hour; beside it the hour of a breaker or of a denial.
    var verdict: Duration {
        let windows = policy.verifyWithin * (policy.verifyAttempts + (1 << policy.verifyAttempts))
        return bound(windows + (row + Self.hour * 2) * policy.verifyAttempts + end)
    }

    /// What waits is told: "no complete poll for three intervals is told", and one poll more.
    var told: Duration { bound(period * 4 + max(service.interval * 5, .seconds(300))) }

    /// A breaker by share closes after "three rounds (a complete poll of every parent)" below it,
    /// one by failed cancels after an hour. The round takes the slowest parent, of one service all
    /// have the same interval.
    var breaker: Duration { bound(Self.hour + aftermath + period * 6) }

    /// A row of polls: the warn-only one, the confirmations, the one behind a gap, and one that was
    /// under way.
    private var row: Duration { period * (policy.confirmations + 3) }

    /// A cancel leaves, counted from the moment at which the operation is truly overdue and nothing
    /// fails.
    /// - Parameters:
    ///   - ahead: operations of the service that may be cancelled before it. Each may be the canary
    ///     for `within` and the pauses of its GETs, and takes one poll's cap at worst.
    ///   - all: operations of all services: `cancels_per_hour` of them an hour.
    ///   - failures: refused, defied and denied cancels of the service so far; each may have shut
    ///     it for an hour more.
    func cancel(ahead: Int, all: Int, failures: Int, notice: Duration) -> Duration {
        let canary = (policy.verifyWithin + .seconds(120) + period) * ahead
        let budget = Self.hour * (1 + all / max(policy.cancelsPerHour, 1))
        return bound(
            aftermath + notice + row + breaker + canary + budget + (Self.hour + row) * failures)
    }

    private func bound(_ wait: Duration) -> Duration { min(wait, longest ?? wait) }
}
