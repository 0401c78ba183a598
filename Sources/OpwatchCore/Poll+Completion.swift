extension Poll {
    /// What a complete walk proves.
    package struct Completion: Sendable {
        /// Ready for the gate, oldest deadline first, each with its confirmations.
        package var candidates: [Candidate] = []
        /// Tracked by this partition, not listed, without an open cancel: to be fetched.
        package var absent: [OperationRef] = []
        /// Listed so that it may be another one of the name: to be fetched.
        package var doubted: [OperationRef] = []
        /// Clocks that have come to half of their `stalled` timeout.
        package var stallings: [JournalRecord] = []
    }

    /// An operation that asks for the gate.
    package struct Candidate: Sendable, Equatable {
        /// Stands for the operation only while the state `holds` the candidate.
        package let operation: OperationRef
        /// Of the operation, because its place may be another's by now.
        package let serial: UInt32
        /// Why it is to be cancelled.
        package let due: Due
        /// The `@type` of its metadata, empty where it has none.
        package let metadataType: String
        /// Complete polls in a row, this one included, in which it was overdue.
        package let confirmations: Int
    }
}
