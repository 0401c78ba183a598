internal import WireFormat

/// Refuses values that would silently compare as something else than they look like.
struct ValueCheck {
    let comparator: Comparator
    /// Where the value stands, in UTF-8 bytes.
    let offset: Int

    /// Refuses the value if it is not what its writer must have meant.
    func check(_ literal: Literal) throws(FilterError) {
        if !literal.isQuoted, literal.text == "null" {
            throw FilterError(
                offset: offset, message: "`null` is not a value",
                suggestion: "write NOT FIELD:* for a missing field, or \"null\" for the text")
        }
        guard comparator != .has else { return }
        if !literal.isQuoted, literal.text == "-" {
            throw FilterError(
                offset: offset, message: "`-` is not a value",
                suggestion: "put it in quotes if it is the text")
        }
        let isStrict = comparator.isOrdering || !literal.isQuoted
        if isStrict, Self.looksLikeTimestamp(literal.text), Timestamp(rfc3339: literal.text) == nil
        {
            throw FilterError(
                offset: offset, message: "the value is not an RFC 3339 timestamp",
                suggestion: "write \"2024-01-31T12:00:00Z\"")
        }
        if comparator.isOrdering { try checkOrder(of: literal.text) }
    }

    /// Refuses what would be ordered as a mere text although it looks like a time or a number of
    /// something.
    private func checkOrder(of text: String) throws(FilterError) {
        if let duration = ForeignDuration(text) {
            throw FilterError(
                offset: offset, message: "durations are written in seconds here",
                suggestion: "write \(duration.inSeconds)")
        }
        guard case .text = LiteralType(Array(text.utf8)) else { return }
        if NearTimestamp.isWritten(as: text) {
            throw FilterError(
                offset: offset,
                message: "the value looks like a time, but is no RFC 3339 timestamp",
                suggestion: "write \"2024-01-31T12:00:00Z\"")
        }
        guard text.utf8.contains(where: \.isDigit) else { return }
        if text.last?.lowercased() == "s",
            text.dropLast().allSatisfy({ "+-.0123456789".contains($0) })
        {
            throw FilterError(
                offset: offset, message: "the value is not a duration",
                suggestion: "write 90s or 1.5s, with at most nine digits behind the point")
        }
        let digits = text.drop { "+-0".contains($0) }
        if digits.utf8.allSatisfy(\.isDigit) {
            throw FilterError(
                offset: offset, message: "a number has neither zeros nor a + in front",
                suggestion:
                    "write \(text.hasPrefix("-") ? "-" : "")\(digits.isEmpty ? "0" : digits)")
        }
    }

    /// A date and a `T`: nothing else is meant by it.
    private static func looksLikeTimestamp(_ text: String) -> Bool {
        let bytes = Array(text.utf8.prefix(11))
        guard bytes.count == 11, bytes[10] | 0x20 == UInt8(ascii: "t") else { return false }
        return zip(bytes, "0000-00-00".utf8).allSatisfy { byte, sample in
            sample == UInt8(ascii: "-") ? byte == sample : byte.isDigit
        }
    }
}
