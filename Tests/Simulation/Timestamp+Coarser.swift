import WireFormat

extension Timestamp {
    /// "A creation time that is the known one cut to a coarser unit is the same": micro-, milli- or
    /// whole seconds here.
    func isSameInstant(as other: Timestamp) -> Bool {
        if self == other { return true }
        guard seconds == other.seconds else { return false }
        let (finer, coarser) = (
            max(nanoseconds, other.nanoseconds), min(nanoseconds, other.nanoseconds)
        )
        return [1_000, 1_000_000, 1_000_000_000].contains { finer - finer % $0 == coarser }
    }

    /// The earlier of both where they are the same instant, else this one: what an age counts from
    /// when a service told `shown` for what is truly this.
    func orCoarser(_ shown: Timestamp?) -> Timestamp {
        guard let shown, isSameInstant(as: shown) else { return self }
        return min(self, shown)
    }

    /// "A start time of 0001-01-01 and 1970-01-01 means none."
    var meansNone: Bool { self == .earliest || (seconds == 0 && nanoseconds == 0) }

    /// "A time that lies before 2008" gives no clock.
    var isBefore2008: Bool { seconds < 1_199_145_600 }
}
