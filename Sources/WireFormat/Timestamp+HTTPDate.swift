extension Timestamp {
    /// Reads the date of an HTTP header (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, and
    /// the obsolete `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
    ///
    /// The weekday must be that of the date. A year of two digits is 1970 to 2069.
    package init?(httpDate text: some StringProtocol) {
        guard let found = TextScanner.scan(text, { $0.httpDate() }) else { return nil }
        self = found
    }

    /// The date of an HTTP header, in whole seconds: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var httpDate: String {
        let (date, time) = civil
        var bytes = Array(HTTPDateWords.weekdaysShort[date.weekday].description.utf8)
        func part(_ mark: String, _ value: Int, digits: Int = 2) {
            bytes += mark.utf8
            // Nothing in a date or a time of day is negative.
            DecimalText.append(UInt64(value.magnitude), digits: digits, to: &bytes)
        }
        part(", ", date.day)
        part(" \(HTTPDateWords.months[date.month - 1]) ", date.year, digits: 4)
        part(" ", time / 3_600)
        part(":", time / 60 % 60)
        part(":", time % 60)
        return String(decoding: bytes, as: UTF8.self) + " GMT"
    }
}

private enum HTTPDateWords {
    static let weekdays: [StaticString] = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
    static let weekdaysShort: [StaticString] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension TextScanner {
    fileprivate mutating func httpDate() -> Timestamp? {
        if let weekday = word(of: HTTPDateWords.weekdays) {
            return take(", ") ? dashed(weekday) : nil
        }
        guard let weekday = word(of: HTTPDateWords.weekdaysShort) else { return nil }
        if take(", ") { return spaced(weekday) }
        return take(" ") ? asctime(weekday) : nil
    }

    /// `06 Nov 1994 08:49:37 GMT`
    private mutating func spaced(_ weekday: Int) -> Timestamp? {
        guard let day = number(digits: 2), take(" "), let month = word(of: HTTPDateWords.months),
            take(" "), let year = number(digits: 4), take(" "), let time = clock(), take(" GMT")
        else { return nil }
        return instant(weekday, year, month, day, time)
    }

    /// `06-Nov-94 08:49:37 GMT`
    private mutating func dashed(_ weekday: Int) -> Timestamp? {
        guard let day = number(digits: 2), take("-"), let month = word(of: HTTPDateWords.months),
            take("-"), let year = number(digits: 2), take(" "), let time = clock(), take(" GMT")
        else { return nil }
        return instant(weekday, year < 70 ? year + 2_000 : year + 1_900, month, day, time)
    }

    /// `Nov  6 08:49:37 1994`
    private mutating func asctime(_ weekday: Int) -> Timestamp? {
        guard let month = word(of: HTTPDateWords.months), take(" "),
            let day = take(" ") ? number(digits: 1) : number(digits: 2),
            take(" "), let time = clock(), take(" "), let year = number(digits: 4)
        else { return nil }
        return instant(weekday, year, month, day, time)
    }

    private mutating func clock() -> (hour: Int, minute: Int, second: Int)? {
        guard let hour = number(digits: 2), take(":"), let minute = number(digits: 2), take(":"),
            let second = number(digits: 2)
        else { return nil }
        return (hour, minute, second)
    }

    /// The index of the word that stands here.
    private mutating func word(of words: [StaticString]) -> Int? {
        for (index, word) in words.enumerated() where take(word) { return index }
        return nil
    }

    private func instant(
        _ weekday: Int, _ year: Int, _ month: Int, _ day: Int,
        _ time: (hour: Int, minute: Int, second: Int)
    ) -> Timestamp? {
        guard let date = CivilDate(year: year, month: month + 1, day: day),
            date.weekday == weekday
        else { return nil }
        return Timestamp(
            date: date, hour: time.hour, minute: time.minute, second: time.second)
    }
}
