import OpwatchCore

/// Growing pauses of all cancels of a service whose different operations got no answer that counts.
///
/// One operation alone pauses nobody but itself.
struct CancelPause {
    private(set) var until: ContinuousClock.Instant?
    /// The last operation that stayed without an answer.
    private var unanswered: OperationIdentity?
    private var pause = CancelPause.shortest

    private static let shortest = Duration.seconds(5)
    private static let longest = Duration.seconds(300)

    /// Nothing that counts was said of the operation.
    mutating func noAnswer(
        about operation: OperationIdentity, at now: ContinuousClock.Instant
    ) {
        defer { unanswered = operation }
        guard let unanswered, unanswered != operation else { return }
        until = now.advanced(by: pause)
        pause = min(pause * 2, Self.longest)
    }

    mutating func end() {
        self = CancelPause()
    }
}
