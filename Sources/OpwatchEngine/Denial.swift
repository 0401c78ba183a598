import OpwatchCore

/// What the service has denied.
struct Denial {
    /// Its cancels are shut until then, but for the trial that follows.
    private(set) var until: ContinuousClock.Instant?
    /// Names the permission, in the words of the service.
    private(set) var reason = ""
    private var denied: OperationIdentity?

    /// One operation's cancel was denied; the service's are shut once that is repeated on another.
    mutating func deny(
        _ operation: OperationIdentity, reason: String, until instant: ContinuousClock.Instant
    ) {
        self.reason = reason
        if until != nil || denied.map({ $0 != operation }) ?? false { until = instant }
        denied = operation
    }

    /// A cancel was not denied.
    mutating func end() {
        self = Denial()
    }
}
