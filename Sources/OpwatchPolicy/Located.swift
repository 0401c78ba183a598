/// A value of the file that was read, and its place.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let mark: Mark
}
