/// A number of any length, as a sign, digits and the place of the point: `0.DIGITS * 10^point`.
struct NaiveDecimal {
    var isNegative = false
    var digits: [UInt8] = []
    var point: Int128 = 0

    /// Reads a number in the notation of JSON, or nothing.
    init?(json text: String) {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let whole = Self.takeDigits(&rest)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            return nil
        }
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = Self.takeDigits(&rest)
            if fraction.isEmpty { return nil }
        }
        var exponent: Int128 = 0
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            let sign = rest.first
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
            let written = Self.takeDigits(&rest)
            // Longer exponents than this holds are never generated.
            guard let size = Int128(String(decoding: written, as: UTF8.self)) else { return nil }
            exponent = sign == UInt8(ascii: "-") ? -size : size
        }
        guard rest.isEmpty else { return nil }
        let point = Int128(whole.count) + exponent
        self.init(isNegative: isNegative, digits: whole + fraction, point: point)
    }

    private init(isNegative: Bool, digits: [UInt8], point: Int128) {
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        var kept = Array(digits.dropFirst(leading))
        while kept.last == UInt8(ascii: "0") { kept.removeLast() }
        guard !kept.isEmpty else { return }
        self.isNegative = isNegative
        self.digits = kept
        self.point = point - Int128(leading)
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        let digits = Array(rest.prefix { isDigit($0) })
        rest = rest.dropFirst(digits.count)
        return digits
    }

    /// Negative, zero or positive, as this number is below, equal to or above the other.
    func order(to other: NaiveDecimal) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        return isNegative ? other.magnitudeOrder(to: self) : magnitudeOrder(to: other)
    }

    private func magnitudeOrder(to other: NaiveDecimal) -> Int {
        if digits.isEmpty || other.digits.isEmpty {
            return (digits.isEmpty ? 0 : 1) - (other.digits.isEmpty ? 0 : 1)
        }
        if point != other.point { return point < other.point ? -1 : 1 }
        return byteOrder(digits, other.digits)
    }
}

/// A point in time: whole seconds since 1970, and the digits behind the point.
struct NaiveInstant {
    var seconds: Int
    var fraction: [UInt8]

    /// Reads a timestamp of RFC 3339, or nothing.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let shape = Array("dddd-dd-ddTdd:dd:dd".utf8)
        guard bytes.count > shape.count else { return nil }
        for (byte, sign) in zip(bytes, shape) {
            switch sign {
            case UInt8(ascii: "d"): if !isDigit(byte) { return nil }
            case UInt8(ascii: "T"): if byte != sign, byte != UInt8(ascii: "t") { return nil }
            default: if byte != sign { return nil }
            }
        }
        func number(_ range: Range<Int>) -> Int {
            bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard (1...12).contains(month), hour < 24, minute < 60, second < 60,
            (1...NaiveCalendar.days(in: month, of: year)).contains(day)
        else { return nil }
        var rest = bytes[shape.count...]
        fraction = []
        if rest.first == UInt8(ascii: ".") {
            fraction = Array(rest.dropFirst().prefix { isDigit($0) })
            rest = rest.dropFirst(1 + fraction.count)
            if fraction.isEmpty { return nil }
        }
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        guard let offset = Self.offset(Array(rest)) else { return nil }
        let days = NaiveCalendar.days(before: year, month) + day - 1
        seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
    }

    /// Seconds east of Greenwich.
    private static func offset(_ bytes: [UInt8]) -> Int? {
        if bytes == Array("Z".utf8) || bytes == Array("z".utf8) { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
            let hours = Int(String(decoding: bytes[1..<3], as: UTF8.self)),
            let minutes = Int(String(decoding: bytes[4..<6], as: UTF8.self)),
            (0..<24).contains(hours), (0..<60).contains(minutes)
        else { return nil }
        let seconds = (hours * 60 + minutes) * 60
        return bytes[0] == UInt8(ascii: "-") ? -seconds : seconds
    }

    func order(to other: NaiveInstant) -> Int {
        if seconds != other.seconds { return seconds < other.seconds ? -1 : 1 }
        return byteOrder(fraction, other.fraction)
    }
}

/// The civil calendar, for years from 1 on.
enum NaiveCalendar {
    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    static func days(in month: Int, of year: Int) -> Int {
        if month == 2 { return isLeap(year) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days from 1970-01-01 to the first day of a month.
    static func days(before year: Int, _ month: Int) -> Int {
        var days = daysSinceYearOne(year) - daysSinceYearOne(1970)
        for passed in 1..<month { days += Self.days(in: passed, of: year) }
        return days
    }

    private static func daysSinceYearOne(_ year: Int) -> Int {
        let passed = year - 1
        return passed * 365 + passed / 4 - passed / 100 + passed / 400
    }
}

/// A duration in nanoseconds, read from seconds such as `-1.5s`, or nothing.
func naiveNanoseconds(_ text: String) -> Int128? {
    guard text.hasSuffix("s") else { return nil }
    let isNegative = text.hasPrefix("-")
    let parts = text.dropLast().dropFirst(isNegative ? 1 : 0)
        .split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
        let whole = parts.first
    else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard fraction.utf8.count <= 9, whole.utf8.count <= 20 else { return nil }
    let padded = fraction + String(repeating: "0", count: 9 - fraction.utf8.count)
    guard let size = Int128(whole + padded) else { return nil }
    return isNegative ? -size : size
}

func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// Negative, zero or positive, as the first bytes sort before, with or behind the others.
func byteOrder(_ left: [UInt8], _ right: [UInt8]) -> Int {
    for (first, second) in zip(left, right) where first != second {
        return first < second ? -1 : 1
    }
    return left.count - right.count
}
