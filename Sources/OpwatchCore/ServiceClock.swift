package import WireFormat

/// What the service's `Date` headers say of its clock.
package enum ServiceClock: Equatable, Sendable {
    case unknown
    case agrees
    case missing
    /// Ahead of ours, or behind it where negative.
    case differs(seconds: Int64)

    /// - Parameter date: of an answer that came when our clock showed `local`; nil without one.
    package init(date: Timestamp?, local: Timestamp) {
        guard let date else {
            self = .missing
            return
        }
        let difference = date.duration(since: local)
        let isClose =
            difference <= Limits.clockDifferenceMax
            && .zero - difference <= Limits.clockDifferenceMax
        self = isClose ? .agrees : .differs(seconds: difference.components.seconds)
    }
}
