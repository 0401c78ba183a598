/// Proof that an intent is durable in the journal; made by the journal, used up by the gate.
///
/// Not copyable: one recorded intent can lead to one permit at most.
package struct RecordedIntent: ~Copyable, Sendable {
    package let intent: JournalRecord.Intent

    /// Only for a journal whose `fdatasync` of the intent's line returned success.
    package init(durable intent: JournalRecord.Intent) {
        self.intent = intent
    }
}

/// The right to send one `:cancel`; issued by the gate alone, used up by the sender.
package struct CancelPermit: ~Copyable, Sendable {
    package let intent: IntentID
    package let operation: OperationIdentity
    /// The sender compares this as its last act before the request leaves.
    package let expires: ContinuousClock.Instant

    init(intent: IntentID, operation: OperationIdentity, expires: ContinuousClock.Instant) {
        self.intent = intent
        self.operation = operation
        self.expires = expires
    }
}

/// What came back for a `:cancel`: "asked", never "cancelled".
package struct Asked: Sendable, Equatable {
    /// The status of the answer, 200...299.
    package let httpStatus: Int

    package init(httpStatus: Int) {
        self.httpStatus = httpStatus
    }
}
