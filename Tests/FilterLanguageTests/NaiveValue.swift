import SeededRandom

/// JSON as the page speaks of it: numbers keep their text, and an object keeps its order.
indirect enum NaiveValue: Sendable {
    case null
    case bool(Bool)
    case number(String)
    case text(String)
    case list([NaiveValue])
    case object([NaiveMember])

    var isNull: Bool {
        if case .null = self { return true }
        return false
    }
}

/// A key and its value; no object holds the same key twice.
struct NaiveMember: Sendable {
    var key: String
    var value: NaiveValue
}

/// Whether two texts hold the same bytes; `==` would take composed and decomposed for equal.
func sameBytes(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8)
}

/// Writes JSON with spaces and escapes that change nothing of its meaning.
struct NaiveJSONWriter {
    var random: SplitMix

    mutating func json(_ value: NaiveValue) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let text): return text
        case .text(let text): return quoted(text)
        case .list(let elements):
            var parts: [String] = []
            for element in elements { parts.append(json(element)) }
            return "[" + parts.joined(separator: separator(",")) + separator("") + "]"
        case .object(let members):
            var parts: [String] = []
            for member in members {
                parts.append(quoted(member.key) + separator(":") + json(member.value))
            }
            return "{" + separator("") + parts.joined(separator: separator(",")) + "}"
        }
    }

    private mutating func separator(_ sign: String) -> String {
        let space = random.once(in: 6) ? random.pick([" ", "\n", "\t", "\r\n"]) : ""
        return random.once(in: 2) ? sign + space : space + sign
    }

    private mutating func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where !random.once(in: 3): result += "\\n"
            case "\t" where !random.once(in: 3): result += "\\t"
            case "\"", "\\": result += "\\\(scalar)"
            case "/" where random.once(in: 4): result += "\\/"
            default:
                if scalar.value < 0x20 || random.once(in: 20) {
                    result += String(scalar).utf16.map(Self.coded).joined()
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    private static func coded(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16, uppercase: unit % 2 == 0)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
