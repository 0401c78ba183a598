import WireFormat

/// One thing that the daemon did, or left undone, against its specification.
struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// True time at which it was found.
    let at: Timestamp
    /// Short and stable: the raw value of a `RuleName`.
    let rule: String
    /// One sentence: the operation, what was done, what is true.
    let story: String

    var description: String { "\(at.seconds): \(rule): \(story)" }
}
