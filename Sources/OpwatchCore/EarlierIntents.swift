/// What the intents of an operation before the latest one have led to, beside those that the
/// service accepted.
package struct EarlierIntents: Sendable, Equatable {
    /// Refusals that may pass.
    package var refusals = 0
    /// Requests without an answer that counts.
    package var unanswered = 0
    /// Whether one of them may have arrived without an answer; holds until the operation ends.
    package var mayHaveArrived = false
    /// The HTTP status of the last answer where that came without a word; 0 otherwise.
    package var wordless = 0

    /// None yet.
    package init() {}
}
