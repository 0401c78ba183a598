/// A text that people take for a date or a time, although it is no RFC 3339 timestamp.
///
/// Behind an order it would compare with timestamps byte by byte, which is right for none of
/// these: `2026/01/31` is later than every timestamp, and so is `now`.
enum NearTimestamp {
    /// - Parameter text: already known not to be a timestamp.
    static func isWritten(as text: String) -> Bool {
        let words = Array(text.lowercased().utf8).split { $0 <= UInt8(ascii: " ") }
        let line = Array(words.joined(separator: [UInt8(ascii: " ")]))
        return beginsWithDate(line) || isTimeOfDay(line) || isMoment(line) || isSpelledOut(line)
    }

    // MARK: Dates in digits

    /// `2026-01-31 23:59`, `2026/1/31`, `31.01.2026`, `1/31/26`, `2026-01`, `20260131t1200`.
    private static func beginsWithDate(_ text: [UInt8]) -> Bool {
        let digits = text.prefix(while: \.isDigit).count
        let behind = text.dropFirst(digits)
        guard digits > 0, let sign = behind.first else { return false }
        if digits == 8 {
            return sign == UInt8(ascii: "t") && behind.dropFirst().first?.isDigit == true
        }
        guard "-/.".utf8.contains(sign) else { return false }
        let second = behind.dropFirst().prefix(while: \.isDigit)
        guard (1...2).contains(second.count) else { return false }
        let rest = behind.dropFirst(1 + second.count)
        guard rest.first == sign else {
            let isMonth = second.count == 2 && (1...12).contains(number(second))
            return digits == 4 && sign != UInt8(ascii: ".") && isMonth && rest.isEmpty
        }
        let third = rest.dropFirst().prefix(while: \.isDigit)
        let isDate =
            switch (digits, third.count) {
            case (4, 1...2), (1...2, 4): true
            case (1...2, 1...2): sign == UInt8(ascii: "/")
            default: false
            }
        return isDate && isTimeOrNothing(rest.dropFirst(1 + third.count))
    }

    /// What may stand behind a date; any other text behind one makes a name of it, such as
    /// `2026-01-31-nightly`.
    private static func isTimeOrNothing(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first else { return true }
        return " t_,z+:".utf8.contains(first)
            || text.allSatisfy { $0.isDigit || "-+.:/".utf8.contains($0) }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1 & 0xF) }
    }

    // MARK: Times and words

    /// `23:59`, `7:05:30.5`, `12:00:00z`, `11:59 pm`.
    private static func isTimeOfDay(_ text: [UInt8]) -> Bool {
        let hour = text.prefix(while: \.isDigit)
        let behind = text.dropFirst(hour.count)
        guard (1...2).contains(hour.count), behind.first == UInt8(ascii: ":") else { return false }
        return behind.dropFirst().prefix(while: \.isDigit).count == 2
    }

    /// `now`, `now()`, `now - 24h`, `yesterday`.
    private static func isMoment(_ text: [UInt8]) -> Bool {
        let word = text.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        guard moments.contains(String(decoding: word, as: UTF8.self)) else { return false }
        let rest = text.dropFirst(word.count).drop { $0 == UInt8(ascii: " ") }
        guard let sign = rest.first else { return true }
        let isSum = "+-".utf8.contains(sign)
        let operand = rest.dropFirst().first { $0 != UInt8(ascii: " ") }
        return sign == UInt8(ascii: "(") || (isSum && operand?.isDigit == true)
    }

    private static let moments: Set<String> = ["now", "today", "yesterday", "tomorrow"]

    /// `31 jan 2026`, `sat, 31 jan 2026 23:59:00 gmt`: a month, digits, and nothing else but what
    /// belongs to a date.
    private static func isSpelledOut(_ text: [UInt8]) -> Bool {
        let words = text.split { " ,-/.:+".utf8.contains($0) }
        var (months, numbers) = (0, 0)
        for word in words {
            let name = String(decoding: word, as: UTF8.self)
            let isOrdinal =
                word.dropLast(2).allSatisfy(\.isDigit) && ordinals.contains(String(name.suffix(2)))
            if word.allSatisfy(\.isDigit) || isOrdinal {
                numbers += 1
            } else if name.utf8.count >= 3, monthNames.contains(where: { $0.hasPrefix(name) }) {
                months += 1
            } else if !isWeekday(name), !zones.contains(name) {
                return false
            }
        }
        return months == 1 && numbers > 0
    }

    private static func isWeekday(_ name: String) -> Bool {
        name.utf8.count >= 3 && weekdays.contains { $0.hasPrefix(name) }
    }

    private static let ordinals: Set<String> = ["st", "nd", "rd", "th"]
    private static let monthNames = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    ]
    private static let weekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
    private static let zones: Set<String> = ["gmt", "utc", "z", "am", "pm"]
}
