extension StringProtocol {
    /// In quotes for a message: one line, no control characters, not endless.
    var quoted: String {
        let shownMax = 64
        var text = "\""
        for scalar in unicodeScalars.prefix(shownMax) {
            if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text + (unicodeScalars.dropFirst(shownMax).isEmpty ? "\"" : "…\"")
    }
}
