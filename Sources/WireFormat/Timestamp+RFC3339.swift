extension Timestamp: CustomStringConvertible {
    /// Reads RFC 3339: `2024-04-01T12:34:56.123456789+05:30`, `t` and `z` in either case.
    ///
    /// At most nine digits of fraction; a leap second is refused. The years 0001 to 9999 apply
    /// to the instant in UTC.
    package init?(rfc3339 text: some StringProtocol) {
        guard let found = TextScanner.scan(text, { $0.instant() }) else { return nil }
        self = found
    }

    /// The same for the bytes of the text.
    package init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
        guard let found = TextScanner.scan(bytes, { $0.instant() }) else { return nil }
        self = found
    }

    /// The instant at a time of day in UTC.
    init?(date: CivilDate, hour: Int, minute: Int, second: Int, nanoseconds: UInt32 = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else {
            return nil
        }
        let time = hour * 3_600 + minute * 60 + second
        self.init(
            seconds: Int64(date.daysSinceEpoch * 86_400 + time), nanoseconds: nanoseconds)
    }

    /// The day and the second of the day in UTC.
    var civil: (date: CivilDate, secondOfDay: Int) {
        var day = Int(seconds / 86_400)
        var second = Int(seconds % 86_400)
        if second < 0 {
            day -= 1
            second += 86_400
        }
        return (CivilDate(daysSinceEpoch: day), second)
    }

    /// RFC 3339 in UTC with as many digits of fraction as it takes: none, three, six or nine.
    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the description.
    func append(to bytes: inout [UInt8]) {
        let (date, time) = civil
        func part(_ mark: Unicode.Scalar?, _ value: Int, digits: Int = 2) {
            if let mark { bytes.append(UInt8(ascii: mark)) }
            // Nothing in a date or a time of day is negative.
            DecimalText.append(UInt64(value.magnitude), digits: digits, to: &bytes)
        }
        part(nil, date.year, digits: 4)
        part("-", date.month)
        part("-", date.day)
        part("T", time / 3_600)
        part(":", time / 60 % 60)
        part(":", time % 60)
        if nanoseconds > 0 {
            var (digits, value) = (9, Int(nanoseconds))
            while value % 1_000 == 0 { (digits, value) = (digits - 3, value / 1_000) }
            part(".", value, digits: digits)
        }
        bytes.append(UInt8(ascii: "Z"))
    }
}

extension TextScanner {
    fileprivate mutating func instant() -> Timestamp? {
        guard let year = number(digits: 4), take(UInt8(ascii: "-")),
            let month = number(digits: 2), take(UInt8(ascii: "-")),
            let day = number(digits: 2), take(UInt8(ascii: "T")) || take(UInt8(ascii: "t")),
            let hour = number(digits: 2), take(UInt8(ascii: ":")),
            let minute = number(digits: 2), take(UInt8(ascii: ":")),
            let second = number(digits: 2), hour <= 23, minute <= 59, second <= 59,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var nanoseconds: UInt32 = 0
        if take(UInt8(ascii: ".")) {
            guard let fraction = fraction() else { return nil }
            nanoseconds = fraction
        }
        guard let offset = offsetSeconds() else { return nil }
        let time = hour * 3_600 + minute * 60 + second
        return Timestamp(
            seconds: Int64(date.daysSinceEpoch * 86_400 + time - offset), nanoseconds: nanoseconds)
    }

    private mutating func offsetSeconds() -> Int? {
        if take(UInt8(ascii: "Z")) || take(UInt8(ascii: "z")) { return 0 }
        let isWest = next == UInt8(ascii: "-")
        guard take(UInt8(ascii: "-")) || take(UInt8(ascii: "+")),
            let hours = number(digits: 2), take(UInt8(ascii: ":")),
            let minutes = number(digits: 2), hours <= 23, minutes <= 59
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return isWest ? -seconds : seconds
    }
}
