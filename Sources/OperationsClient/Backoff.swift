package import OpwatchCore

/// The pauses between the tries of one list or get: 0.5 s doubling to 10 s, with full jitter.
///
/// Pure: chance is an argument.
package struct Backoff: Sendable {
    /// Requests of one call, the first included.
    package static let triesMax = 4
    /// The upper end of the first pause.
    package static let first = Duration.milliseconds(500)
    /// The upper end of any pause; a server that asks for more is left to the caller.
    package static let ceiling = Duration.seconds(10)

    private var tries = 0
    private let triesMax: Int

    package init(triesMax: Int = Backoff.triesMax) {
        self.triesMax = triesMax
    }

    /// How long to wait before the next try; nil gives the failure to the caller.
    ///
    /// - Parameters:
    ///   - failure: what came of the try that just ended.
    ///   - closedUnanswered: the server closed the connection before it answered. That is what
    ///     an idle pooled connection looks like, so the first time the next try follows at once.
    ///   - jitter: a random duration between zero and the given one.
    package mutating func pause(
        after failure: CallFailure, closedUnanswered: Bool, jitter: (Duration) -> Duration
    ) -> Duration? {
        tries += 1
        guard failure.isRetryable, tries < triesMax else { return nil }
        if closedUnanswered && tries == 1 { return .zero }
        let asked = failure.retryAfter ?? .zero
        if asked > Self.ceiling { return nil }
        let limit = min(Self.first * (1 << (tries - 1)), Self.ceiling)
        return max(jitter(limit), asked)
    }
}
