internal import WireFormat

/// What the text of a literal may be taken for; never two of them.
enum LiteralType: Sendable {
    case text
    case number(Number)
    case timestamp(Timestamp)
    case duration(Duration)

    init(_ text: [UInt8]) {
        self = text.withUnsafeBufferPointer { text in
            if let number = Number(text) { return .number(number) }
            if let timestamp = Timestamp(rfc3339: text) { return .timestamp(timestamp) }
            if let duration = DurationText.parseProto(text) { return .duration(duration) }
            return .text
        }
    }
}
