internal import WireFormat

/// A duration in a unit that the language does not have: `45m`, `1.5h`, `2h30m`, `250ms`.
struct ForeignDuration {
    /// What to write instead: `5400s`.
    let inSeconds: String

    /// Nil for whatever is no duration, and for one that is in seconds.
    init?(_ text: String) {
        guard DurationText.parseProto(text) == nil else { return nil }
        guard let duration = DurationText.parsePolicy(text) ?? Self.parse(text) else { return nil }
        let (seconds, attoseconds) = duration.components
        var fraction = String(attoseconds.magnitude / 1_000_000_000)
        fraction = String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        let sign = duration < .zero ? "-" : ""
        inSeconds =
            sign + String(seconds.magnitude) + (fraction.isEmpty ? "" : ".\(fraction)") + "s"
    }

    /// A number and one unit.
    private static func parse(_ text: String) -> Duration? {
        let unit = text.drop { "-.0123456789".contains($0) }
        let number = text.dropLast(unit.count)
        guard let count = DurationText.parseProto(number + "s") else { return nil }
        switch unit.lowercased() {
        case "ns": return count / 1_000_000_000
        case "us", "µs": return count / 1_000_000
        case "ms": return count / 1_000
        case "sec", "secs", "second", "seconds": return count
        case "m", "min", "mins", "minute", "minutes": return count * 60
        case "h", "hr", "hrs", "hour", "hours": return count * 3_600
        case "d", "day", "days": return count * 86_400
        case "w", "week", "weeks": return count * 604_800
        default: return nil
        }
    }
}
