import WireFormat

/// How far the `Date`s of an endpoint were from true time, where they agreed with the local clock.
struct EndpointView: Sendable {
    let endpoint: String
    /// Most that a `Date` was ahead of true time; zero at least.
    private(set) var lead = Duration.zero
    /// Most that one was behind.
    private(set) var lag = Duration.zero

    init(_ endpoint: String) { self.endpoint = endpoint }

    mutating func see(_ date: Timestamp, at trueTime: Timestamp) {
        let ahead = date.duration(since: trueTime)
        lead = max(lead, ahead)
        lag = max(lag, .zero - ahead)
    }

    /// How much longer than true time a span by server time can be.
    var swing: Duration { lead + lag }
}
