/// Durations of the journal: `2700s`, `0.250s`, `-1.5s` as `-1.500s`; exact to the nanosecond.
enum SecondsText {
    /// Writes 0, 3, 6 or 9 digits of fraction, and at most about 10,000 years either way.
    static func write(_ duration: Duration) -> String {
        let clamped = min(max(duration, .zero - longest), longest)
        let (seconds, attoseconds) = clamped.components
        let nanoseconds = (attoseconds / 1_000_000_000).magnitude
        let sign = clamped < .zero ? "-" : ""
        return sign + String(seconds.magnitude) + fraction(nanoseconds) + "s"
    }

    private static func fraction(_ nanoseconds: UInt64) -> String {
        if nanoseconds == 0 { return "" }
        let digits = String(nanoseconds)
        let padded = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        let count = nanoseconds % 1_000_000 == 0 ? 3 : nanoseconds % 1_000 == 0 ? 6 : 9
        return "." + padded.prefix(count)
    }

    /// What the JSON form of `google.protobuf.Duration` can hold.
    private static let longest = Duration.seconds(315_576_000_000)
}
