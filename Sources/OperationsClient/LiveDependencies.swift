extension OperationsClient.Dependencies {
    /// The machine's own clock and random numbers.
    package static let live = Self(
        now: { ContinuousClock.now },
        sleep: { try await Task.sleep(for: $0) },
        jitter: { limit in
            // One part in 65,536 is fine enough for a pause and keeps the product exact.
            limit * Int64.random(in: 0...65_536) / 65_536
        }
    )
}
