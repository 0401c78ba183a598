/// Why a breaker opens.
package struct BreakerCause: Sendable, Equatable {
    /// By what it closes again.
    package enum Kind: String, Sendable, Equatable, CaseIterable {
        /// Rounds of polls whose share is below the limit.
        case share
        /// An hour.
        case failedCancels
    }

    /// nil where an earlier version did not write it down: then it rests for the hour.
    package let kind: Kind?
    /// With its figures, for people.
    package let words: String

    package init(_ kind: Kind?, words: String) {
        self.kind = kind
        self.words = words
    }

    /// Too much of what runs would be cancelled.
    static func share(cancellable: Int, live: Int, limitPercent: Int) -> Self {
        Self(
            .share,
            words: "\(cancellable) of \(live) live operations would be cancelled, "
                + "limit \(limitPercent)%")
    }

    /// Too many cancels were refused or defied.
    static func failedCancels(inARow count: Int, limit: Int) -> Self {
        Self(.failedCancels, words: "refused or defied \(count) in a row, limit \(limit)")
    }
}
