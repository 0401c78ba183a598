/// Durations as text, in the three notations that the program meets.
package enum DurationText {
    /// Reads a duration of the policy file: `90s`, `45m`, `2h30m`, `7d`.
    ///
    /// Whole numbers with the units d, h, m and s, each at most once and in this order; no sign,
    /// no spaces. Nil also when it does not fit 64 bits of seconds.
    package static func parsePolicy(_ text: some StringProtocol) -> Duration? {
        TextScanner.scan(text) { $0.policySeconds() }.map { .seconds($0) }
    }

    /// Reads a `google.protobuf.Duration` of JSON: `3.5s`, `-1.5s`, at most nine digits of
    /// fraction and 315,576,000,000 seconds (about 10,000 years) either way.
    package static func parseProto(_ text: some StringProtocol) -> Duration? {
        TextScanner.scan(text) { $0.protoDuration() }
    }

    /// The same for the bytes of the text.
    package static func parseProto(_ bytes: UnsafeBufferPointer<UInt8>) -> Duration? {
        TextScanner.scan(bytes) { $0.protoDuration() }
    }

    /// For people: the two largest units next to one another, in whole seconds: `5s`, `47m`,
    /// `2h30m`, `1d`. What is left below is dropped, a negative duration has a minus sign.
    package static func short(_ duration: Duration) -> String {
        // `components` would trap beyond.
        let whole = min(max(duration, .seconds(Int64.min)), .seconds(Int64.max)).components.seconds
        var rest = whole.magnitude
        var text = whole < 0 ? "-" : ""
        var unitsLeft: Int?
        for unit in units where unitsLeft != 0 {
            let (count, below) = rest.quotientAndRemainder(dividingBy: UInt64(unit.seconds))
            rest = below
            if unitsLeft == nil, count == 0, unit.seconds > 1 { continue }
            if count > 0 || unitsLeft == nil {
                text += String(count)
                text.unicodeScalars.append(Unicode.Scalar(unit.letter))
            }
            unitsLeft = (unitsLeft ?? 2) - 1
        }
        return text
    }

    fileprivate static let units: [(letter: UInt8, seconds: Int64)] = [
        (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3_600), (UInt8(ascii: "m"), 60),
        (UInt8(ascii: "s"), 1),
    ]
}

extension TextScanner {
    fileprivate mutating func policySeconds() -> Int64? {
        var total: Int64 = 0
        var units = DurationText.units[...]
        repeat {
            guard let count = number(), let letter = next,
                let position = units.firstIndex(where: { $0.letter == letter })
            else { return nil }
            let unit = units[position]
            let (part, overflowsPart) = count.multipliedReportingOverflow(by: unit.seconds)
            let (sum, overflows) = total.addingReportingOverflow(part)
            guard take(letter), !overflowsPart, !overflows else { return nil }
            total = sum
            units = units[(position + 1)...]
        } while !isAtEnd
        return total
    }

    fileprivate mutating func protoDuration() -> Duration? {
        let isNegative = take("-")
        guard let seconds = number() else { return nil }
        var nanoseconds: UInt32 = 0
        if take(".") {
            guard let fraction = fraction() else { return nil }
            nanoseconds = fraction
        }
        let longest: Int64 = 315_576_000_000
        guard take("s"), seconds < longest || (seconds == longest && nanoseconds == 0) else {
            return nil
        }
        let duration = Duration.seconds(seconds) + .nanoseconds(Int64(nanoseconds))
        return isNegative ? .zero - duration : duration
    }
}
