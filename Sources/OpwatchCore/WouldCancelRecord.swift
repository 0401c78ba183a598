/// The fields of `wouldCancel`.
package struct WouldCancelRecord: Sendable, Equatable {
    package var operation: OperationIdentity
    package var rule: String
    package var clock: Clock
    package var age: Duration
    package var timeout: Duration

    package init(
        operation: OperationIdentity, rule: String, clock: Clock, age: Duration,
        timeout: Duration
    ) {
        self.operation = operation
        self.rule = rule
        self.clock = clock
        self.age = age
        self.timeout = timeout
    }
}

extension WouldCancelRecord {
    init(from line: borrowing FieldReader) throws(FieldReader.BadField) {
        self.init(
            operation: try line.operation(), rule: try line.text(.rule), clock: try line.clock(),
            age: try line.duration(.age), timeout: try line.duration(.timeout))
    }

    func write(to line: inout FieldWriter) throws(FieldWriter.Unwritable) {
        try line.operation(operation)
        try line.name(.rule, rule)
        line.prose(.clock, clock.description)
        line.duration(.age, age)
        line.duration(.timeout, timeout)
    }
}
