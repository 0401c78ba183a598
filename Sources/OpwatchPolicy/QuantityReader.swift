import WireFormat

/// Reads numbers, shares, sizes and durations, each within its bounds.
///
/// What is nil was reported.
struct QuantityReader {
    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }

    /// A whole decimal number.
    func integer(_ entry: Section.Entry, in bounds: ClosedRange<Int>) -> Int? {
        guard let scalar = values.scalar(entry) else { return nil }
        if let number = decimal(scalar.text), bounds.contains(number) { return number }
        problems.error(
            "\(entry.label) must be a whole number from \(bounds.lowerBound) to "
                + "\(bounds.upperBound), not \(scalar.text.quoted)", at: entry.value.mark)
        return nil
    }

    /// A whole number of percent: `50%`.
    func percent(_ entry: Section.Entry, in bounds: ClosedRange<Int>) -> Int? {
        guard let scalar = values.scalar(entry) else { return nil }
        if scalar.text.hasSuffix("%"), let number = decimal(scalar.text.dropLast()),
            bounds.contains(number)
        {
            return number
        }
        problems.error(
            "\(entry.label) must be a whole percentage from \(bounds.lowerBound)% to "
                + "\(bounds.upperBound)%, not \(scalar.text.quoted)", at: entry.value.mark)
        return nil
    }

    /// A size in bytes with a unit: `256MiB`.
    func size(_ entry: Section.Entry, in bounds: ClosedRange<Int64>) -> Int64? {
        guard let scalar = values.scalar(entry) else { return nil }
        for (unit, shift) in Self.sizeUnits where scalar.text.hasSuffix(unit) {
            guard let number = decimal(scalar.text.dropLast(unit.utf8.count)),
                let count = Int64(exactly: number), count <= Int64.max >> shift,
                bounds.contains(count << shift)
            else { break }
            return count << shift
        }
        problems.error(
            "\(entry.label) must be a whole number of MiB, GiB or TiB such as 256MiB "
                + "(from \(bounds.lowerBound >> 20)MiB to \(bounds.upperBound >> 40)TiB), not "
                + scalar.text.quoted, at: entry.value.mark)
        return nil
    }

    private static let sizeUnits: [(String, Int64)] = [("MiB", 20), ("GiB", 30), ("TiB", 40)]

    /// Digits only: no sign, no leading zero, which older YAML reads as octal.
    private func decimal(_ text: some StringProtocol) -> Int? {
        guard text.utf8.allSatisfy(\.isDigit), text == "0" || !text.hasPrefix("0") else {
            return nil
        }
        return Int(text)
    }

    /// A duration with units: `2h30m`.
    func duration(
        _ entry: Section.Entry, in bounds: ClosedRange<Duration>
    ) -> Located<Duration>? {
        guard let scalar = values.scalar(entry) else { return nil }
        if let duration = DurationText.parsePolicy(scalar.text), bounds.contains(duration) {
            return Located(value: duration, mark: entry.value.mark)
        }
        refuseDuration(scalar.text, of: entry, bounds: bounds)
        return nil
    }

    private func refuseDuration(
        _ text: String, of entry: Section.Entry, bounds: ClosedRange<Duration>
    ) {
        let range =
            "\(DurationText.short(bounds.lowerBound)) to \(DurationText.short(bounds.upperBound))"
        let isNumber = !text.isEmpty && text.utf8.allSatisfy(\.isDigit)
        if isNumber {
            problems.error(
                "\(entry.label) needs a unit: \(text.quoted) could be \(text.prefix(20))s, "
                    + "\(text.prefix(20))m, \(text.prefix(20))h or \(text.prefix(20))d",
                at: entry.value.mark)
        } else if DurationText.parsePolicy(text) == nil, !isDurationLike(text) {
            problems.error(
                "\(entry.label) must be a duration such as 90s, 45m, 2h30m or 7d "
                    + "(from \(range)), not \(text.quoted)", at: entry.value.mark)
        } else {
            problems.error(
                "\(entry.label) must be from \(range), not \(text.quoted)", at: entry.value.mark)
        }
    }

    /// Written like a duration: one that is nil all the same is too long to count, or its units
    /// are out of order.
    private func isDurationLike(_ text: String) -> Bool {
        var lastUnit = -1
        var digits = 0
        for byte in text.utf8 {
            if byte.isDigit {
                digits += 1
                continue
            }
            guard let unit = Array("dhms".utf8).firstIndex(of: byte), unit > lastUnit, digits > 0
            else { return false }
            (lastUnit, digits) = (unit, 0)
        }
        return lastUnit >= 0 && digits == 0
    }
}
