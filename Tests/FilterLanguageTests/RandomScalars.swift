import SeededRandom

/// Texts, numbers, timestamps and durations from small pools, so that what a filter asks for and
/// what an operation holds meet often, and seldom in the same notation.
struct RandomScalars {
    var random: SplitMix

    private static let plain = [
        "DONE", "DON", "ONE", "D", "done", "", " ", "x", "true", "false", "TRUE", "null", "a.b",
        "\u{E9}", "e\u{301}", "caf\u{E9}", "\u{1F600}", "\u{FF21}", "two words",
        "CREATE_VERSION", "VERSION",
        "projects/p/operations/deploy-1", "deploy", "operations", "a\"b'c\\d", "line\nfeed", "\t",
        "\u{7}\u{B}\u{C}", "*", "D*E", "?", "AND", "NOT", "or", "x-y", "create_time", "labels",
    ]
    private static let nearlyTyped = [
        "007", "00", "-00", "45m", "1.5h", "7d", "90S", "1h30m", "+5", "5.", ".5", "1e", "0x10",
        "1.10", "1.1", "1e3", "5.0", "-0.0", "1E3", "- 5", "5 ", "2024-01-31", "1.5", "--5",
        "2024-01-31T12:00", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "12:00:00Z",
        "1s ", "s", "-s", "1.s", "1.1234567890s", "NaN", "Infinity", "1_000",
    ]
    /// Whole digits and how far the point stands behind them.
    private static let numbers: [(digits: String, exponent: Int128)] = [
        ("0", 0), ("-0", 0), ("1", 0), ("-1", 0), ("5", 0), ("7", 0), ("12", 0), ("1", 3),
        ("100", 0), ("25", -1), ("-25", -1), ("11", -1), ("1", -1), ("1", 400), ("1", -400),
        ("9007199254740992", 0), ("9007199254740993", 0), ("-9223372036854775808", 0),
        ("18446744073709551614", 0), ("18446744073709551615", 0), ("18446744073709551616", 0),
        ("123456789012345678901234567890", 0), ("123456789012345678901234567891", 0),
        ("1", 999_999_999_999), ("-1", 21), ("-1", 1_000_000_000_000), ("1", -999_999_999_999),
        ("10000000000000000000001", -22),
    ]
    private static let instants = [
        (1_706_702_400, 0), (1_706_702_400, 1), (1_706_702_399, 999_999_999), (1_706_702_401, 0),
        (1_706_702_400, 500_000_000), (1_709_164_800, 0), (951_782_400, 0), (-1, 0), (0, 0),
        (253_402_300_799, 0), (-11_644_473_600, 0), (1_706_659_200, 0),
    ]
    private static let durations: [Int128] = [
        0, 1, -1, 1_500_000_000, 90_000_000_000, 90_000_000_001, 89_999_999_999, -2_000_000_000,
        3_600_000_000_000, 315_576_000_000_000_000_000, -315_576_000_000_000_000_000,
    ]

    mutating func text() -> String {
        switch random.below(10) {
        case 0..<4: random.pick(Self.plain)
        case 4: random.pick(Self.nearlyTyped)
        case 5: wholeNumber()
        case 6, 7: instant()
        default: duration()
        }
    }

    /// A whole number as JSON holds a 64-bit integer, and now and then a longer one.
    mutating func wholeNumber() -> String {
        let (digits, exponent) = random.pick(Self.numbers)
        guard (0...21).contains(exponent) else { return "5" }
        return digits + String(repeating: "0", count: Int(exponent))
    }

    mutating func number() -> String {
        let (digits, exponent) = random.pick(Self.numbers)
        return spelled(digits, exponent)
    }

    /// One of the notations of JSON for a number.
    private mutating func spelled(_ signed: String, _ exponent: Int128) -> String {
        let sign = signed.hasPrefix("-") ? "-" : ""
        var digits = signed.dropFirst(sign.utf8.count)
        if random.once(in: 4) { digits += "0" }
        let added = digits.utf8.count + sign.utf8.count - signed.utf8.count
        var power = exponent - Int128(added)
        if (-30...30).contains(power), random.below(3) > 0 {
            return sign + plainly(digits, Int(power))
        }
        var mantissa = digits == "00" ? "0" : String(digits)
        if mantissa.utf8.count > 1, random.once(in: 2) {
            power += Int128(mantissa.utf8.count - 1)
            mantissa = "\(mantissa.prefix(1)).\(mantissa.dropFirst())"
        }
        let plus = power >= 0 ? random.pick(["", "+", "0", "+00"]) : ""
        return sign + mantissa + random.pick(["e", "E"]) + plus + String(power)
    }

