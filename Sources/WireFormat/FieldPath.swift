/// One key on the way to a field.
package struct FieldSegment: Hashable, Sendable {
    /// The key itself, without quotes or escapes.
    package let text: String
    /// Quoted: only this very key. Unquoted: this key, else its snake_case or camelCase twin.
    package let isQuoted: Bool

    /// A key as it is, without quotes or escapes.
    package init(_ text: String, isQuoted: Bool = false) {
        self.text = text
        self.isQuoted = isQuoted
    }

    /// Byte for byte, as keys are told apart in JSON: `String` takes composed and decomposed
    /// characters as equal.
    package static func == (left: FieldSegment, right: FieldSegment) -> Bool {
        left.isQuoted == right.isQuoted && left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(isQuoted)
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8.max)
    }
}

/// The way to a field of an object, written `metadata.labels."team/name"`.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    /// The keys, outermost first.
    package let segments: [FieldSegment]

    /// No segments: the object itself.
    package init(segments: [FieldSegment]) {
        self.segments = segments
    }

    /// Reads a dotted path; nil when a segment is empty or a quote is not closed.
    ///
    /// A quoted segment may hold anything, with `\"` and `\\` for the two characters that need
    /// it. An unquoted one holds neither dots, quotes, backslashes, spaces nor controls.
    package init?(_ dotted: String) {
        var scanner = PathScanner(dotted)
        guard let segments = scanner.segments() else { return nil }
        self.segments = segments
    }

    /// The dotted text; it reads back to the same path wherever that came from a text.
    package var description: String {
        segments.map { segment in
            guard segment.isQuoted || !PathScanner.isPlain(segment.text) else {
                return segment.text
            }
            var text = "\""
            for scalar in segment.text.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
                text.unicodeScalars.append(scalar)
            }
            return text + "\""
        }.joined(separator: ".")
    }
}

/// Takes a dotted path apart.
private struct PathScanner {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    mutating func segments() -> [FieldSegment]? {
        var found: [FieldSegment] = []
        while true {
            guard let segment = segment() else { return nil }
            found.append(segment)
            guard index < scalars.count else { return found }
            guard scalars[index] == "." else { return nil }
            index += 1
        }
    }

    private mutating func segment() -> FieldSegment? {
        guard index < scalars.count else { return nil }
        if scalars[index] == "\"" {
            index += 1
            return quoted()
        }
        var text = String.UnicodeScalarView()
        while index < scalars.count, Self.isPlain(scalars[index]) {
            text.append(scalars[index])
            index += 1
        }
        return text.isEmpty ? nil : FieldSegment(String(text))
    }

    private mutating func quoted() -> FieldSegment? {
        var text = String.UnicodeScalarView()
        while index < scalars.count {
            var scalar = scalars[index]
            index += 1
            if scalar == "\"" { return FieldSegment(String(text), isQuoted: true) }
            if scalar == "\\" {
                guard index < scalars.count else { return nil }
                scalar = scalars[index]
                guard scalar == "\"" || scalar == "\\" else { return nil }
                index += 1
            }
            text.append(scalar)
        }
        return nil
    }

    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "\"", "\\": false
        default: scalar.value > 0x20 && !(0x7F...0xA0).contains(scalar.value)
        }
    }

    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { isPlain($0) }
    }
}
