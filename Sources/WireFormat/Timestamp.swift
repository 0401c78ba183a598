/// An instant of the years 0001 to 9999, UTC, without leap seconds.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Whole seconds since 1970-01-01T00:00:00Z; negative before.
    package let seconds: Int64
    /// Nanoseconds after `seconds`, 0 to 999,999,999.
    package let nanoseconds: UInt32

    /// Nil outside the years, and for a whole second or more of nanoseconds.
    package init?(seconds: Int64, nanoseconds: UInt32 = 0) {
        guard Self.secondsRange.contains(seconds), nanoseconds < 1_000_000_000 else { return nil }
        self.init(unchecked: seconds, nanoseconds)
    }

    private init(unchecked seconds: Int64, _ nanoseconds: UInt32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// 0001-01-01T00:00:00Z.
    package static let earliest = Timestamp(unchecked: secondsRange.lowerBound, 0)
    /// 9999-12-31T23:59:59.999999999Z.
    package static let latest = Timestamp(unchecked: secondsRange.upperBound, 999_999_999)

    private static let secondsRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// The earlier instant is the lesser one.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The instant so much later, or earlier for a negative duration; stops at `earliest` and
    /// `latest`. Parts of a nanosecond are dropped from the duration.
    package func advanced(by duration: Duration) -> Timestamp {
        let longerThanAllYears = Duration.seconds(400_000_000_000)
        guard duration < longerThanAllYears else { return .latest }
        guard duration > .zero - longerThanAllYears else { return .earliest }
        let step = duration.components
        var total = seconds + step.seconds
        var rest = Int64(nanoseconds) + step.attoseconds / 1_000_000_000
        if rest < 0 {
            rest += 1_000_000_000
            total -= 1
        } else if rest >= 1_000_000_000 {
            rest -= 1_000_000_000
            total += 1
        }
        return Timestamp(seconds: total, nanoseconds: UInt32(rest))
            ?? (duration < .zero ? .earliest : .latest)
    }

    /// How long after the other instant this one is; negative when it is before.
    package func duration(since earlier: Timestamp) -> Duration {
        .seconds(seconds - earlier.seconds)
            + .nanoseconds(Int64(nanoseconds) - Int64(earlier.nanoseconds))
    }
}
