package import OpwatchCore
package import WireFormat

/// What a step of the engine asks the outside to do, in this order: make records and intents
/// durable, send requests and the permit, tell reports.
package struct Effects: ~Copyable, Sendable {
    /// One batch, in this order.
    package fileprivate(set) var records: [JournalRecord] = []
    /// Each alone, after the records; what is durable comes back by `Engine.take(recorded:)`.
    package fileprivate(set) var intents: [DraftIntent] = []
    /// Sent now.
    package fileprivate(set) var requests: [(id: RequestID, request: Request)] = []
    /// At most one a step, and never beside records: those are durable before a cancel leaves.
    package fileprivate(set) var permit: OutgoingPermit?
    /// The transitions of the step, in their order.
    package fileprivate(set) var reports: [Report] = []
    /// Services that are reached from now on, or reached otherwise; nil: no longer.
    package fileprivate(set) var connections: [(id: ServiceID, service: WatchedService?)] = []
    /// The newest time of a service whose clock agrees with ours, where a poll told one.
    package fileprivate(set) var serverTime: Timestamp?

    init() {}

    /// - Parameter permit: nil where none leaves.
    init(
        _ outbox: Outbox, requests: [(id: RequestID, request: Request)] = [],
        permit: consuming OutgoingPermit? = nil
    ) {
        records = outbox.records
        intents = outbox.intents
        reports = outbox.reports
        connections = outbox.connections
        serverTime = outbox.serverTime
        self.requests = requests
        self.permit = permit
    }

    /// Hands the permit out; nil where there is none.
    package mutating func takePermit() -> OutgoingPermit? { permit.take() }
}

/// What the rooms of the engine want done, until the step ends.
struct Outbox {
    var records: [JournalRecord] = []
    var intents: [DraftIntent] = []
    var reports: [Report] = []
    var connections: [(id: ServiceID, service: WatchedService?)] = []
    var serverTime: Timestamp?
}

/// An intent that waits for its number, which is that of its line in the journal.
package struct DraftIntent: Sendable {
    /// Whose cancel it is.
    package let service: ServiceID
    private var intent: JournalRecord.Intent

    /// - Parameter intent: its id does not count.
    init(_ intent: JournalRecord.Intent, of service: ServiceID) {
        self.intent = intent
        self.service = service
    }

    /// The intent as the journal's line of this number tells it.
    package func numbered(_ id: IntentID) -> JournalRecord.Intent {
        var intent = intent
        intent.id = id
        return intent
    }
}

/// A permit that leaves now, and the request that the answer brings back.
package struct OutgoingPermit: ~Copyable, Sendable {
    package let id: RequestID
    private var permit: CancelPermit

    init(_ id: RequestID, _ permit: consuming CancelPermit) {
        self.id = id
        self.permit = permit
    }

    /// The operation that is cancelled.
    package var operation: OperationIdentity { permit.operation }

    /// Uses it up.
    package consuming func open() -> CancelPermit { permit }
}
