package import WireFormat

/// The fields of `intent`: what will be cancelled, why, and under which policy.
package struct IntentRecord: Sendable, Equatable {
    package var id: IntentID
    package var operation: OperationIdentity
    package var service: String
    package var serverTime: Timestamp
    package var created: Timestamp
    package var clock: Clock
    package var age: Duration
    package var timeout: Duration
    package var deadline: Timestamp
    package var rule: String
    package var policy: PolicyHash
    /// Counts accepted attempts from 1; an unanswered intent does not use its number up.
    package var attempt: Int
    /// What became of the earlier intents of the operation.
    package var earlier: EarlierIntents

    package init(
        id: IntentID, operation: OperationIdentity, service: String, serverTime: Timestamp,
        created: Timestamp, clock: Clock, age: Duration, timeout: Duration,
        deadline: Timestamp, rule: String, policy: PolicyHash, attempt: Int,
        earlier: EarlierIntents = EarlierIntents()
    ) {
        self.id = id
        self.operation = operation
        self.service = service
        self.serverTime = serverTime
        self.created = created
        self.clock = clock
        self.age = age
        self.timeout = timeout
        self.deadline = deadline
        self.rule = rule
        self.policy = policy
        self.attempt = attempt
        self.earlier = earlier
    }
}

extension IntentRecord {
    init(from line: borrowing FieldReader) throws(FieldReader.BadField) {
        self.init(
            id: try line.intent(), operation: try line.operation(),
            service: try line.text(.service), serverTime: try line.time(.serverTime),
            created: try line.time(.created), clock: try line.clock(),
            age: try line.duration(.age), timeout: try line.duration(.timeout),
            deadline: try line.time(.deadline), rule: try line.text(.rule),
            policy: PolicyHash(try line.text(.policy)), attempt: try line.count(.attempt),
            earlier: try EarlierIntents(from: line))
    }

    func write(to line: inout FieldWriter) throws(FieldWriter.Unwritable) {
        try line.intent(id)
        try line.operation(operation)
        try line.name(.service, service)
        line.time(.serverTime, serverTime)
        line.time(.created, created)
        line.prose(.clock, clock.description)
        line.duration(.age, age)
        line.duration(.timeout, timeout)
        line.time(.deadline, deadline)
        try line.name(.rule, rule)
        try line.name(.policy, policy.description)
        line.number(.attempt, Int64(attempt))
        earlier.write(to: &line)
    }
}

extension EarlierIntents {
    /// What an earlier version did not tell was nothing.
    fileprivate init(from line: borrowing FieldReader) throws(FieldReader.BadField) {
        self.init()
        if line.has(.refusals) { refusals = try line.count(.refusals) }
        if line.has(.unanswered) { unanswered = try line.count(.unanswered) }
        if line.has(.wordless) { wordless = try line.count(.wordless) }
        mayHaveArrived = try line.optionalFlag(.arrived)
    }

    /// What is nothing is not told.
    fileprivate func write(to line: inout FieldWriter) {
        if refusals > 0 { line.number(.refusals, Int64(refusals)) }
        if unanswered > 0 { line.number(.unanswered, Int64(unanswered)) }
        if mayHaveArrived { line.flag(.arrived, true) }
        if wordless > 0 { line.number(.wordless, Int64(wordless)) }
    }
}
