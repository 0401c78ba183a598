/// Writes JSON in ASCII, without white space; everything else is written as `\uXXXX`.
///
/// The caller keeps the grammar: keys only in objects, one value behind each key, every begin
/// with its end. Commas and colons come by themselves.
package struct JSONWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// A writer that has written nothing.
    package init() {}

    /// Starts over.
    package mutating func removeAll(keepingCapacity: Bool = false) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        needsComma = false
    }

    /// Hands out what was written so far and goes on behind it.
    package mutating func takeBytes() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// `{`
    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    /// `}`
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    /// `[`
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    /// `]`
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The key of the value that is written next.
    package mutating func key(_ text: String) {
        string(text)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string in quotes; quotes, backslashes and controls are escaped.
    package mutating func string(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        appendContent(text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// An instant as a string in quotes, RFC 3339 in UTC.
    package mutating func time(_ value: Timestamp) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        value.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A number in decimal.
    package mutating func integer(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        DecimalText.append(value.magnitude, to: &bytes)
    }

    /// A number in decimal.
    package mutating func unsigned(_ value: UInt64) {
        separate()
        DecimalText.append(value, to: &bytes)
    }

    /// `true` or `false`.
    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    /// `null`
    package mutating func null() { raw("null") }

    /// One value that is JSON already, copied as it is.
    package mutating func raw(_ value: ArraySlice<UInt8>) {
        separate()
        bytes += value
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes += text.utf8
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func appendContent(_ text: String) {
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            guard PrintableText.isPlain(UnsafeRawBufferPointer(utf8)) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        if isPlain { return }
        for scalar in text.unicodeScalars { append(scalar) }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": bytes += "\\\"".utf8
        case "\\": bytes += "\\\\".utf8
        case "\n": bytes += "\\n".utf8
        case "\r": bytes += "\\r".utf8
        case "\t": bytes += "\\t".utf8
        case " "..."~": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        default: for unit in String(scalar).utf16 { appendEscape(unit) }
        }
    }

    private mutating func appendEscape(_ unit: UInt16) {
        bytes += "\\u".utf8
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> shift & 0xF)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }
}
