/// Which complete poll of which row of polls.
struct PollStamp: Sendable, Equatable {
    let partition: Int
    /// Counts the complete polls of the partition.
    let ordinal: Int
    /// Counts gaps and starts; a row does not reach over one.
    let gap: Int
    /// Counts policies; a row does not reach over one.
    let policy: Int

    /// Whether it is the complete poll right behind the other one, in the same row.
    func follows(_ other: PollStamp) -> Bool {
        partition == other.partition && ordinal == other.ordinal + 1 && gap == other.gap
            && policy == other.policy
    }
}
