package import WireFormat

extension Timestamp {
    /// `12:04:05`, UTC.
    package var clockTime: String {
        let text = description
        guard let t = text.firstIndex(of: "T") else { return text }
        return String(text[text.index(after: t)...].prefix(8))
    }
}
