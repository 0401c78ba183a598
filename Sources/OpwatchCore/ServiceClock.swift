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

    /// What is wrong with it; nil where nothing is, as far as anybody knows.
    package var trouble: String? {
        switch self {
        case .unknown, .agrees: return nil
        case .missing: return "the service tells no time (Date)"
        case .differs(let seconds):
            let distance = DurationText.short(.seconds(seconds.magnitude))
            return "the clock of the service and the local one are \(distance) apart"
        }
    }
}
