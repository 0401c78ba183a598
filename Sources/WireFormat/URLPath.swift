/// Why a resource name cannot stand in a URL; offsets count bytes of the name.
package enum NameError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case tooLong(bytes: Int)
    /// Two slashes in a row, or one at an end.
    case emptySegment(offset: Int)
    /// A segment that is `.` or `..` and would be resolved on the way.
    case dotSegment(offset: Int)
    case controlCharacter(offset: Int)

    /// For people: what is wrong, and where.
    package var description: String {
        switch self {
        case .empty: "the name is empty"
        case .tooLong(let bytes):
            "the name has \(bytes) bytes, at most \(URLPath.nameBytesMax) are allowed"
        case .emptySegment(let offset): "the name has an empty segment at byte \(offset)"
        case .dotSegment(let offset): "the name has a `.` or `..` segment at byte \(offset)"
        case .controlCharacter(let offset):
            "the name has a control character at byte \(offset)"
        }
    }
}

/// Text for the path and the query of a URL, percent-encoded (RFC 3986).
package enum URLPath {
    /// The longest resource name that is put into a URL.
    package static let nameBytesMax = 1_024

    /// Encodes each segment of a resource name and keeps the slashes between them.
    ///
    /// Everything but letters, digits, `-`, `.`, `_` and `~` is encoded, a `%` too: the service
    /// gets back exactly the name that it gave.
    package static func encode(_ name: some StringProtocol) throws(NameError) -> String {
        try check(String(name))
        return encode(Array(name.utf8), keepingSlashes: true)
    }

    /// Whether a resource name can stand in a URL.
    /// - Throws: why not.
    package static func check(_ name: String) throws(NameError) {
        let count = name.utf8.count
        if count == 0 { throw .empty }
        if count > nameBytesMax { throw .tooLong(bytes: count) }
        try refuseControls(name)
        var (start, dots, offset) = (0, 0, 0)
        for byte in name.utf8 {
            if byte == slash {
                try checkSegment(from: start, to: offset, dots: dots)
                (start, dots) = (offset + 1, 0)
            } else if byte == UInt8(ascii: ".") {
                dots += 1
            }
            offset += 1
        }
        try checkSegment(from: start, to: offset, dots: dots)
    }

    private static func checkSegment(from start: Int, to end: Int, dots: Int) throws(NameError) {
        if start == end { throw .emptySegment(offset: start) }
        if end - start <= 2, dots == end - start { throw .dotSegment(offset: start) }
    }

    /// Encodes a value of a query; a space becomes `%20`.
    package static func encodeQueryValue(_ text: String) -> String {
        encode(Array(text.utf8), keepingSlashes: false)
    }

    private static let slash = UInt8(ascii: "/")

    /// Refuses C0, DEL and, as UTF-8 spells them, C1.
    private static func refuseControls(_ name: String) throws(NameError) {
        var (offset, before) = (0, UInt8.zero)
        for byte in name.utf8 {
            if byte < 0x20 || byte == 0x7F { throw .controlCharacter(offset: offset) }
            if before == 0xC2, byte < 0xA0 { throw .controlCharacter(offset: offset - 1) }
            (offset, before) = (offset + 1, byte)
        }
    }

    private static func encode(_ bytes: [UInt8], keepingSlashes: Bool) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count + bytes.count / 4)
        for byte in bytes {
            if isUnreserved(byte) || (keepingSlashes && byte == slash) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 0xF)]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }
}
