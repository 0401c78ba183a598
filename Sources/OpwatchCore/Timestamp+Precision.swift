import WireFormat

extension Timestamp {
    /// Whether both are one instant, told in different precision: one is the other cut to whole
    /// seconds, milliseconds or microseconds.
    func isSame(as other: Timestamp) -> Bool {
        guard seconds == other.seconds else { return false }
        let (coarse, fine) = (
            min(nanoseconds, other.nanoseconds), max(nanoseconds, other.nanoseconds)
        )
        return coarse == fine
            || [1_000_000_000, 1_000_000, 1_000].contains { coarse == fine - fine % $0 }
    }
}
