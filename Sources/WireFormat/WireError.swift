/// Why bytes were refused; every offset counts bytes from the start of the array that was read.
package enum WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A byte sequence inside a string that is not UTF-8, or an escaped lone surrogate.
    case notUTF8(offset: Int)
    /// What stands here, or the end of the input, is not JSON.
    case syntax(offset: Int)
    /// A key that its object already has, compared after unescaping.
    case duplicateKey(offset: Int)
    /// One object or array too many inside one another.
    case tooDeep(offset: Int, limit: Int)
    /// More bytes than the limit; the offset is that of the first byte too many.
    case tooLarge(offset: Int, limit: Int)
    /// Something other than white space follows the value.
    case trailingBytes(offset: Int)
    /// A JSON value of another kind where an object is required.
    case notAnObject(offset: Int)
    /// A known field holds a value of a kind that it cannot have.
    case wrongType(offset: Int, path: String)
    /// An object without `operations` and with members that a list does not have: the first few
    /// of them, and how many there are. The names are untrusted text.
    case noOperations(offset: Int, found: [String], count: Int)

    /// Where reading stopped.
    package var offset: Int {
        switch self {
        case .notUTF8(let offset), .syntax(let offset), .duplicateKey(let offset),
            .trailingBytes(let offset), .notAnObject(let offset), .tooDeep(let offset, _),
            .tooLarge(let offset, _), .wrongType(let offset, _), .noOperations(let offset, _, _):
            offset
        }
    }

    /// For people: where, then what is wrong.
    package var description: String {
        switch self {
        case .notUTF8(let offset): "byte \(offset): text is not UTF-8"
        case .syntax(let offset): "byte \(offset): not JSON"
        case .duplicateKey(let offset): "byte \(offset): the object already has this key"
        case .tooDeep(let offset, let limit):
            "byte \(offset): nested deeper than \(limit) levels"
        case .tooLarge(_, let limit): "larger than \(limit) bytes"
        case .trailingBytes(let offset): "byte \(offset): something follows the value"
        case .notAnObject(let offset): "byte \(offset): an object is required"
        case .wrongType(let offset, let path): "byte \(offset): \(path) has the wrong type"
        case .noOperations(_, let found, let count):
            "no operations, but " + found.map(Self.harmless).joined(separator: ", ")
                + (count > found.count ? " and \(count - found.count) more" : "")
        }
    }

    /// A name as it may stand in a message: short, and nothing but visible ASCII.
    private static func harmless(_ name: String) -> String {
        let scalars = name.unicodeScalars
        let kept = scalars.prefix(32).map { scalar in
            (0x21...0x7E).contains(scalar.value)
                ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        let text = kept.joined() + (scalars.count > kept.count ? "…" : "")
        return text.isEmpty ? "\"\"" : text
    }
}