    /// The number without an exponent that moves the point.
    private mutating func plainly(_ digits: Substring, _ power: Int) -> String {
        if power >= 0 {
            let tails = [".0", ".000", "e0", "E+0", "e-0", "", "", "", "", "", ""]
            let tail = random.pick(tails)
            let zeros = digits == "0" || digits == "00" ? 0 : power
            let whole = digits == "00" ? "0" : digits
            return whole + String(repeating: "0", count: zeros) + tail
        }
        let width = max(digits.utf8.count, 1 - power)
        let padded = String(repeating: "0", count: width - digits.utf8.count) + digits
        let whole = padded.dropLast(-power).drop { $0 == "0" }
        return (whole.isEmpty ? "0" : whole) + "." + padded.suffix(-power)
    }

    /// A timestamp in one of the offsets and lengths that RFC 3339 allows.
    mutating func instant() -> String {
        let (seconds, nanoseconds) = random.pick(Self.instants)
        let isExtreme = seconds > 250_000_000_000
        let minutes = random.pick([0, 0, 60, -330, 719, -1439, 1439])
        let offset = isExtreme ? min(minutes, 0) : minutes
        let local = seconds + offset * 60
        let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let second = local - day * 86_400
        var text = Self.date(day) + random.pick(["T", "T", "T", "t"])
        text += Self.padded(second / 3600, 2) + ":" + Self.padded(second / 60 % 60, 2)
        text += ":" + Self.padded(second % 60, 2)
        text += fraction(Self.padded(nanoseconds, 9), always: nanoseconds != 0)
        if offset == 0 { return text + random.pick(["Z", "Z", "Z", "z", "+00:00", "-00:00"]) }
        let size = abs(offset)
        let clock = Self.padded(size / 60, 2) + ":" + Self.padded(size % 60, 2)
        return text + (offset < 0 ? "-" : "+") + clock
    }

    private static func date(_ day: Int) -> String {
        var year = 1970 + day / 366
        while NaiveCalendar.days(before: year + 1, 1) <= day { year += 1 }
        while NaiveCalendar.days(before: year, 1) > day { year -= 1 }
        var month = 1
        while month < 12, NaiveCalendar.days(before: year, month + 1) <= day { month += 1 }
        let number = day - NaiveCalendar.days(before: year, month) + 1
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(number, 2)
    }

    mutating func duration() -> String {
        let size = random.pick(Self.durations)
        let magnitude = size.magnitude
        let nanoseconds = Int(magnitude % 1_000_000_000)
        let fraction = fraction(Self.padded(nanoseconds, 9), always: nanoseconds != 0)
        return (size < 0 ? "-" : "") + String(magnitude / 1_000_000_000) + fraction + "s"
    }

    /// Nine digits behind the point, or fewer where those at the end are zeros.
    private mutating func fraction(_ digits: String, always: Bool) -> String {
        guard always || random.once(in: 3) else { return "" }
        var kept = digits[...]
        while kept.utf8.count > 1, kept.hasSuffix("0"), !random.once(in: 4) { kept.removeLast() }
        return "." + kept
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Another notation of the same value, or a value close to it.
    mutating func related(to text: String) -> String {
        if NaiveInstant(text) != nil { return instant() }
        if naiveNanoseconds(text) != nil { return duration() }
        if NaiveDecimal(json: text) != nil {
            return random.once(in: 2) ? respelled(text) : number()
        }
        let scalars = Array(text.unicodeScalars)
        let start = random.below(scalars.count + 1)
        let end = start + random.below(scalars.count - start + 1)
        var view = String.UnicodeScalarView()
        switch random.below(4) {
        case 0: view.append(contentsOf: scalars[..<end])
        case 1: view.append(contentsOf: scalars[start...])
        case 2: view.append(contentsOf: scalars[start..<end])
        default: return random.once(in: 2) ? text.lowercased() : text.uppercased()
        }
        return String(view)
    }

    private mutating func respelled(_ text: String) -> String {
        guard let number = NaiveDecimal(json: text) else { return text }
        let sign = number.isNegative ? "-" : ""
        let digits = String(decoding: number.digits, as: UTF8.self)
        if digits.isEmpty { return random.pick(["0", "-0", "0.0", "0e5", "-0.00"]) }
        return spelled(sign + digits, number.point - Int128(number.digits.count))
    }
}
