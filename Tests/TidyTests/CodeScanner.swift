/// Blanks out comments and the contents of strings; interpolated code stays.
struct CodeScanner {
    private enum Place: Equatable {
        /// Code, inside so many parentheses of an interpolation; 0 outside of one.
        case code(parentheses: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let input: [UInt8]
    private var index = 0
    private var output: [UInt8] = []
    private var places = [Place.code(parentheses: 0)]

    init(_ text: String) {
        input = Array(text.utf8)
    }

    /// Whether every string that was opened is closed.
    var isAtRest: Bool { places == [.code(parentheses: 0)] }

    /// - Returns: text of as many lines as the input has.
    mutating func scan() -> String {
        while index < input.count {
            switch places[places.count - 1] {
            case .code(let parentheses): scanCode(parentheses)
            case .string(let hashes, let isMultiline): scanString(hashes, isMultiline)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func scanCode(_ parentheses: Int) {
        if starts(with: "//") { return blankLine() }
        if starts(with: "/*") { return blankBlockComment() }
        if let hashes = hashesBeforeQuote { return openString(hashes) }
        let byte = input[index]
        if parentheses > 0 {
            switch byte {
            case UInt8(ascii: "("): replacePlace(.code(parentheses: parentheses + 1))
            case UInt8(ascii: ")") where parentheses == 1:
                places.removeLast()
                return blank(1)
            case UInt8(ascii: ")"): replacePlace(.code(parentheses: parentheses - 1))
            default: break
            }
        }
        output.append(byte)
        index += 1
    }

    /// How many `#` stand before a `"` here; nil where no string begins.
    private var hashesBeforeQuote: Int? {
        var end = index
        while end < input.count && input[end] == UInt8(ascii: "#") { end += 1 }
        return end < input.count && input[end] == UInt8(ascii: "\"") ? end - index : nil
    }

    private mutating func openString(_ hashes: Int) {
        index += hashes
        // `#"""#` is one quotation mark.
        let isMultiline = starts(with: "\"\"\"\n")
        index += isMultiline ? 3 : 1
        output.append(UInt8(ascii: "\""))
        places.append(.string(hashes: hashes, isMultiline: isMultiline))
    }

    private mutating func scanString(_ hashes: Int, _ isMultiline: Bool) {
        let marks = String(repeating: "#", count: hashes)
        let end = (isMultiline ? "\"\"\"" : "\"") + marks
        if starts(with: end) {
            index += end.utf8.count
            output.append(UInt8(ascii: "\""))
            places.removeLast()
        } else if starts(with: "\\" + marks + "(") {
            blank(hashes + 2)
            places.append(.code(parentheses: 1))
        } else if starts(with: "\\" + marks) {
            blank(hashes + 2)
        } else {
            blank(1)
        }
    }

    private mutating func blankLine() {
        while index < input.count && input[index] != UInt8(ascii: "\n") { blank(1) }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                blank(2)
            } else if starts(with: "*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < input.count
    }

    private mutating func blank(_ count: Int) {
        for byte in input[index..<min(index + count, input.count)] {
            let isEndOfLine = byte == UInt8(ascii: "\n")
            output.append(isEndOfLine ? byte : UInt8(ascii: " "))
        }
        index += count
    }

    private mutating func replacePlace(_ place: Place) {
        places[places.count - 1] = place
    }

    private func starts(with text: String) -> Bool {
        input[min(index, input.count)...].starts(with: text.utf8)
    }
}
