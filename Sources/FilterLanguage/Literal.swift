/// The value that a field is compared with.
///
/// Its type is decided by the field that it meets; quotes only allow more characters.
struct Literal: Equatable, Sendable {
    /// The text without quotes, escapes and wildcards.
    let text: String
    /// Written in quotes. Decides how a map key is looked up, and how the literal is printed.
    let isQuoted: Bool
    /// A `*` stood in front.
    var isOpenAtStart = false
    /// A `*` stood behind.
    var isOpenAtEnd = false

    /// It has wildcards.
    var isPattern: Bool { isOpenAtStart || isOpenAtEnd }

    /// A lone `*`.
    var isStar: Bool { isOpenAtStart && isOpenAtEnd && text.isEmpty }

    /// Byte for byte, because `String` takes composed and decomposed characters as equal.
    static func == (left: Literal, right: Literal) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8) && left.isQuoted == right.isQuoted
            && left.isOpenAtStart == right.isOpenAtStart && left.isOpenAtEnd == right.isOpenAtEnd
    }

    // MARK: Printing

    /// The literal as it is written, in double quotes if it was in any.
    var printed: String {
        guard !isStar else { return isQuoted ? "\"*\"" : "*" }
        let quote = isQuoted ? "\"" : ""
        let start = quote + (isOpenAtStart ? "*" : "")
        let end = (isOpenAtEnd ? "*" : "") + quote
        return start + (isQuoted ? escaped : text) + end
    }

    private var escaped: String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\", "*":
                result.append("\\")
                result.append(scalar)
            case "\n": result += "\\n".unicodeScalars
            case "\r": result += "\\r".unicodeScalars
            case "\t": result += "\\t".unicodeScalars
            case _ where scalar.properties.generalCategory == .control:
                let digits = String(scalar.value, radix: 16)
                let padding = String(repeating: "0", count: 4 - digits.count)
                result += "\\u\(padding)\(digits)".unicodeScalars
            default:
                result.append(scalar)
            }
        }
        return String(result)
    }
}
