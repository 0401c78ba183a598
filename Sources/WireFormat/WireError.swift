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

    /// Where reading stopped.
    package var offset: Int {
        switch self {
        case .notUTF8(let offset), .syntax(let offset), .duplicateKey(let offset),
            .trailingBytes(let offset), .notAnObject(let offset), .tooDeep(let offset, _),
            .tooLarge(let offset, _), .wrongType(let offset, _):
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
        }
    }
}
