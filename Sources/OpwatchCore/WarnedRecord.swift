package import WireFormat

/// The fields of `warned`; age and timeout are what the clock showed and what was allowed.
package struct WarnedRecord: Sendable, Equatable {
    package var operation: OperationIdentity
    package var rule: String
    package var clock: Clock
    package var deadline: Timestamp
    package var age: Duration
    package var timeout: Duration
    package var at: Timestamp
    package var mode: Mode
    /// Of the rule's action and match; nil in lines of earlier versions.
    package var ruleHash: RuleHash?
    /// Whether it was written in `enforce`, by a cancel rule, while the service's clock and
    /// ours agreed; no other warning makes a cancel possible.
    package var isNotice: Bool

    package init(
        operation: OperationIdentity, rule: String, clock: Clock, deadline: Timestamp,
        age: Duration, timeout: Duration, at: Timestamp, mode: Mode,
        ruleHash: RuleHash? = nil, isNotice: Bool = false
    ) {
        self.operation = operation
        self.rule = rule
        self.clock = clock
        self.deadline = deadline
        self.age = age
        self.timeout = timeout
        self.at = at
        self.mode = mode
        self.ruleHash = ruleHash
        self.isNotice = isNotice
    }
}

extension WarnedRecord {
    init(from line: borrowing FieldReader) throws(FieldReader.BadField) {
        self.init(
            operation: try line.operation(), rule: try line.text(.rule), clock: try line.clock(),
            deadline: try line.time(.deadline), age: try line.duration(.age),
            timeout: try line.duration(.timeout), at: try line.time(.serverTime),
            mode: try line.mode(), ruleHash: try line.optionalText(.ruleHash).map { RuleHash($0) },
            isNotice: try line.optionalFlag(.notice))
    }

    func write(to line: inout FieldWriter) throws(FieldWriter.Unwritable) {
        try line.operation(operation)
        line.time(.serverTime, at)
        try line.name(.rule, rule)
        line.prose(.clock, clock.description)
        line.time(.deadline, deadline)
        line.duration(.age, age)
        line.duration(.timeout, timeout)
        line.prose(.mode, mode.rawValue)
        if let ruleHash { try line.name(.ruleHash, ruleHash.description) }
        if isNotice { line.flag(.notice, true) }
    }
}
