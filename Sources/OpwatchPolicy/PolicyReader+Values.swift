import WireFormat

/// A value of the file that was read, and its place.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let mark: Mark
}

extension PolicyReader {
    /// A text, a number or a word; reports lists, mappings and nothing at all.
    mutating func scalar(_ entry: Section.Entry) -> YAMLScalar? {
        scalar(entry.value, label: entry.label)
    }

    /// As above, for an item of a list.
    mutating func scalar(_ node: YAMLNode, label: String) -> YAMLScalar? {
        switch node.content {
        case .scalar(let scalar) where scalar.isNull:
            problems.error("\(label) has no value", at: node.mark)
            return nil
        case .scalar(let scalar):
            return scalar
        case .sequence, .mapping:
            problems.error("\(label) must be a single value, not \(node.kind)", at: node.mark)
            return nil
        case .refused:
            return nil
        }
    }

    /// The items of a list.
    mutating func list(_ entry: Section.Entry, of items: String) -> [YAMLNode]? {
        switch entry.value.content {
        case .sequence(let nodes):
            return nodes
        case .scalar(let scalar):
            let found = scalar.isNull ? "empty" : scalar.text.quoted
            problems.error(
                "\(entry.label) must be a list of \(items), not \(found)", at: entry.value.mark)
            return nil
        case .mapping:
            problems.error(
                "\(entry.label) must be a list of \(items), not a mapping", at: entry.value.mark)
            return nil
        case .refused:
            return nil
        }
    }

    /// One of the words of an enum.
    mutating func word<Word>(_ entry: Section.Entry, of words: Word.Type) -> Word?
    where Word: CaseIterable & RawRepresentable, Word.RawValue == String {
        guard let scalar = scalar(entry) else { return nil }
        if let word = Word(rawValue: scalar.text) { return word }
        let allowed = Word.allCases.map(\.rawValue)
        problems.error(
            "\(entry.label) must be \(oneOf(allowed)), not \(scalar.text.quoted)"
                + didYouMean(scalar.text, in: allowed), at: entry.value.mark)
        return nil
    }

    /// `true` or `false`; none of the other words of older YAML.
    mutating func boolean(_ entry: Section.Entry) -> Bool? {
        guard let scalar = scalar(entry) else { return nil }
        switch scalar.text {
        case "true": return true
        case "false": return false
        default:
            problems.error(
                "\(entry.label) must be true or false, not \(scalar.text.quoted)",
                at: entry.value.mark)
            return nil
        }
    }

    /// A whole decimal number.
    mutating func integer(_ entry: Section.Entry, in bounds: ClosedRange<Int>) -> Int? {
        guard let scalar = scalar(entry) else { return nil }
        if let number = decimal(scalar.text), bounds.contains(number) { return number }
        problems.error(
            "\(entry.label) must be a whole number from \(bounds.lowerBound) to "
                + "\(bounds.upperBound), not \(scalar.text.quoted)", at: entry.value.mark)
        return nil
    }

    /// A whole number of percent: `50%`.
    mutating func percent(_ entry: Section.Entry, in bounds: ClosedRange<Int>) -> Int? {
        guard let scalar = scalar(entry) else { return nil }
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
    mutating func size(_ entry: Section.Entry, in bounds: ClosedRange<Int64>) -> Int64? {
        guard let scalar = scalar(entry) else { return nil }
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

    /// A duration with units.
    mutating func duration(
        _ entry: Section.Entry, in bounds: ClosedRange<Duration>
    ) -> Located<Duration>? {
        guard let scalar = scalar(entry) else { return nil }
        let text = scalar.text
        if let duration = DurationText.parsePolicy(text), bounds.contains(duration) {
            return Located(value: duration, mark: entry.value.mark)
        }
        let range =
            "\(DurationText.short(bounds.lowerBound)) to \(DurationText.short(bounds.upperBound))"
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { isDigit($0) }
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
        return nil
    }

    /// A label for people that is safe everywhere: `[A-Za-z0-9._-]`, 1 to 64 of them.
    mutating func name(_ section: Section, of what: String) -> Located<String>? {
        guard let entry = section["name"] else {
            problems.error("\(what) needs a name", at: section.mark)
            return nil
        }
        guard let scalar = scalar(entry) else { return nil }
        let isValid =
            (1...64).contains(scalar.text.utf8.count)
            && scalar.text.utf8.allSatisfy { byte in
                isLetter(byte) || isDigit(byte) || "._-".utf8.contains(byte)
            }
        guard isValid else {
            problems.error(
                "a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -, not "
                    + scalar.text.quoted, at: entry.value.mark)
            return nil
        }
        return Located(value: scalar.text, mark: entry.value.mark)
    }

    /// ` or `-joined for a message.
    func oneOf(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    /// The end of a message that proposes the nearest known word, or nothing.
    func didYouMean(_ word: String, in known: some Sequence<String>) -> String {
        NearestWord.of(word, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// Digits only: no sign, no leading zero, which older YAML reads as octal.
    private func decimal(_ text: some StringProtocol) -> Int? {
        guard text.utf8.allSatisfy({ isDigit($0) }), text == "0" || !text.hasPrefix("0") else {
            return nil
        }
        return Int(text)
    }

    /// Written like a duration: one that is nil all the same is too long to count, or its units
    /// are out of order.
    private func isDurationLike(_ text: String) -> Bool {
        var lastUnit = -1
        var digits = 0
        for byte in text.utf8 {
            if isDigit(byte) {
                digits += 1
                continue
            }
            guard let unit = Array("dhms".utf8).firstIndex(of: byte), unit > lastUnit, digits > 0
            else { return false }
            (lastUnit, digits) = (unit, 0)
        }
        return lastUnit >= 0 && digits == 0
    }

    func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
